"""Every `[[example]]` of a shipped rule file is a test."""

from __future__ import annotations

from typing import Any

import pytest

from newsarchive.clean import clean_article
from newsarchive.clean.rule_files import load_rules
from newsarchive.clean.rules import Example, Rule, RuleBook
from newsarchive.config.build_config import SHIPPED_RULES
from newsarchive.models import Facts, RawArticle, RawHtml

RULES = load_rules([SHIPPED_RULES]).rules
EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.name}: {example.name}") for rule in RULES for example in rule.examples
]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_a_rule_does_what_its_example_says(rule: Rule, example: Example) -> None:
    source = next(iter(rule.sources), "")
    raw = RawArticle("example.md", "例", {"categories": ["例", source]}, RawHtml(f"<div>{example.raw}</div>"))

    clean = clean_article(raw, RuleBook((rule,)), max_depth=100)

    assert clean.html.strip() == example.clean.strip()
    assert {name: _fact(clean.facts, name) for name in example.facts} == dict(example.facts)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_shipped_rule_file_has_examples(rule: Rule) -> None:
    assert rule.examples


def _fact(facts: Facts, name: str) -> Any:
    return [ticker.code for ticker in facts.tickers] if name == "ticker" else getattr(facts, name)
