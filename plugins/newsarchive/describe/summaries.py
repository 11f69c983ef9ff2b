"""Extract summaries made of whole sentences; count words; estimate reading times."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsarchive.describe.unicode_scripts import CJK

_SENTENCE = re.compile(r".+?(?:[。！？!?…]+[”’」』）)]*|(?<=[a-z0-9)”’])\.(?=\s)|$)", re.DOTALL)
_CJK_RUN = re.compile(f"[{CJK}]+")
_CJK_PUNCTUATION = "，。、“”"
_CJK_TEXT = re.compile(f"[{CJK}{_CJK_PUNCTUATION}]+")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")

# Chinese adults read 300–500 characters a minute (Brysbaert 2019: 260 words ≈ 390 characters). Latin words, of which
# people read about 240 a minute, are counted at the same rate: the difference is small.
_CHARACTERS_PER_MINUTE = 390

# Characters. A shorter line at the beginning is a place, a date or a caption, not a sentence.
_MIN_FIRST_LINE = 12


def summarise(text: str, target_length: int) -> str:
    """Return the first sentences of `text`, about `target_length` characters in total.

    A sentence is cut only if the first one is longer than 1.5 × `target_length`. Lines of fewer than 12 characters are
    skipped if there is any longer line.
    """
    lines = [line for line in text.split("\n") if len(line) >= _MIN_FIRST_LINE] or text.split("\n")
    summary = ""
    for sentence in _sentences(lines):
        if summary and len(summary) + len(sentence) > target_length:
            break
        summary += sentence
        if len(summary) >= target_length:
            break
    return _shorten(summary.strip(), target_length * 3 // 2)


def _sentences(lines: list[str]) -> Iterator[str]:
    """Yield the sentences of the first six lines, with a space between sentences that are not Chinese."""
    for line in lines[:6]:
        for match in _SENTENCE.finditer(line, 0, 2_000):
            is_last = match.end() == min(len(line), 2_000)
            is_joined = not is_last or _CJK_RUN.search(match[0][-3:]) or match[0][-1] in "。！？…”"
            yield match[0] if is_joined else match[0] + " "


def _shorten(summary: str, max_length: int) -> str:
    """Cut `summary` to at most `max_length` characters and an ellipsis, if possible at a comma in the second half."""
    if len(summary) <= max_length:
        return summary
    cut = summary[:max_length]
    end = max(cut.rfind(mark) for mark in "，,；;、 ")
    return cut[: end if end > max_length // 2 else max_length].rstrip("，,；;、 ") + "…"


def count_words(text: str) -> int:
    """Return the number of Han, kana and Hangul characters plus the number of words in other scripts."""
    rest, runs = _CJK_TEXT.subn(" ", text)  # with punctuation: far fewer matches than clauses
    chinese = len(text) - (len(rest) - runs)
    return chinese - sum(map(text.count, _CJK_PUNCTUATION)) + len(_WORD.findall(rest))


def reading_minutes(words: int) -> int:
    """Return the reading time of `words` words or characters in minutes, at least 1."""
    return max(1, round(words / _CHARACTERS_PER_MINUTE))
