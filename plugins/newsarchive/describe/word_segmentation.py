"""The words of a text, as the segmenter cuts it, and what each can do for a keyword: told by the word alone."""

from __future__ import annotations

import math
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from enum import IntFlag
from functools import cache, lru_cache
from importlib import import_module
from itertools import accumulate, chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsarchive.describe.unicode_scripts import HAN

_CONTEXT = 30  # characters around a word that can change where it is cut
_LOWER_CASE = 0.4  # a Latin word in lower case is nobody's name
_RARE, _RAREST = 30, math.log(60_101_967 / 30)  # times in the dictionary (less is chance), of the sum of its times
_MOST_KNOWN = 1 << 16  # words whose judgement is kept

_NOISE = re.compile(  # addresses, people addressed, entities, lost characters, NT$99, the version in MySQL5.1
    r"(?=[!-~])(?:(?:https?[:_]|www\.)[!-~]+|(?<![\w.+-])[\w.+-]++@[\w-]+\.\w[\w.]*|@\w{1,20}|&\w{1,8};|_"
    r"|[A-Za-z0-9-]{1,40}\.(?:com|org|net|cn)\b|[A-Z]{1,3}\$[\d.,]*|(?<=[A-Za-z])\d+\.\d[\d.]*)"
)

Places = NDArray[np.int64]


class Role(IntFlag):
    """What a word can be in a name."""

    OPENS = 1
    CLOSES = 2
    LATIN = 4
    PROPER = 8  # a Latin name, or what stands in one
    BREAKS = 16  # no part of any
    SPACE = 32


_ROLE_BITS, _LENGTH_BITS = 6, 20
_EITHER_END = Role.OPENS | Role.CLOSES
_FRACTION = 1 << 16  # weights are whole numbers of these: their sums are the same on every machine

RAREST = round(_RAREST * _FRACTION)
"""The weight of a word that the dictionary does not have."""


class Words(NamedTuple):
    """The words of a text but for spaces: where each begins and ends, its weight (0: only a part of a keyword), its
    roles."""

    starts: Places
    ends: Places
    weights: Places
    roles: Places

    def are(self, role: Role) -> NDArray[np.bool_]:
        """Which of them have a role."""
        found: NDArray[np.bool_] = (self.roles & int(role)) != 0
        return found


def find_words(folded: str) -> Words:
    """The words of a text that was folded."""
    cut = _segmenter().cut(folded, True)
    judgements = _judgements()
    judgements.text = folded
    judged = np.fromiter(map(judgements.__getitem__, cut), np.int64, len(cut))
    lengths = judged >> _ROLE_BITS & ((1 << _LENGTH_BITS) - 1)
    ends = np.cumsum(lengths)
    solid = (judged & int(Role.SPACE)) == 0
    lengths, ends, judged = lengths[solid], ends[solid], judged[solid]
    return Words(ends - lengths, ends, judged >> (_ROLE_BITS + _LENGTH_BITS), judged & ((1 << _ROLE_BITS) - 1))


def fold(text: str) -> str:
    """Character for character, as the dictionary spells them: simplified, half-width, without accents; what is noise
    becomes line breaks."""
    return _NOISE.sub(lambda noise: "\n" * len(noise[0]), _simplify(text))


