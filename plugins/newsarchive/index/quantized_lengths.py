"""Quantise field lengths to 64 levels, so that each takes one character.

The levels are part of the definition of a score: index and browser use the same ones.
"""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray


def _make_levels() -> tuple[int, ...]:
    """Return 0 to 16, then 47 levels, each 1.2 times the one before."""
    levels = list(range(17))
    while len(levels) < 64:
        levels.append(round(levels[-1] * 1.2))  # 16, 19, 23, … 85,000: from 1.2 no length is off by more than a tenth
    return tuple(levels)


LEVELS = _make_levels()
"""The lengths that can be stored, in tokens: exact up to 16, then in steps of a fifth."""


def level_of(length: int) -> int:
    """Return the index of the largest level that does not exceed `length`."""
    return bisect_right(LEVELS, length) - 1


def quantize_lengths(lengths: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return `level_of` for an array of lengths: intp, of the same shape."""
    return np.searchsorted(LEVELS, lengths, "right") - 1
