"""Boilerplate removal: drop blocks that are not part of the article, judged one by one.

Blocks go anywhere by `block_signals`, and at either end by `head_tail`. What a source repeats over several articles is
left to `repetition`.
"""

from __future__ import annotations

import re
from dataclasses import replace

from newsarchive.clean.addresses import is_affiliate
from newsarchive.clean.block import Block
from newsarchive.clean.block_signals import is_player_link, signal_anywhere
from newsarchive.clean.cleaning_context import CleaningContext
from newsarchive.clean.head_tail import (
    drop_head,
    drop_separators_at_ends,
    drop_tail,
    drop_trailing_links,
    record_removed_block,
    rejoin_lines_at_ends,
)

_TITLE_BLOCKS = 3  # a repeated title is one of these
_LINK = re.compile(r'<a\b[^>]*?href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)


def drop_boilerplate(blocks: list[Block], context: CleaningContext) -> list[Block]:
    """Return `blocks` without a repeated title, credits, advertisements, and boilerplate at either end.

    The lines of the first and last paragraph come as separate blocks (`split_lines_at_ends`) and are joined again.
    """
    blocks = _drop_repeated_title(blocks, context)
    blocks = _drop_anywhere(blocks, context)
    blocks = drop_trailing_links(blocks, context)
    blocks = drop_tail(blocks, context)
    return drop_separators_at_ends(rejoin_lines_at_ends(drop_head(blocks, context)))


def _drop_repeated_title(blocks: list[Block], context: CleaningContext) -> list[Block]:
    """Drop the first line if it repeats the title.

    It stays if it is the only text, or if it is the article's first sentence.
    """
    title = context.raw.title
    for index, block in enumerate(blocks[:_TITLE_BLOCKS]):
        if block.has_image or is_player_link(block):  # a lead image may precede the title
            continue
        is_sentence = block.text.endswith("。") and not title.endswith("。")
        is_only_text = not any(other.text for other in blocks if other is not block)
        if _is_same_text(block.text, title) and not is_sentence and not is_only_text:
            context.record_removal("repeated title", block.html)
            return [*blocks[:index], *blocks[index + 1 :]]
        break
    return blocks


def _is_same_text(text: str, title: str) -> bool:
    """Return True if two texts are equal apart from white space and punctuation, which crawlers replace in titles."""
    return bool(title_text := _letters_and_digits(title)) and _letters_and_digits(text) == title_text


def _letters_and_digits(text: str) -> str:
    """Return the letters and digits of a text."""
    return re.sub(r"[\W_]+", "", text)


def _drop_anywhere(blocks: list[Block], context: CleaningContext) -> list[Block]:
    """Drop blocks that are boilerplate wherever they are: credits, labels, and affiliate links."""
    kept = []
    for block in blocks:
        signal = signal_anywhere(block) if len(blocks) > 1 else ""
        if signal:
            record_removed_block(context, block, signal)
        else:
            kept.append(_unwrap_affiliate_links(block))
    return kept or blocks


def _unwrap_affiliate_links(block: Block) -> Block:
    """Replace affiliate links by their words."""
    if "<a" not in block.html or not is_affiliate(block.html):
        return block
    return replace(block, html=_LINK.sub(lambda link: link[2] if is_affiliate(link[1]) else link[0], block.html))
