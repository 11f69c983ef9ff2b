"""Captions: combine an image and the line below it that describes it into a figure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborNode

from newsarchive.clean.block import Block
from newsarchive.clean.boilerplate_patterns import find_pattern

# How editors start a caption: with a triangle, or a word for image with a colon or number.
_CAPTION = re.compile(
    r"^(?:[▲△▼▽↑⬆]|(?:图|圖|图片|圖片|图注|图源|图说|题图|圖說)(?:来源|來源)?\s*(?:[:：丨|/／]|\d+\s*[:：.、 ])"
    r"|(?:photo|image|picture|fig(?:ure)?\.?)(?: credit| courtesy| by)?\s*(?:[:：]|\d)"
    r"|[（(](?:图片|圖片)?(?:来源|來源|source)\s*[:：][^）)]{1,40}[）)]$)",
    re.IGNORECASE,
)
_MAX_CAPTION_LENGTH = 90
_MAX_CENTRED_LENGTH = 60
_CENTRED = re.compile(r"text-align\s*:\s*center", re.IGNORECASE)
_CAPTION_CLASS = re.compile(
    r"caption|(?:img|image|pic|photo|figure)[-_]?(?:desc|text|intro|note|info|alt|title)|decsimg", re.IGNORECASE
)


def caption_signal(node: LexborNode) -> str:
    """Return why a paragraph's attributes suggest that it is a caption: "named", "centred" or ""."""
    attributes = node.attributes
    if (classes := attributes.get("class")) and _CAPTION_CLASS.search(classes):
        return "named"
    style = attributes.get("style")
    return "centred" if attributes.get("align") == "center" or (style and _CENTRED.search(style)) else ""


def caption_images(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield `blocks`, with each image and the caption that follows it as one figure."""
    image: Block | None = None
    for index, block in enumerate(blocks):
        if image is not None:
            if _is_caption(block, blocks[index + 1 : index + 2]):
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
    """Return True if `block` is the caption of the image before it.

    It is one by its class, by its words ("图：…", "▲ …"), or because it is a short centred line that no other centred
    line follows.
    """
    if block.tag != "p" or not block.text or block.has_image or len(block.text) > _MAX_CAPTION_LENGTH:
        return False
    if block.caption == "named" or _CAPTION.match(block.text):
        return True
    if block.caption != "centred" or len(block.text) > _MAX_CENTRED_LENGTH or find_pattern(block.text):
        return False
    return not any(other.caption == "centred" and not other.has_image for other in following)


def _is_lone_image(block: Block) -> bool:
    """Return True for a paragraph that is one image and nothing else."""
    return block.has_image and block.tag == "p" and block.html.count("<img") == 1 and not block.text
