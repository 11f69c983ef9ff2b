"""Whole numbers as text, in dense codes (Brisaboa and others 2003): few characters, quick to read, safe in a script.

Of 92 characters 68 end a number, 16 go before an end, and 8 are marks that stand for themselves. So numbers up to 67
take one character, up to 1,155 two, up to 18,563 three. Measured on 10,000 articles: 15 % less than five bits a
character with a bit for "goes on".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ALPHABET = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"\\')
"""Everything printable in ASCII that may stand in a JavaScript string as it is."""

ENDS, BEFORE = 68, 16
MARKS = ENDS + BEFORE
"""Where the marks begin in the alphabet."""

_CHARACTERS = np.frombuffer(ALPHABET.encode("ascii"), np.uint8)
_VALUE = {char: value for value, char in enumerate(ALPHABET)}

Numbers = NDArray[np.uint64]
Places = NDArray[np.intp]


def encode_numbers(values: Numbers, marks: NDArray[np.bool_] | None = None) -> tuple[str, Places]:
    """The numbers as text, and where in it each begins; where `marks` is true the value is a mark's number."""
    values = values.copy()
    before = np.zeros(len(values), np.uint8)  # characters that go before the end of each
    limit = ENDS
    rest = np.flatnonzero(values >= limit) if marks is None else np.flatnonzero((values >= limit) & ~marks)
    while len(rest):
        values[rest] -= np.uint64(limit)
        before[rest] += 1
        limit *= BEFORE
        rest = rest[values[rest] >= limit]
    ends: Places = np.cumsum(before, dtype=np.intp) + np.arange(len(values), dtype=np.intp)
    text = np.empty(int(ends[-1]) + 1 if len(ends) else 0, np.uint8)
    last = (values % np.uint64(ENDS)).astype(np.intp)
    text[ends] = _CHARACTERS[last if marks is None else np.where(marks, values.astype(np.intp) + MARKS, last)]
    rest, place = np.flatnonzero(before), 1
    values = values[rest] // np.uint64(ENDS)
    while len(rest):
        text[ends[rest] - place] = _CHARACTERS[(values % np.uint64(BEFORE)).astype(np.intp) + ENDS]
        goes_on = before[rest] > place
        rest, values, place = rest[goes_on], values[goes_on] // np.uint64(BEFORE), place + 1
    return text.tobytes().decode("ascii"), ends - before.astype(np.intp)


class NumberReader:
    """Reads numbers and marks from a text, one after the other."""

    def __init__(self, text: str) -> None:
        self._values = [_VALUE[char] for char in text]
        self._at = 0

    def mark(self) -> int | None:
        """The number of the mark that comes next, or None when a number does."""
        value = self._values[self._at]
        if value < MARKS:
            return None
        self._at += 1
        return value - MARKS

    def number(self) -> int:
        """The next number."""
        value, base, span = 0, 0, ENDS
        while (digit := self._values[self._at]) >= ENDS:
            value = value * BEFORE + digit - ENDS
            base, span = base + span, span * BEFORE
            self._at += 1
        self._at += 1
        return value * ENDS + digit + base

    def rest(self) -> list[int]:
        """All numbers that are left."""
        numbers = []
        while self._at < len(self._values):
            numbers.append(self.number())
        return numbers
