"""Stage 2, clean: scraped HTML → what the article says, readable and safe.

The order is fixed: open (braces, Markdown, limits, one HTML5 parse) → repair → facts that rules name → junk no reader
ever sees → source rules → structure → boilerplate lines and facts at head and tail → the allowlist, always last.
"""

from __future__ import annotations

from newsarchive.articles import CleanArticle, RawArticle
from newsarchive.clean.boilerplate import drop_boilerplate
from newsarchive.clean.code import settle_code
from newsarchive.clean.draft import Removal, open_draft
from newsarchive.clean.ends import split_broken_lines
from newsarchive.clean.facts import take_facts_from_lines
from newsarchive.clean.junk import drop_unseen
from newsarchive.clean.names import drop_named
from newsarchive.clean.repair import repair
from newsarchive.clean.rule_engine import apply_rule, take_named_facts
from newsarchive.clean.rules import RuleBook
from newsarchive.clean.seal import seal_draft
from newsarchive.clean.structure import cut_into_blocks, level_headings

__all__ = ["clean_article"]


def clean_article(raw: RawArticle, rules: RuleBook, max_depth: int, trace: list[Removal] | None = None) -> CleanArticle:
    """The readable article in `raw`. Never raises for what a body holds. Pieces taken out are put into `trace`."""
    matching = rules.for_article(raw)
    draft = open_draft(raw, max_depth, base=next((rule.base for rule in matching if rule.base), ""))
    draft.trace = trace
    repair(draft)
    for rule in matching:
        take_named_facts(draft, rule)
    drop_unseen(draft)
    for rule in matching:
        apply_rule(draft, rule)
    drop_named(draft)
    settle_code(draft)
    blocks = split_broken_lines(cut_into_blocks(draft))
    blocks = take_facts_from_lines(blocks, draft)
    blocks = drop_boilerplate(blocks, draft)
    return seal_draft(draft, level_headings(blocks))
