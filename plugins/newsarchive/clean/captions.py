"""Captions: an image and the line under it that speaks of it become a figure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborNode

from newsarchive.clean.block import Block
from newsarchive.clean.boilerplate_patterns import find_pattern

# What editors put under an image: a triangle, or a word for it with a colon or number.
_CAPTION = re.compile(
    r"^(?:[▲△▼▽↑⬆]|(?:图|圖|图片|圖片|图注|图源|图说|题图|圖說)(?:来源|來源)?\s*(?:[:：丨|/／]|\d+\s*[:：.、 ])"
    r"|(?:photo|image|picture|fig(?:ure)?\.?)(?: credit| courtesy| by)?\s*(?:[:：]|\d)"
    r"|[（(](?:图片|圖片)?(?:来源|來源|source)\s*[:：][^）)]{1,40}[）)]$)",
    re.IGNORECASE,
)
_LONGEST_CAPTION = 90
_LONGEST_CENTRED = 60
_CENTRED = re.compile(r"text-align\s*:\s*center", re.IGNORECASE)
_CAPTION_NAME = re.compile(
    r"caption|(?:img|image|pic|photo|figure)[-_]?(?:desc|text|intro|note|info|alt|title)|decsimg", re.IGNORECASE
)


def caption_signal(node: LexborNode) -> str:
    """What a paragraph's own attributes say of its being a caption."""
    given = node.attributes
    if (names := given.get("class")) and _CAPTION_NAME.search(names):
        return "named"
    style = given.get("style")
    return "centred" if given.get("align") == "center" or (style and _CENTRED.search(style)) else ""


def caption_images(blocks: Sequence[Block]) -> Iterator[Block]:
    """An image and the line under it that speaks of it become a figure."""
    image: Block | None = None
    for place, block in enumerate(blocks):
        if image is not None:
            if _is_caption(block, blocks[place + 1 : place + 2]):
                yield Block("figure", f"<figure>{image.inner}<figcaption>{block.inner}</figcaption></figure>")
                image = None
                continue
            yield image
        image = block if _is_lone_image(block) else None
        if image is None:
            yield block
    if image is not None:
        yield image


def _is_caption(block: Block, following: Sequence[Block]) -> bool:
    """A line that says it is one: by its words, by its class, or by being the only centred line."""
    if block.tag != "p" or not block.text or block.has_image or len(block.text) > _LONGEST_CAPTION:
        return False
    if block.caption == "named" or _CAPTION.match(block.text):
        return True
    alone = not any(other.caption == "centred" and not other.has_image for other in following)
    return block.caption == "centred" and alone and len(block.text) <= _LONGEST_CENTRED and not find_pattern(block.text)


def _is_lone_image(block: Block) -> bool:
    return block.has_image and block.tag == "p" and block.html.count("<img") == 1 and not block.text
