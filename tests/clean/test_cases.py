"""The table of what must become of a body, case by case (cases.toml)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from newsarchive.clean import clean_article
from newsarchive.clean.rules import RuleBook
from newsarchive.models import RawArticle, RawHtml

CASES = tomllib.loads(Path(__file__).with_name("cases.toml").read_text("utf-8"))["case"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_a_body_is_cleaned_as_the_table_says(case: dict[str, Any]) -> None:
    raw = RawArticle("case.md", "例_标题_在此", {}, RawHtml(f"<div>   \n{case['raw']}\n</div>"))

    clean = clean_article(raw, RuleBook(), max_depth=100)

    assert clean.html == case["clean"]
    assert {name: getattr(clean.facts, name) for name in case.get("facts", {})} == case.get("facts", {})
