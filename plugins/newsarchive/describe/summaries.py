"""Summaries of whole sentences, word counts, reading times."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsarchive.describe.unicode_scripts import EAST_ASIAN

_SENTENCE = re.compile(r".+?(?:[。！？!?…]+[”’」』）)]*|(?<=[a-z0-9)”’])\.(?=\s)|$)", re.DOTALL)
_HAN_LIKE = re.compile(f"[{EAST_ASIAN}]+")
_BETWEEN_HAN = "，。、“”"
_CHINESE = re.compile(f"[{EAST_ASIAN}{_BETWEEN_HAN}]+")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")

# Chinese adults read 300–500 characters a minute (Brysbaert 2019 gives 260 words ≈ 390 characters); Latin words about
# 240: near enough to count both alike.
_PER_MINUTE = 390

# A line this short at the head is a place, a date or a caption, not yet a sentence.
_SHORTEST_START = 12


def summarise(text: str, wanted: int) -> str:
    """The first sentences of `text`, about `wanted` characters; cut inside a sentence only when the first is longer."""
    lines = [line for line in text.split("\n") if len(line) >= _SHORTEST_START] or text.split("\n")
    summary = ""
    for sentence in _sentences(lines):
        if summary and len(summary) + len(sentence) > wanted:
            break
        summary += sentence
        if len(summary) >= wanted:
            break
    return _shorten(summary.strip(), wanted * 3 // 2)


def _sentences(lines: list[str]) -> Iterator[str]:
    """The sentences of the first lines, as they are asked for; between two lines of other scripts a space."""
    for line in lines[:6]:
        for match in _SENTENCE.finditer(line, 0, 2_000):
            is_last = match.end() == min(len(line), 2_000)
            is_joined = not is_last or _HAN_LIKE.search(match[0][-3:]) or match[0][-1] in "。！？…”"
            yield match[0] if is_joined else match[0] + " "


def _shorten(summary: str, most: int) -> str:
    if len(summary) <= most:
        return summary
    cut = summary[:most]
    end = max(cut.rfind(mark) for mark in "，,；;、 ")
    return cut[: end if end > most // 2 else most].rstrip("，,；;、 ") + "…"


def count_words(text: str) -> int:
    """Han, kana and Hangul characters, each one, and words of other scripts."""
    rest, runs = _CHINESE.subn(" ", text)  # whole sentences: many times fewer pieces than between two commas
    chinese = len(text) - (len(rest) - runs)
    return chinese - sum(map(text.count, _BETWEEN_HAN)) + len(_WORD.findall(rest))


def reading_minutes(words: int) -> int:
    """At least one."""
    return max(1, round(words / _PER_MINUTE))
