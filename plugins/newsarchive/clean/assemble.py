"""The end of the clean stage: sanitise each block and put the blocks together as a CleanArticle.

Blocks are sanitised one by one and not edited afterwards. Later steps may only drop whole blocks or images
(`repetition`): dropping a block cannot make the article dangerous, and a block that loses an image is sanitised again.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from newsarchive.clean.block import Block
from newsarchive.clean.cleaning_context import CleaningContext
from newsarchive.clean.dom import markup_to_text
from newsarchive.clean.sanitise import sanitise
from newsarchive.models import IN_TAG, CleanArticle, CleanHtml, Image


def assemble_article(context: CleaningContext, blocks: Iterable[Block]) -> CleanArticle:
    """Return the CleanArticle of a context whose body was split into `blocks`."""
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
        **_content_fields(clean, lines),
        removed=dict(sorted(context.removed.items())),
    )


def _unwrap_dead_links(markup: str) -> str:
    """Replace links without an address by their words."""
    return _LINK_WITHOUT_ADDRESS.sub(r"\1", markup) if "<a" in markup else markup


_LINK_WITHOUT_ADDRESS = re.compile(r"<a(?: (?:class|id)=\"[^\"]*\")*>(.*?)</a>", re.DOTALL)


def drop_blocks(article: CleanArticle, reasons: Mapping[int, str]) -> CleanArticle:
    """Return `article` without some of its blocks.

    `reasons` maps the index of each block to drop to the signal that drops it.
    """
    if not reasons:
        return article
    numbered = enumerate(zip(article.blocks, lines_of(article), strict=True))
    kept = [pair for index, pair in numbered if index not in reasons]
    removed = dict(article.removed)
    for reason in reasons.values():
        removed[reason] = removed.get(reason, 0) + 1
    contents = _content_fields([block for block, _ in kept], (line for _, line in kept))
    return replace(article, **contents, removed=dict(sorted(removed.items())))


def drop_images(article: CleanArticle, unwanted: Callable[[str], bool], reason: str) -> CleanArticle:
    """Return `article` without the images at unwanted addresses, and without blocks that held nothing else.

    They are counted under `reason`. What is left of a block is sanitised again, so that the allowlist always
    has the last word.
    """
    kept: list[CleanHtml] = []
    count = 0
    for block in article.blocks:
        dropped = [tag for tag in _IMG.findall(block) if unwanted(_address_of(tag))]
        count += len(dropped)
        if not dropped:
            kept.append(block)
            continue
        markup: str = block
        for tag in dropped:
            markup = markup.replace(tag, "")
        remaining = sanitise(markup)
        if text_of(remaining) or "<img" in remaining:
            kept.append(remaining)
    removed = {**article.removed, reason: article.removed.get(reason, 0) + count}
    return replace(article, **_content_fields(kept, map(text_of, kept)), removed=dict(sorted(removed.items())))


def _address_of(tag: str) -> str:
    """Return the address of an `<img>` tag."""
    return next((html.unescape(value) for name, value in _ATTRIBUTE.findall(tag) if name == "src"), "")


def text_of(block: CleanHtml) -> str:
    """Return the text of one clean block, with white space folded."""
    return " ".join(markup_to_text(block).split())


def lines_of(article: CleanArticle) -> list[str]:
    """Return the text of each block.

    These are the lines of `article.text`, unless some blocks have no text and therefore no line.
    """
    lines = article.text.split("\n")
    return lines if len(lines) == len(article.blocks) else list(map(text_of, article.blocks))


def images_of(block: CleanHtml) -> Iterator[Image]:
    """Yield the images of one clean block."""
    for tag in _IMG.findall(block):
        values = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(tag)}
        yield Image(values.get("src", ""), _size(values, "width"), _size(values, "height"), values.get("alt", ""))


def _content_fields(blocks: Sequence[CleanHtml], lines: Iterable[str]) -> dict[str, Any]:
    """Return the fields of a CleanArticle that follow from its blocks and from the text of each block."""
    return {
        "blocks": tuple(blocks),
        "html": join_blocks(blocks),
        "text": join_lines(lines),
        "images": tuple(image for block in blocks if "<img" in block for image in images_of(block)),
    }


def join_blocks(blocks: Iterable[CleanHtml]) -> CleanHtml:
    """Return the HTML of an article from its blocks."""
    return CleanHtml("\n".join(blocks))


def join_lines(lines: Iterable[str]) -> str:
    """Return the text of an article from the texts of its blocks."""
    return "\n".join(filter(None, lines))


_IMG = re.compile(rf"<img\b{IN_TAG}>")
_ATTRIBUTE = re.compile(r'\s([a-z]+)="([^"]*)"')


def _size(values: Mapping[str, str], name: str) -> int | None:
    """Return an attribute as a number of pixels, None if it is not one."""
    return int(values[name]) if values.get(name, "").isdigit() else None
