"""Boilerplate at the head and the tail of an article, removed in runs of blocks.

At the tail, the module looks for the longest run of blocks that begins with a signal and consists of signals: patterns,
credits, QR codes, lists of links. The run may contain a few short lines without a signal. At the head, only an unbroken
run of signals is removed. In the middle of an article, the same words are safe. An image is no signal: it is removed if
it follows a line that belongs to one ("scan to follow"), and kept otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from newsarchive.clean.block import Block
from newsarchive.clean.block_signals import (
    is_contentless,
    is_player_link,
    reading_length,
    signal_at_end,
    signals_of_run,
)
from newsarchive.clean.boilerplate_patterns import EDITOR, PATTERNS, find_pattern
from newsarchive.clean.cleaning_context import CleaningContext
from newsarchive.clean.dom import markup_to_text
from newsarchive.models import TAG

# A line without a signal, but with signals on both sides, is boilerplate up to this length ("备注姓名和职位").
_MAX_COMPANION_LENGTH = 60
_MAX_END_MARK_LENGTH = 30
_MAX_ABOUT_LENGTH = 400  # below "关于某某" comes a whole paragraph

# Up to this share of the article's text may go at one end, and from an article with images at least this many
# characters.
_MAX_REMOVED_SHARE = 0.4
_ALL_SIGNALS_FACTOR = 1.4  # times that share, if every block of a run gives a signal
_MIN_ALLOWANCE = 60

_TAIL_BLOCKS, _HEAD_BLOCKS = 14, 3  # blocks that may go at the tail and at the head

_ABOUT = re.compile(r"^[—–\-*【\s]*(?:关于|關於|about)\s?\S{1,20}(?: \S{1,12}){0,2}[】\s:：]*$", re.IGNORECASE)
_OWNS_IMAGES = frozenset(
    {"follow us or scan", "advertisement", "share, like or comment", "contact", "QR code", "end mark"}
)
_TRAILING_LINK = re.compile(r"\s*<a\b[^>]*>((?:(?!<a\b).)*)</a>(?:\s|</?span[^>]*>)*$", re.DOTALL)
_DASHES = re.compile(r"[-—–_=*~·•\s]+$")


def drop_head(blocks: list[Block], context: CleaningContext) -> list[Block]:
    """Return `blocks` without the unbroken run of signals at the head."""
    allowance = -1.0
    for index, block in enumerate(blocks[:_HEAD_BLOCKS]):
        signal = signal_at_end(block)
        if not signal or index == len(blocks) - 1:
            return blocks[index:]
        allowance = allowance if allowance >= 0 else _allowance(blocks)
        if len(block.text) > allowance:
            return blocks[index:]
        record_removed_block(context, block, signal)
    return blocks[_HEAD_BLOCKS:]


def drop_tail(blocks: list[Block], context: CleaningContext) -> list[Block]:
    """Return `blocks` without the runs of boilerplate at the tail.

    It removes the longest run, then looks for another before it.
    """
    while (shorter := _drop_last_run(blocks, context)) != blocks:
        blocks = shorter
    return blocks


def _drop_last_run(blocks: list[Block], context: CleaningContext) -> list[Block]:
    """Return `blocks` without the longest run of boilerplate at the tail, if there is one."""
    first = _tail_start(blocks)
    tail = blocks[first:]
    signals = signals_of_run(tail)
    allowance = _allowance(blocks) if any(signals) else 0
    for start, signal in enumerate(signals):
        if signal and _is_boilerplate_run(tail[start:], signals[start:], allowance):
            return blocks[: first + start] + _record_run_and_keep_images(tail[start:], signals[start:], context)
    return blocks


def _tail_start(blocks: Sequence[Block]) -> int:
    """Return the index at which a run at the tail can begin at the earliest.

    That is after the last block of prose, or after the last one before an end mark ("完").
    """
    first = max(1, len(blocks) - _TAIL_BLOCKS)
    end_mark = next((index for index in range(first, len(blocks)) if _is_end_mark(blocks[index])), len(blocks))
    for index in range(end_mark - 1, first - 1, -1):
        block = blocks[index]
        if len(block.text) > _MAX_COMPANION_LENGTH and not _follows_about(blocks, index) and not signal_at_end(block):
            return index + 1
    return first


def _follows_about(blocks: Sequence[Block], index: int) -> bool:
    """Return True for a block below a line like "关于某某" ("about us"), images between them aside."""
    before = next((block for block in reversed(blocks[:index]) if not is_contentless(block)), None)
    return before is not None and bool(_ABOUT.match(before.text))


def _is_end_mark(block: Block) -> bool:
    """Return True for a line that says that the article is over, such as "（完）"."""
    return len(block.text) <= _MAX_END_MARK_LENGTH and bool(PATTERNS["end mark"].match(block.text))


def _is_boilerplate_run(run: Sequence[Block], signals: Sequence[str], allowance: float) -> bool:
    """Return True if a run of blocks that begins with a signal is boilerplate as a whole.

    `signals` holds the signal of each block. `allowance` is the `reading_length` of text that may go; 1.4 times as much
    may go if every block gives a signal.
    """
    if sum(reading_length(block.text) for block in run) > allowance * (_ALL_SIGNALS_FACTOR if all(signals) else 1):
        return False
    if signals[0] == "end mark":  # the article is over, so remove anything after it
        return True
    without_signal, is_below_about = 0.0, False
    for block, signal in zip(run, signals, strict=True):
        if not signal and _ARTICLE_CONTENT.search(block.html):
            return False
        if signal or is_contentless(block):
            continue
        if _ABOUT.match(block.text) and len(set(signals) - {""}) > 1:
            is_below_about = True
            continue
        if len(block.text) > (_MAX_ABOUT_LENGTH if is_below_about else _MAX_COMPANION_LENGTH):
            return False
        # A short line between signals most likely belongs to them: "备注姓名", "立减五十".
        without_signal += 0.5 if len(block.text) <= _MAX_COMPANION_LENGTH / 2 else 1
        is_below_about = False
    return without_signal <= sum(map(bool, signals))


# A document to read, or the date under a notice, is part of the article whatever surrounds it.
_ARTICLE_CONTENT = re.compile(
    r'href="[^"]+\.(?:pdf|docx?|xlsx?|pptx?|zip|rar|7z|csv)(?:[?#][^"]*)?"|>\s*(?:\d{4}|[二〇零一三四五六七八九]{4})年.{1,4}月.{1,4}日\s*<',
    re.IGNORECASE,
)


def _record_run_and_keep_images(run: Sequence[Block], signals: Sequence[str], context: CleaningContext) -> list[Block]:
    """Record the removal of a run, and return the images to keep: those before any line that belongs to one."""
    kept, takes_images = [], False
    for block, signal in zip(run, signals, strict=True):
        takes_images = takes_images or signal in _OWNS_IMAGES
        if is_contentless(block) and block.has_image and not takes_images:
            kept.append(block)
        else:
            record_removed_block(context, block, signal or "between boilerplate lines")
    return kept


def _allowance(blocks: Sequence[Block]) -> float:
    """Return how much text may go at one end, as a `reading_length`.

    An article of images has few words, and all of them can be a counter's, so there is a minimum.
    """
    words = sum(reading_length(block.text) for block in blocks)
    return max(
        words * _MAX_REMOVED_SHARE,
        _MIN_ALLOWANCE if any(block.has_image or is_player_link(block) for block in blocks) else 0,
    )


def drop_trailing_links(blocks: list[Block], context: CleaningContext) -> list[Block]:
    """Drop a boilerplate link glued to the end of a paragraph: "……返回首页，查看更多"."""
    first = max(0, len(blocks) - _TAIL_BLOCKS)
    return [*blocks[:first], *(_drop_trailing_link(block, context) for block in blocks[first:])]


def _drop_trailing_link(block: Block, context: CleaningContext) -> Block:
    """Return a paragraph without the boilerplate link at its end."""
    link = _TRAILING_LINK.search(block.inner) if block.tag == "p" and "<a" in block.html else None
    if (
        not link
        or not find_pattern(words := " ".join(markup_to_text(link[1]).split()))
        or len(words) * 2 > len(block.text)
    ):
        return block
    context.record_removal("line: trailing link", link[0])
    return replace(block, html=f"<p>{block.inner[: link.start()]}</p>")


def drop_separators_at_ends(blocks: list[Block]) -> list[Block]:
    """Drop separator lines, drawn or written in dashes, at both ends.

    A separator divides two things, and at an end there is only one.
    """
    first, last = 0, len(blocks)
    while last > first + 1 and _is_separator(blocks[last - 1]):
        last -= 1
    while first < last - 1 and _is_separator(blocks[first]):
        first += 1
    return blocks[first:last]


def _is_separator(block: Block) -> bool:
    """Return True for `<hr>` and for a line of dashes."""
    return block.tag == "hr" or (block.tag == "p" and not block.has_image and bool(_DASHES.match(block.text)))


def record_removed_block(context: CleaningContext, block: Block, signal: str) -> None:
    """Count a removed block under its signal, and keep the editor that credits name."""
    context.record_removal(f"line: {signal}", block.html)
    if signal == "credits" and (editor := EDITOR.search(block.text)):
        context.set_fact(editor=editor[1].strip())


def split_lines_at_ends(blocks: list[Block]) -> list[Block]:
    """Split the first and last paragraph at their `<br>`, so that each line is judged by itself."""
    if not blocks:
        return blocks
    first = _lines_of(blocks[0]) if len(blocks) > 1 else []
    return [*first, *blocks[1:-1], *_lines_of(blocks[-1])]


def _lines_of(block: Block) -> list[Block]:
    """Return the lines of a paragraph; a `<br>` inside a link or bold text ends none."""
    if block.tag != "p" or "<br" not in block.html:
        return [block]
    inner = _NEUTRAL_TAG.sub("", block.inner)
    lines, start, depth = [], 0, 0
    for tag in TAG.finditer(inner):
        if tag[0].startswith("<br"):
            if depth == 0:
                lines.append(inner[start : tag.start()].strip())
                start = tag.end()
        elif not tag[0].startswith(_VOID_TAGS):
            depth += -1 if tag[0].startswith("</") else 1
    lines.append(inner[start:].strip())
    return [Block("p", f"<p>{line}</p>", continues=index > 0) for index, line in enumerate(filter(None, lines))]


_NEUTRAL_TAG = re.compile(r"</?(?:span|font)\b[^>]*>")
_VOID_TAGS = ("<img", "<wbr", "<hr", "<col")


def rejoin_lines_at_ends(blocks: list[Block]) -> list[Block]:
    """Join the lines that `split_lines_at_ends` split."""
    runs: list[list[Block]] = []
    for block in blocks:
        if block.continues and runs and runs[-1][0].tag == "p":
            runs[-1].append(block)
        else:
            runs.append([block])
    return [_join(run) if len(run) > 1 else run[0] for run in runs]


def _join(run: Sequence[Block]) -> Block:
    """Return one paragraph of several lines."""
    return Block("p", f"<p>{'<br>'.join(block.inner for block in run)}</p>", run[0].continues)
