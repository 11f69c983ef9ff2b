"""Stage 2, clean: turn scraped HTML into the article's own text, readable and safe.

`clean_article` is the entry point. What several articles of one source repeat is removed later, by `clean.repetition`,
because a single article cannot show it. The steps always run in this order:

1. open: repair the markup, render Markdown, apply size limits, parse once as HTML5 (`cleaning_context`)
2. repair images, links and players (`dom_repair`)
3. extract facts that rules name, because comments and hidden elements hold some (`rule_engine`)
4. remove what readers of the source never saw (`invisible_elements`)
5. apply the rules of the source (`rule_engine`)
6. remove boilerplate by class and id (`class_id_heuristics`), and normalise code (`code`)
7. split the tree into blocks (`block_segmentation`)
8. extract facts from lines, and remove boilerplate at the head and the tail (`metadata_lines`, `boilerplate`)
9. sanitise: the allowlist is always last (`assemble`, `sanitise`)
"""

from __future__ import annotations

from newsarchive.clean.assemble import assemble_article
from newsarchive.clean.block_segmentation import cut_into_blocks, level_headings
from newsarchive.clean.boilerplate import drop_boilerplate
from newsarchive.clean.class_id_heuristics import drop_by_class_or_id
from newsarchive.clean.cleaning_context import Removal, open_context
from newsarchive.clean.code import normalise_code
from newsarchive.clean.dom_repair import repair_dom
from newsarchive.clean.head_tail import split_lines_at_ends
from newsarchive.clean.invisible_elements import drop_invisible
from newsarchive.clean.metadata_lines import extract_facts_from_lines
from newsarchive.clean.rule_engine import apply_rule, extract_facts
from newsarchive.clean.rules import RuleBook
from newsarchive.models import CleanArticle, RawArticle

__all__ = ["clean_article"]


def clean_article(raw: RawArticle, rules: RuleBook, max_depth: int, trace: list[Removal] | None = None) -> CleanArticle:
    """Return the readable article in `raw`. Never raises because of what a body contains.

    `rules` are the rules of the site; those that match the article apply. Elements nested deeper than `max_depth` are
    flattened. If `trace` is a list, every removed piece is appended to it, with its reason.

    >>> raw = RawArticle("a.md", "桥", {}, RawHtml("<p>桥建好了。</p><script>track()</script>"))
    >>> clean_article(raw, RuleBook(), max_depth=100).html
    '<p>桥建好了。</p>'
    """
    matching = rules.for_article(raw)
    context = open_context(raw, max_depth, base=next((rule.base for rule in matching if rule.base), ""))
    context.trace = trace
    repair_dom(context)
    for rule in matching:
        extract_facts(context, rule)
    drop_invisible(context)
    for rule in matching:
        apply_rule(context, rule)
    drop_by_class_or_id(context)
    normalise_code(context)
    blocks = split_lines_at_ends(cut_into_blocks(context))
    blocks = extract_facts_from_lines(blocks, context)
    blocks = drop_boilerplate(blocks, context)
    return assemble_article(context, level_headings(blocks))
