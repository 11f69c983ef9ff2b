"""Stage 2, clean: scraped HTML → what the article says, readable and safe.

The order is fixed: open (braces, Markdown, limits, one HTML5 parse) → repair → facts that rules name → junk no reader
ever sees → source rules → structure → boilerplate lines and facts at head and tail → the allowlist, always last.
"""

from __future__ import annotations

from newsarchive.clean.assemble import assemble_article
from newsarchive.clean.block_segmentation import cut_into_blocks, level_headings
from newsarchive.clean.boilerplate import drop_boilerplate
from newsarchive.clean.class_id_heuristics import drop_by_class_or_id
from newsarchive.clean.cleaning_context import Removal, open_context
from newsarchive.clean.code import normalise_code
from newsarchive.clean.dom_repair import repair_dom
from newsarchive.clean.head_tail import split_broken_lines
from newsarchive.clean.invisible_elements import drop_invisible
from newsarchive.clean.metadata_lines import take_facts_from_lines
from newsarchive.clean.rule_engine import apply_rule, take_named_facts
from newsarchive.clean.rules import RuleBook
from newsarchive.models import CleanArticle, RawArticle

__all__ = ["clean_article"]


def clean_article(raw: RawArticle, rules: RuleBook, max_depth: int, trace: list[Removal] | None = None) -> CleanArticle:
    """The readable article in `raw`. Never raises for what a body holds. Pieces taken out are put into `trace`."""
    matching = rules.for_article(raw)
    context = open_context(raw, max_depth, base=next((rule.base for rule in matching if rule.base), ""))
    context.trace = trace
    repair_dom(context)
    for rule in matching:
        take_named_facts(context, rule)
    drop_invisible(context)
    for rule in matching:
        apply_rule(context, rule)
    drop_by_class_or_id(context)
    normalise_code(context)
    blocks = split_broken_lines(cut_into_blocks(context))
    blocks = take_facts_from_lines(blocks, context)
    blocks = drop_boilerplate(blocks, context)
    return assemble_article(context, level_headings(blocks))
