"""What each character is to the tokeniser: part of a word, of a run cut into pairs, or neither; and what it folds to.

One table, `characters.json`, is read here and in the browser (`search-tokens.js`); tools/write_characters.py makes it.
"""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

OTHER, WORD, PAIRED = 0, 1, 2

_CODE_POINTS = 0x110000


class Characters(NamedTuple):
    """For every code point: its class, what it folds to (traditional Han to simplified), and what it comes to alone.

    `plain` is what normalising, lower case and folding make of a character by itself, right where `alone` is true:
    where its neighbours have no say, and one character comes out, or only such as are no part of a token.
    """

    kinds: NDArray[np.uint8]
    folds: NDArray[np.uint32]
    plain: NDArray[np.uint32]
    alone: NDArray[np.bool_]
    longest_word: int  # characters; words are cut to them: what is longer is code or an address


@cache
def load_characters() -> Characters:
    """The tables, made once a process."""
    table = read_table()
    kinds = np.zeros(_CODE_POINTS, np.uint8)
    for name, kind in (("word", WORD), ("paired", PAIRED)):
        for first, last in np.cumsum(table[name]).reshape(-1, 2):
            kinds[first : last + 1] = kind
    folds = np.arange(_CODE_POINTS, dtype=np.uint32)
    folds[np.cumsum(table["traditional"])] = [ord(char) for char in table["simplified"]]
    plain, alone = _alone(kinds, folds)
    return Characters(kinds, folds, plain, alone, table["longest_word"])


def _alone(kinds: NDArray[np.uint8], folds: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
    """What becomes of each character of the common planes by itself; of Han beyond them, nothing but themselves."""
    plain, alone = np.arange(_CODE_POINTS, dtype=np.uint32), np.zeros(_CODE_POINTS, np.bool_)
    for first, end in _NORMAL:
        plain[first:end], alone[first:end] = folds[first:end], True
    for code in _COMMON:
        normal = unicodedata.normalize("NFKC", chr(code))
        lowered = normal.lower()
        if code in _BY_NEIGHBOURS or unicodedata.category(unicodedata.normalize("NFKD", normal)[0])[0] == "M":
            continue
        if len(lowered) == 1:
            plain[code], alone[code] = folds[ord(lowered)], True
        elif not any(kinds[ord(char)] for char in lowered):
            plain[code], alone[code] = ord(" "), True
    return plain, alone


# What normalising and lower case leave as it is: Han, Yi to Vai, syllables of Hangul, and the private use area: most of
# the table, and of its time.
_NORMAL = ((0x3400, 0xA640), (0xAC00, 0xD7A4), (0xE000, 0xF900))

# The rest, from punctuation to half-width forms, then emoji. Surrogates stand for nothing.
_COMMON = (
    *range(0x3400),
    *range(0xA640, 0xAC00),
    *range(0xD7A4, 0xD800),
    *range(0xF900, 0x10000),
    *range(0x1F000, 0x1FB00),
)

# The Greek sigma, whose small form depends on its place in the word, and letters that join to Hangul syllables.
_BY_NEIGHBOURS = frozenset((0x3A3, *range(0x1100, 0x1200), *range(0x3131, 0x318F), *range(0xFFA0, 0xFFDD)))


def read_table() -> dict[str, Any]:
    """The table as it is written, for the browser's copy: numbers as what each adds to the one before it."""
    table: dict[str, Any] = json.loads(Path(__file__).with_name("characters.json").read_text("utf-8"))
    return table
