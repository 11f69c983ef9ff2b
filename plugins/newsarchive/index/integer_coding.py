"""Encode non-negative integers as ASCII text with (s, c)-dense codes (Brisaboa et al. 2003).

The text is compact, fast to decode, and safe in a JavaScript string. Of the 92 characters, 68 are stoppers (the last
digit of a number), 16 continuers (all other digits), and 8 flags, each one character. Numbers up to 67 take one
character, up to 1,155 two, up to 18,563 three. On 10,000 articles this takes 15 % less than digits of five bits with a
continuation bit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ALPHABET = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"\\')
"""The printable ASCII characters that a JavaScript string literal can hold unescaped."""

STOPPERS, CONTINUERS = 68, 16
FIRST_FLAG = STOPPERS + CONTINUERS
"""Index of the first flag in the alphabet."""

_CONTINUER_BITS = 4

ALPHABET_BYTES = np.frombuffer(ALPHABET.encode("ascii"), np.uint8)
_DIGIT_OF = {char: value for value, char in enumerate(ALPHABET)}

UInt32Array = NDArray[np.uint32]
Offsets = NDArray[np.intp]
AsciiArray = NDArray[np.uint8]


def _make_length_bounds() -> UInt32Array:
    """Return the smallest number of each encoded length, for numbers below 2^32."""
    firsts, span = [0], STOPPERS
    while firsts[-1] + span < 1 << 32:
        firsts.append(firsts[-1] + span)
        span *= CONTINUERS
    return np.array(firsts, np.uint32)


_LENGTH_BOUNDS = _make_length_bounds()
"""Shape (lengths,): the smallest number that takes one character, two characters, and so on."""


def encode_numbers(values: UInt32Array) -> str:
    """Return the text of `values` (uint32, shape (n,)), one number after the other."""
    lengths = encoded_lengths(values)
    ends = np.cumsum(lengths, dtype=np.intp)
    text: AsciiArray = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
    encode_numbers_into(text, ends, values, lengths)
    return text.tobytes().decode("ascii")


def encoded_lengths(values: UInt32Array) -> NDArray[np.uint8]:
    """Return how many characters each number takes: uint8, shape (n,)."""
    lengths = np.ones(len(values), np.uint8)
    largest = values.max() if len(values) else 0
    for first in _LENGTH_BOUNDS[1:]:
        if largest < first:
            break
        lengths += values >= first
    return lengths


def encode_numbers_into(text: AsciiArray, ends: Offsets, values: UInt32Array, lengths: NDArray[np.uint8]) -> None:
    """Write each number into `text` so that it ends before its offset in `ends`.

    - `text`: uint8, changed in place.
    - `ends`: intp, shape (n,), offsets in `text`, exclusive.
    - `values`, `lengths`: shape (n,), the numbers and their `encoded_lengths`.
    """
    remaining, position_from_end = np.flatnonzero(lengths > 1), 1
    values = values.copy()
    values[remaining] -= _LENGTH_BOUNDS[lengths[remaining] - 1]
    higher = values // np.uint32(STOPPERS)
    text[ends - 1] = ALPHABET_BYTES[values - higher * np.uint32(STOPPERS)]
    values = higher[remaining]
    while len(remaining):
        position_from_end += 1
        text[ends[remaining] - position_from_end] = ALPHABET_BYTES[
            (values & np.uint32(CONTINUERS - 1)) + np.uint32(STOPPERS)
        ]
        has_more = lengths[remaining] > position_from_end
        remaining, values = remaining[has_more], values[has_more] >> np.uint32(_CONTINUER_BITS)


class NumberReader:
    """Decode numbers and flags from a text, one after the other."""

    def __init__(self, text: str) -> None:
        self._values = [_DIGIT_OF[char] for char in text]
        self._at = 0

    def read_flag(self) -> int | None:
        """Return the next flag, 0 to 7, or None, without advancing, if a number follows."""
        value = self._values[self._at]
        if value < FIRST_FLAG:
            return None
        self._at += 1
        return value - FIRST_FLAG

    def read_number(self) -> int:
        """Return the next number."""
        value, base, span = 0, 0, STOPPERS
        while (digit := self._values[self._at]) >= STOPPERS:
            value = value * CONTINUERS + digit - STOPPERS
            base, span = base + span, span * CONTINUERS
            self._at += 1
        self._at += 1
        return value * STOPPERS + digit + base

    def read_all(self) -> list[int]:
        """Return all remaining numbers."""
        numbers = []
        while self._at < len(self._values):
            numbers.append(self.read_number())
        return numbers
