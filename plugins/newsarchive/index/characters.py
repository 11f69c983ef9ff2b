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

OTHER, WORD, BIGRAM = 0, 1, 2

_CODE_POINTS = 0x110000


class Characters(NamedTuple):
    """For every code point: its class, what it folds to (traditional Han to simplified), and what it comes to alone.

    `plain` is what normalising, lower case and folding make of a character by itself, right where `alone` is true:
    where its neighbours have no say, and one character comes out, or only such as are no part of a token.
    """

    classes: NDArray[np.uint8]
    folds: NDArray[np.uint32]
    normalised: NDArray[np.uint32]
    is_context_free: NDArray[np.bool_]


@cache
def load_characters() -> Characters:
    """The tables, made once a process."""
    table = read_table()
    classes = np.zeros(_CODE_POINTS, np.uint8)
    for name, char_class in (("word", WORD), ("paired", BIGRAM)):
        for first, last in np.cumsum(table[name]).reshape(-1, 2):
            classes[first : last + 1] = char_class
    folds = np.arange(_CODE_POINTS, dtype=np.uint32)
    folds[np.cumsum(table["traditional"])] = [ord(char) for char in table["simplified"]]
    normalised, is_context_free = _normalise_in_isolation(classes, folds)
    return Characters(classes, folds, normalised, is_context_free)


def _normalise_in_isolation(
    classes: NDArray[np.uint8], folds: NDArray[np.uint32]
) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
    """What becomes of each character of the common planes by itself; of Han beyond them, nothing but themselves."""
    normalised, is_context_free = np.arange(_CODE_POINTS, dtype=np.uint32), np.zeros(_CODE_POINTS, np.bool_)
    for first, end in _UNCHANGED_RANGES:
        normalised[first:end], is_context_free[first:end] = folds[first:end], True
    for code in _CHECKED_CODES:
        compatible = unicodedata.normalize("NFKC", chr(code))
        lowered = compatible.lower()
        if code in _CONTEXT_DEPENDENT or unicodedata.category(unicodedata.normalize("NFKD", compatible)[0])[0] == "M":
            continue
        if len(lowered) == 1:
            normalised[code], is_context_free[code] = folds[ord(lowered)], True
        elif not any(classes[ord(char)] for char in lowered):
            normalised[code], is_context_free[code] = ord(" "), True
    return normalised, is_context_free


# What normalising and lower case leave as it is: Han, Yi to Vai, syllables of Hangul, and the private use area: most of
# the table, and of its time.
_UNCHANGED_RANGES = ((0x3400, 0xA640), (0xAC00, 0xD7A4), (0xE000, 0xF900))

# The rest, from punctuation to half-width forms, then emoji. Surrogates stand for nothing.
_CHECKED_CODES = (
    *range(0x3400),
    *range(0xA640, 0xAC00),
    *range(0xD7A4, 0xD800),
    *range(0xF900, 0x10000),
    *range(0x1F000, 0x1FB00),
)

# The Greek sigma, whose small form depends on its place in the word, and letters that join to Hangul syllables.
_CONTEXT_DEPENDENT = frozenset((0x3A3, *range(0x1100, 0x1200), *range(0x3131, 0x318F), *range(0xFFA0, 0xFFDD)))


def read_table() -> dict[str, Any]:
    """The table as it is written, for the browser's copy: numbers as what each adds to the one before it."""
    table: dict[str, Any] = json.loads(Path(__file__).with_name("characters.json").read_text("utf-8"))
    return table
