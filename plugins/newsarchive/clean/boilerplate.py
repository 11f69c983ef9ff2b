"""Boilerplate: what is none of the article's, judged block by block: anywhere by `signs`, at either end by `ends`."""

from __future__ import annotations

import re
from dataclasses import replace

from newsarchive.clean.addresses import is_affiliate
from newsarchive.clean.block import Block
from newsarchive.clean.block_signals import is_player, signal_anywhere
from newsarchive.clean.cleaning_context import CleaningContext
from newsarchive.clean.head_tail import (
    drop_head,
    drop_rules_at_ends,
    drop_tail,
    drop_trailing_links,
    join_broken_lines,
    record_removals,
)

_FIRST_BLOCKS = 3  # among these the title is repeated, if anywhere
_LINK = re.compile(r'<a\b[^>]*?href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)


def drop_boilerplate(blocks: list[Block], context: CleaningContext) -> list[Block]:
    """`blocks` without a repeated title, credits, advertisements, and what surrounds the article at either end.

    The lines of the first and last paragraph come in cut (`ends.split_broken_lines`) and are joined again.
    """
    blocks = _drop_repeated_title(blocks, context)
    blocks = _drop_anywhere(blocks, context)
    blocks = drop_trailing_links(blocks, context)
    blocks = drop_tail(blocks, context)
    return drop_rules_at_ends(join_broken_lines(drop_head(blocks, context)))


def _drop_repeated_title(blocks: list[Block], context: CleaningContext) -> list[Block]:
    """The title once more as the first line, unless it is all the words there are, or the first sentence."""
    title = context.raw.title
    for place, block in enumerate(blocks[:_FIRST_BLOCKS]):
        if block.has_image or is_player(block):  # a lead image may stand above it
            continue
        is_sentence = block.text.endswith("。") and not title.endswith("。")
        if not is_sentence and _same(block.text, title) and any(other.text for other in blocks if other is not block):
            context.record_removal("title repeated", block.html)
            return [*blocks[:place], *blocks[place + 1 :]]
        break
    return blocks


def _same(text: str, title: str) -> bool:
    """Equal but for what the crawler replaced in titles, white space and punctuation."""
    return bool(bare := _bare(title)) and _bare(text) == bare


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


def _drop_anywhere(blocks: list[Block], context: CleaningContext) -> list[Block]:
    """Without what is nobody's text wherever it stands: lines of credits, and short blocks of paid links."""
    kept = []
    for block in blocks:
        why = signal_anywhere(block) if len(blocks) > 1 else ""
        if why:
            record_removals(context, block, why)
        else:
            kept.append(_without_paid_links(block))
    return kept or blocks


def _without_paid_links(block: Block) -> Block:
    """The words of a link that pays somebody stay in a sentence; the link goes."""
    if "<a" not in block.html or not is_affiliate(block.html):
        return block
    return replace(block, html=_LINK.sub(lambda link: link[2] if is_affiliate(link[1]) else link[0], block.html))
