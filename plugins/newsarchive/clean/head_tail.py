"""The head and the tail of an article: where runs of boilerplate stand.

At the tail, the longest run of blocks is sought that begins with a sign and is made of signs (cue words, credits, QR
codes, lists of links); few and short are the lines in it that say nothing of the kind. At the head only an unbroken run
of signs goes. In the middle of an article the same words are safe. An image says nothing by itself: it goes when it
stands behind a line that belongs to one ("scan to follow"), and stays otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from newsarchive.clean.block import Block
from newsarchive.clean.block_signals import is_contentless, is_player, reading_length, signal_at_end, signals_of_run
from newsarchive.clean.boilerplate_patterns import EDITOR, PATTERNS, find_pattern
from newsarchive.clean.cleaning_context import CleaningContext
from newsarchive.clean.dom import words_of
from newsarchive.models import TAG

# The longest line without a sign that goes along with signs on both sides of it ("备注姓名和职位").
_LONGEST_COMPANION = 60
_LONGEST_END_MARK = 30
_LONGEST_ABOUT = 400  # what follows "关于某某" is a paragraph

# Of an article's words, and of what is no longer than a flash, this much may go at an end.
_MOST_TEXT = 0.4
_ALL_SIGNALS = 1.4  # times that, where every block of a run gives a sign
_FLASH = 60

_TAIL, _HEAD = 14, 3  # blocks that may go at either end

_ABOUT = re.compile(r"^[—–\-*【\s]*(?:关于|關於|about)\s?\S{1,20}(?: \S{1,12}){0,2}[】\s:：]*$", re.IGNORECASE)
_TAKES_IMAGES = frozenset(
    {"follow us or scan", "advertisement", "share, like or comment", "contact", "QR code", "end mark"}
)
_TRAILING_LINK = re.compile(r"\s*<a\b[^>]*>((?:(?!<a\b).)*)</a>(?:\s|</?span[^>]*>)*$", re.DOTALL)
_DASHES = re.compile(r"[-—–_=*~·•\s]+$")


def drop_head(blocks: list[Block], context: CleaningContext) -> list[Block]:
    """Without the unbroken run of signs at the head."""
    allowance = -1.0
    for place, block in enumerate(blocks[:_HEAD]):
        signal = signal_at_end(block)
        if not signal or place == len(blocks) - 1:
            return blocks[place:]
        allowance = allowance if allowance >= 0 else _allowance(blocks)
        if len(block.text) > allowance:
            return blocks[place:]
        record_removals(context, block, signal)
    return blocks[_HEAD:]


def drop_tail(blocks: list[Block], context: CleaningContext) -> list[Block]:
    """Without the runs at the tail that are boilerplate, the longest first; before it there may be another."""
    while (shorter := _without_last_run(blocks, context)) != blocks:
        blocks = shorter
    return blocks


def _without_last_run(blocks: list[Block], context: CleaningContext) -> list[Block]:
    first = _tail_start(blocks)
    tail = blocks[first:]
    signals = signals_of_run(tail)
    allowance = _allowance(blocks) if any(signals) else 0
    for start, signal in enumerate(signals):
        if signal and _is_surrounding(tail[start:], signals[start:], allowance):
            return blocks[: first + start] + _leave_images(tail[start:], signals[start:], context)
    return blocks


def _tail_start(blocks: Sequence[Block]) -> int:
    """Where a run at the tail can begin at the earliest: behind the last prose, or the last before an end mark."""
    first = max(1, len(blocks) - _TAIL)
    end = next((place for place in range(first, len(blocks)) if _is_end_mark(blocks[place])), len(blocks))
    for place in range(end - 1, first - 1, -1):
        block = blocks[place]
        if len(block.text) > _LONGEST_COMPANION and not _follows_about(blocks, place) and not signal_at_end(block):
            return place + 1
    return first


def _follows_about(blocks: Sequence[Block], place: int) -> bool:
    """True for what stands below "关于某某", be it with an image between."""
    before = next((block for block in reversed(blocks[:place]) if not is_contentless(block)), None)
    return before is not None and bool(_ABOUT.match(before.text))


def _is_end_mark(block: Block) -> bool:
    return len(block.text) <= _LONGEST_END_MARK and bool(PATTERNS["end mark"].match(block.text))


def _is_surrounding(run: Sequence[Block], signals: Sequence[str], allowance: float) -> bool:
    """True when a run of blocks that begins with a sign is boilerplate as a whole."""
    if sum(reading_length(block.text) for block in run) > allowance * (_ALL_SIGNALS if all(signals) else 1):
        return False
    if signals[0] == "end mark":  # whatever follows it, the article is over
        return True
    silent, about = 0.0, False
    for block, signal in zip(run, signals, strict=True):
        if not signal and _BELONGS.search(block.html):
            return False
        if signal or is_contentless(block):
            continue
        if _ABOUT.match(block.text) and len(set(signals) - {""}) > 1:
            about = True
            continue
        if len(block.text) > (_LONGEST_ABOUT if about else _LONGEST_COMPANION):
            return False
        # A short line among signs is most likely one of them: "备注姓名", "立减五十".
        silent, about = silent + (0.5 if len(block.text) <= _LONGEST_COMPANION / 2 else 1), False
    return silent <= sum(map(bool, signals))


# A document to read, and the date under a notice, are part of it whatever stands around them.
_BELONGS = re.compile(
    r'href="[^"]+\.(?:pdf|docx?|xlsx?|pptx?|zip|rar|7z|csv)(?:[?#][^"]*)?"|>\s*(?:\d{4}|[二〇零一三四五六七八九]{4})年.{1,4}月.{1,4}日\s*<',
    re.IGNORECASE,
)


def _leave_images(run: Sequence[Block], signals: Sequence[str], context: CleaningContext) -> list[Block]:
    """Of a run that goes, the images before any line that belongs to one."""
    left, taking = [], False
    for block, signal in zip(run, signals, strict=True):
        taking = taking or signal in _TAKES_IMAGES
        if is_contentless(block) and block.has_image and not taking:
            left.append(block)
        else:
            record_removals(context, block, signal or "among boilerplate")
    return left


def _allowance(blocks: Sequence[Block]) -> float:
    """How many characters may go at an end. An article of images has few words; all of them may be a counter's."""
    words = sum(reading_length(block.text) for block in blocks)
    return max(words * _MOST_TEXT, _FLASH if any(block.has_image or is_player(block) for block in blocks) else 0)


