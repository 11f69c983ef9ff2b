"""Character tables of the tokeniser: the class of each code point, and its normalised form.

A character is part of a word, part of a run that is cut into bigrams, or neither. The table `characters.json` is read
here and in the browser (`search-tokens.js`); tools/write_characters.py generates it.
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
    """Lookup tables, indexed by code point, each of shape (1114112,).

    - `classes`: uint8, OTHER, WORD or BIGRAM.
    - `folds`: uint32, the folded code point (traditional Han to simplified).
    - `normalised`: uint32, the code point after NFKC, lower-casing and folding; valid where `is_context_free`.
    - `is_context_free`: bool, True if neighbours cannot change the result, and the result is one character or only
      characters that are part of no token (then a space).

    Words are cut to `max_word_length` characters: longer ones are code or addresses, and would bloat the index.
    """

    classes: NDArray[np.uint8]
    folds: NDArray[np.uint32]
    normalised: NDArray[np.uint32]
    is_context_free: NDArray[np.bool_]
    max_word_length: int


@cache
def load_characters() -> Characters:
    """Return the tables; they are built once per process."""
    table = read_table()
    classes = np.zeros(_CODE_POINTS, np.uint8)
    for name, char_class in (("word", WORD), ("paired", BIGRAM)):
        for first, last in np.cumsum(table[name]).reshape(-1, 2):
            classes[first : last + 1] = char_class
    folds = np.arange(_CODE_POINTS, dtype=np.uint32)
    folds[np.cumsum(table["traditional"])] = [ord(char) for char in table["simplified"]]
    normalised, is_context_free = _normalise_in_isolation(classes, folds)
    return Characters(classes, folds, normalised, is_context_free, table["max_word_length"])


def _normalise_in_isolation(
    classes: NDArray[np.uint8], folds: NDArray[np.uint32]
) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
    """Return the arrays `normalised` and `is_context_free` of `Characters`."""
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


# Ranges that NFKC and lower-casing do not change: Han, Yi to Vai, Hangul syllables, private use area. They are most of
# the table, and skipping them saves most of the time to build it.
_UNCHANGED_RANGES = ((0x3400, 0xA640), (0xAC00, 0xD7A4), (0xE000, 0xF900))

# The other code points that texts use, from punctuation to half-width forms, then emoji; without surrogates.
_CHECKED_CODES = (
    *range(0x3400),
    *range(0xA640, 0xAC00),
    *range(0xD7A4, 0xD800),
    *range(0xF900, 0x10000),
    *range(0x1F000, 0x1FB00),
)

# Greek sigma, whose lower case depends on its position in the word, and jamo, which combine to Hangul syllables.
_CONTEXT_DEPENDENT = frozenset((0x3A3, *range(0x1100, 0x1200), *range(0x3131, 0x318F), *range(0xFFA0, 0xFFDD)))


def read_table() -> dict[str, Any]:
    """Return the table as stored, for the browser's copy; code points are delta-coded."""
    table: dict[str, Any] = json.loads(Path(__file__).with_name("characters.json").read_text("utf-8"))
    return table
