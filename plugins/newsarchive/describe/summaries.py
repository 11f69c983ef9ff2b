"""Summaries of whole sentences, word counts, reading times."""

from __future__ import annotations

import re

_SENTENCE = re.compile(r".+?(?:[。！？!?…]+[”’」』）)]*|(?<=[a-z0-9)”’])\.(?=\s)|$)", re.DOTALL)
_HAN_LIKE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U000323af]")
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


def _sentences(lines: list[str]) -> list[str]:
    found: list[str] = []
    for line in lines[:6]:
        part = [match[0] for match in _SENTENCE.finditer(line[:2_000])]
        joint = "" if (part and _HAN_LIKE.search(part[-1][-3:])) or (part and part[-1][-1:] in "。！？…”") else " "
        found += [*part[:-1], part[-1] + joint] if part else []
    return found


def _shorten(summary: str, most: int) -> str:
    if len(summary) <= most:
        return summary
    cut = summary[:most]
    end = max(cut.rfind(mark) for mark in "，,；;、 ")
    return cut[: end if end > most // 2 else most].rstrip("，,；;、 ") + "…"


def count_words(text: str) -> int:
    """Han, kana and Hangul characters, each one, and words of other scripts."""
    characters = len(_HAN_LIKE.findall(text))
    return characters + len(_WORD.findall(_HAN_LIKE.sub(" ", text)))


def reading_minutes(words: int) -> int:
    """At least one."""
    return max(1, round(words / _PER_MINUTE))