def drop_trailing_links(blocks: list[Block], context: CleaningContext) -> list[Block]:
    """Without the link that is glued to the last sentences: "……返回首页，查看更多"."""
    first = max(0, len(blocks) - _TAIL)
    return [*blocks[:first], *(_without_trailing_link(block, context) for block in blocks[first:])]


def _without_trailing_link(block: Block, context: CleaningContext) -> Block:
    link = _TRAILING_LINK.search(block.inner) if block.tag == "p" and "<a" in block.html else None
    if not link or not find_pattern(words := " ".join(words_of(link[1]).split())) or len(words) * 2 > len(block.text):
        return block
    context.record_removal("line: trailing link", link[0])
    return replace(block, html=f"<p>{block.inner[: link.start()]}</p>")


def drop_rules_at_ends(blocks: list[Block]) -> list[Block]:
    """A rule, drawn or written in dashes, parts two things; at an end there is only one."""
    first, last = 0, len(blocks)
    while last > first + 1 and _is_rule(blocks[last - 1]):
        last -= 1
    while first < last - 1 and _is_rule(blocks[first]):
        first += 1
    return blocks[first:last]


def _is_rule(block: Block) -> bool:
    return block.tag == "hr" or (block.tag == "p" and not block.has_image and bool(_DASHES.match(block.text)))


def record_removals(context: CleaningContext, block: Block, why: str) -> None:
    """Count a block that goes; who edited the article stays known."""
    context.record_removal(f"line: {why}", block.html)
    if why == "credits" and (editor := EDITOR.search(block.text)):
        context.set_fact(editor=editor[1].strip())


def split_broken_lines(blocks: list[Block]) -> list[Block]:
    """The first and last paragraph cut at their `<br>`: each line is judged by itself."""
    if not blocks:
        return blocks
    first = _lines_of(blocks[0]) if len(blocks) > 1 else []
    return [*first, *blocks[1:-1], *_lines_of(blocks[-1])]


def _lines_of(block: Block) -> list[Block]:
    """The lines of a paragraph; a break inside a link or bold words ends none."""
    if block.tag != "p" or "<br" not in block.html:
        return [block]
    inner = _MEANINGLESS.sub("", block.inner)
    lines, start, depth = [], 0, 0
    for tag in TAG.finditer(inner):
        if tag[0].startswith("<br"):
            if depth == 0:
                lines.append(inner[start : tag.start()].strip())
                start = tag.end()
        elif not tag[0].startswith(_VOID):
            depth += -1 if tag[0].startswith("</") else 1
    lines.append(inner[start:].strip())
    return [Block("p", f"<p>{line}</p>", continues=place > 0) for place, line in enumerate(filter(None, lines))]


_MEANINGLESS = re.compile(r"</?(?:span|font)\b[^>]*>")
_VOID = ("<img", "<wbr", "<hr", "<col")


def join_broken_lines(blocks: list[Block]) -> list[Block]:
    """What `split_broken_lines` cut, in one again."""
    runs: list[list[Block]] = []
    for block in blocks:
        if block.continues and runs and runs[-1][0].tag == "p":
            runs[-1].append(block)
        else:
            runs.append([block])
    return [_join(run) if len(run) > 1 else run[0] for run in runs]


def _join(run: Sequence[Block]) -> Block:
    return Block("p", f"<p>{'<br>'.join(block.inner for block in run)}</p>", run[0].continues)
