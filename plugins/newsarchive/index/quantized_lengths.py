"""Lengths of fields on a scale of 64 steps, so that each takes one character. Part of the specification of a score."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray


def _make_levels() -> tuple[int, ...]:
    levels = list(range(17))
    while len(levels) < 64:
        levels.append(round(levels[-1] * 1.2))  # 16, 19, 23, … 85,000: with 1.2 no length is off by more than a tenth
    return tuple(levels)


LEVELS = _make_levels()
"""The lengths that can be stored: exact to 16 tokens, then each a fifth more than the one before it."""


def level_of(length: int) -> int:
    """The step at or below a length."""
    return bisect_right(LEVELS, length) - 1


def quantize_lengths(lengths: NDArray[np.int64]) -> NDArray[np.intp]:
    """The steps of many lengths."""
    return np.searchsorted(LEVELS, lengths, "right") - 1