def _simplify(text: str) -> str:
    """`text.translate` by the folding table, which takes twenty times as long for many articles at once."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    table = np.frombuffer(_folding_table().encode("utf-32-le"), "<u4")
    folded = np.where(codes < len(table), table[codes % len(table)], codes)
    return folded.tobytes().decode("utf-32-le")


def is_whole_word(word: str, before: str, after: str) -> bool:
    """True when `word`, standing between `before` and `after` in a sentence, is cut as one or more whole words by the
    segmenter (新城市 in 国际创新城市中 is not; 招商银行 in 突破；招商银行北京分行 is). By the dictionary alone: guessed
    words cut through 8 of 344 true links (赣锋锂业), and show no false one.
    """
    start = len(before[-_CONTEXT:])
    sentence = (before[-_CONTEXT:] + word + after[:_CONTEXT]).translate(_folding_table())
    cuts = {0, *accumulate(map(len, _segmenter().cut(sentence, False)))}
    return bool(word) and {start, start + len(word)} <= cuts


def is_own_word(text: str) -> bool:
    """False for a word that the tables name: it says nothing by itself."""
    return text not in _said_nothing_by()


class _Judgements(dict[str, int]):
    """Word → its weight, length and roles in one number: looked up 450 times an article.

    The segmenter is asked for a word's part of speech once: it goes by the word, and takes longer than the cutting.
    """

    text = ""  # where words stand that are looked up for the first time

    def __missing__(self, word: str) -> int:
        if len(self) >= _MOST_KNOWN:
            self.clear()
        weight, roles = _judge(word, self.text)
        number = (round(weight * _FRACTION) << _LENGTH_BITS | len(word)) << _ROLE_BITS | int(roles)
        return self.setdefault(word, number)


def _judge(word: str, text: str) -> tuple[float, Role]:
    """What a word of a text can do for a keyword."""
    if word == " ":
        return 0.0, Role.SPACE
    return _judge_han(word, _part_of_speech(word, text)) if _HAN.search(word) else _judge_latin(word)


def _part_of_speech(word: str, text: str) -> str:
    """By the segmenter, which cuts some words only among others: they are looked for in the lines of `text`."""
    for line in chain([word], _lines_with(word, text)):
        if part := _parts_of_speech(line).get(word):
            return part
    return "x"  # as it says of what its dictionary does not have


def _lines_with(word: str, text: str) -> Iterator[str]:
    at = text.find(word)
    while at >= 0:
        end = text.find("\n", at) % (len(text) + 1)  # the last line has none
        yield text[text.rfind("\n", 0, at) + 1 : end]
        at = text.find(word, end)


@lru_cache(maxsize=64)  # a line may hold many such words
def _parts_of_speech(line: str) -> dict[str, str]:
    return dict(_segmenter().tag(line))


_HAN = re.compile(f"[{HAN}々]")


def _judge_han(text: str, part: str) -> tuple[float, Role]:
    tables = _tables()
    if text in tables["general"] or (len(text) == 1 and part in tables["syllables"]):
        return 0.0, _EITHER_END
    if text in tables["never"] or len(text) == 1 or part not in tables["weights"]:
        return 0.0, Role.BREAKS
    rarity = _RAREST - math.log1p(_segmenter().suggest_freq(text) / _RARE)
    return tables["weights"][part] * rarity, Role.CLOSES if part == "v" else _EITHER_END


def _judge_latin(text: str) -> tuple[float, Role]:
    tables = _tables()
    if text in tables["inside"]:
        return 0.0, _PART_OF_A_NAME
    if _NUMBER.fullmatch(text):
        return 0.0, _END_OF_A_NAME
    if not _LATIN_WORD.fullmatch(text) or text.lower() in tables["english"]:
        return 0.0, Role.BREAKS
    if text != text.lower() or text[0].isdigit():
        return _RAREST, _NAME
    return _RAREST * _LOWER_CASE, _WORD


# Sums of flags are made here, once: each takes longer than everything else about a word.
_PART_OF_A_NAME = Role.LATIN | Role.PROPER
_END_OF_A_NAME = _PART_OF_A_NAME | Role.CLOSES
_NAME = _PART_OF_A_NAME | _EITHER_END
_WORD = Role.LATIN | _EITHER_END
_NUMBER = re.compile(r"\d{1,4}(\.\d{1,2})?")
_LATIN_WORD = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9+#&.'-]+")


@cache
def _judgements() -> _Judgements:
    return _Judgements()


@cache
def _folding_table() -> str:
    """In the place of each character of the first plane what it is folded to: by OpenCC's t2s, where that is one."""
    codes = (*range(0xC0, 0x250), *range(0x3400, 0x4DC0), *range(0x4E00, 0xA000), *range(0xFF10, 0xFF5B))
    plain = "\n".join(unicodedata.normalize("NFKD", chr(code))[0] for code in codes)
    simplified = import_module("opencc").OpenCC("t2s").convert(plain).split("\n")
    table = {code: char for code, char in zip(codes, simplified, strict=True) if len(char) == 1}
    table |= dict.fromkeys(range(0xD800, 0xE000), "\n")  # lone surrogates, which no encoder takes
    return "".join(table.get(code) or chr(code) for code in range(1 << 16))


@cache
def _tables() -> dict[str, Any]:
    tables = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
    return {name: table if isinstance(table, dict) else frozenset(table.split()) for name, table in tables.items()}


@cache
def _said_nothing_by() -> frozenset[str]:
    return frozenset().union(*_tables().values())


@cache
def _segmenter() -> Any:
    return import_module("rjieba")  # only now: it loads its dictionary (0.1 s, 25 MB)
