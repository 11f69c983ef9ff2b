"""The end of the clean stage: blocks go through the allowlist, each by itself, and become a CleanArticle.

Nothing edits a block afterwards. Whole blocks may still be left out (`repetition`), which cannot make one dangerous.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from newsarchive.clean.block import Block
from newsarchive.clean.cleaning_context import CleaningContext
from newsarchive.clean.dom import words_of
from newsarchive.clean.sanitise import sanitise
from newsarchive.models import IN_TAG, CleanArticle, CleanHtml, Image


def assemble_article(context: CleaningContext, blocks: Iterable[Block]) -> CleanArticle:
    """The CleanArticle of a draft whose structure is `blocks`."""
    clean: list[CleanHtml] = []
    lines: list[str] = []
    for block in blocks:
        if markup := sanitise(_unwrap_dead_links(block.html)):
            clean.append(markup)
            lines.append(block.text if markup == block.html else text_of(markup))
    return CleanArticle(
        raw=context.raw,
        facts=context.facts,
        diagnostics=tuple(context.diagnostics),
        source_length=context.source_length,
        **_contents(clean, lines),
        removed=dict(sorted(context.removed.items())),
    )


def _unwrap_dead_links(markup: str) -> str:
    """Links that lead nowhere are words."""
    return _DEAD_LINK.sub(r"\1", markup) if "<a" in markup else markup


_DEAD_LINK = re.compile(r"<a(?: (?:class|id)=\"[^\"]*\")*>(.*?)</a>", re.DOTALL)


def without_blocks(article: CleanArticle, places: Mapping[int, str]) -> CleanArticle:
    """`article` less the blocks at `places` (index → the sign that says why)."""
    if not places:
        return article
    both = enumerate(zip(article.blocks, lines_of(article), strict=True))
    kept = [each for place, each in both if place not in places]
    removed = dict(article.removed)
    for why in places.values():
        removed[why] = removed.get(why, 0) + 1
    contents = _contents([block for block, _ in kept], (line for _, line in kept))
    return replace(article, **contents, removed=dict(sorted(removed.items())))


def without_images(article: CleanArticle, unwanted: Callable[[str], bool], why: str) -> CleanArticle:
    """`article` less the images at unwanted addresses, and the blocks that were nothing else.

    What is left of a block goes through the allowlist again: it has the last word, always.
    """
    kept: list[CleanHtml] = []
    count = 0
    for block in article.blocks:
        gone = [tag for tag in _IMG.findall(block) if unwanted(_address_of(tag))]
        count += len(gone)
        if not gone:
            kept.append(block)
            continue
        markup: str = block
        for tag in gone:
            markup = markup.replace(tag, "")
        rest = sanitise(markup)
        if text_of(rest) or "<img" in rest:
            kept.append(rest)
    removed = {**article.removed, why: article.removed.get(why, 0) + count}
    return replace(article, **_contents(kept, map(text_of, kept)), removed=dict(sorted(removed.items())))


def _address_of(tag: str) -> str:
    return next((html.unescape(value) for name, value in _ATTRIBUTE.findall(tag) if name == "src"), "")


def text_of(block: CleanHtml) -> str:
    """The words of one clean block, white space folded."""
    return " ".join(words_of(block).split())


def lines_of(article: CleanArticle) -> list[str]:
    """The words of each block: the lines of the text, unless there are blocks without words."""
    lines = article.text.split("\n")
    return lines if len(lines) == len(article.blocks) else list(map(text_of, article.blocks))


def images_of(block: CleanHtml) -> Iterator[Image]:
    """The images of one clean block."""
    for tag in _IMG.findall(block):
        values = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(tag)}
        yield Image(values.get("src", ""), _size(values, "width"), _size(values, "height"), values.get("alt", ""))


def _contents(blocks: Sequence[CleanHtml], lines: Iterable[str]) -> dict[str, Any]:
    """What an article is made of, by its blocks and the text of each."""
    return {
        "blocks": tuple(blocks),
        "html": join_blocks(blocks),
        "text": join_lines(lines),
        "images": tuple(image for block in blocks if "<img" in block for image in images_of(block)),
    }


def join_blocks(blocks: Iterable[CleanHtml]) -> CleanHtml:
    """The HTML of an article, by its blocks."""
    return CleanHtml("\n".join(blocks))


def join_lines(lines: Iterable[str]) -> str:
    """The text of an article, by those of its blocks."""
    return "\n".join(filter(None, lines))


_IMG = re.compile(rf"<img\b{IN_TAG}>")
_ATTRIBUTE = re.compile(r'\s([a-z]+)="([^"]*)"')


def _size(values: Mapping[str, str], name: str) -> int | None:
    return int(values[name]) if values.get(name, "").isdigit() else None
