"""Explain what cleaning did to one article: each line of the source, kept or removed, and by which rule or signal."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsarchive.clean import clean_article
from newsarchive.clean.block import Block
from newsarchive.clean.block_segmentation import cut_into_blocks
from newsarchive.clean.cleaning_context import Removal, open_context
from newsarchive.clean.dom import markup_to_text
from newsarchive.clean.invisible_elements import drop_comments
from newsarchive.clean.repetition import Repetition, drop_repeated
from newsarchive.clean.rules import RuleBook
from newsarchive.models import CleanArticle, RawArticle

_INVISIBLE = "script, style, template, noscript, svg, head, title"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the source as its readers saw it. `reason` is the rule or signal that removed it, "" if it was kept."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """One article before and after cleaning."""

    raw: RawArticle
    clean: CleanArticle
    lines: Sequence[Line]
    removals: Sequence[Removal]


def explain_article(raw: RawArticle, rules: RuleBook, max_depth: int, repetition: Repetition) -> Explanation:
    """Clean an article and record every piece that is removed. `repetition` is what its source is known to repeat."""
    removals: list[Removal] = []
    alone = clean_article(raw, rules, max_depth, removals)
    clean = drop_repeated(alone, repetition)
    gone = [block for block in alone.blocks if block not in clean.blocks]
    removals += [Removal("repeated in the source's other articles", block) for block in gone]
    lines = [Line(text, _fate(text, clean, removals)) for text in _lines_of_source(raw, max_depth)]
    return Explanation(raw, clean, lines, removals)


def _lines_of_source(raw: RawArticle, max_depth: int) -> Iterator[str]:
    draft = open_context(raw, max_depth)
    draft.remove(draft.body.css(_INVISIBLE), "")
    drop_comments(draft)
    for block in cut_into_blocks(draft):
        yield from filter(None, (" ".join(line.split()) for line in _split_lines(block)))


def _split_lines(block: Block) -> list[str]:
    return [markup_to_text(part) for part in block.html.replace("<br/>", "<br>").split("<br>")]


def _fate(line: str, clean: CleanArticle, removals: Sequence[Removal]) -> str:
    """Return "" for a line that was kept, else the reason of the removal that contains it."""
    folded = _fold(line)
    if not folded or folded in _fold(clean.text):
        return ""
    for removal in removals:
        piece = _fold(markup_to_text(removal.piece))
        if piece and (folded in piece or piece in folded):
            return removal.reason
    return "changed in place"


def _fold(text: str) -> str:
    return "".join(html.unescape(text).split())


def as_text(explanation: Explanation) -> str:
    """Return the lines of the source, `-` before those that were removed and the reason after them."""
    facts = explanation.clean.facts
    known = {name: getattr(facts, name) for name in ("original_title", "byline", "editor", "origin", "original_url")}
    head = [f"{explanation.raw.source}: kept {1 - explanation.clean.removed_share:.0%} of the visible text"]
    head += [f"fact {name}: {value}" for name, value in known.items() if value]
    head += [f"fact ticker: {ticker.code} {ticker.name}" for ticker in facts.tickers]
    body = [f"- {line.text}    [{line.reason}]" if line.reason else f"  {line.text}" for line in explanation.lines]
    unseen = [f"{count} × {why}" for why, count in explanation.clean.removed.items()]
    return "\n".join([*head, "", *body, "", "removed: " + ("; ".join(unseen) or "nothing")]) + "\n"


def write_html(explanation: Explanation, target: Path) -> None:
    """Write a page: the lines of the source at the left, the clean article at the right, the removed pieces below."""
    rows = "\n".join(
        f"<p class=gone>{html.escape(line.text)} <b>{html.escape(line.reason)}</b></p>"
        if line.reason
        else f"<p>{html.escape(line.text)}</p>"
        for line in explanation.lines
    )
    pieces = "\n".join(
        f"<tr><td>{html.escape(removal.reason)}<td>{html.escape(markup_to_text(removal.piece)[:300])}"
        f"<td><code>{html.escape(removal.piece[:500])}</code>"
        for removal in explanation.removals
    )
    title = html.escape(explanation.raw.title or explanation.raw.source)
    target.write_text(
        _PAGE.format(title=title, rows=rows, clean=explanation.clean.html, pieces=pieces), "utf-8", errors="replace"
    )


# The page holds scraped text, so its policy lets no script run, and lets nothing but images be fetched.
_PAGE = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src https: data:; style-src 'unsafe-inline'">
<style>
body {{ font: 16px/1.6 system-ui, sans-serif; margin: 2em; }}
main {{ display: grid; grid-template-columns: 1fr 1fr; gap: 3em; }}
.gone {{ background: #fbe4de; }} .gone b {{ font-size: 80%; color: #b3391f; }}
img {{ max-width: 100%; }}
td {{ vertical-align: top; border-top: 1px solid #ccc; padding: 4px; overflow-wrap: anywhere; }}
</style></head><body><h1>{title}</h1>
<main><section><h2>Source</h2>
{rows}
</section><section><h2>Clean</h2>
{clean}
</section></main>
<h2>Removed</h2><table>{pieces}</table></body></html>
"""
