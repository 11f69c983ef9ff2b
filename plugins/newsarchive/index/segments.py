"""The archive cut by dates alone: the newest article's month, and up to three stretches of the months before it.

Neither the clock nor the last build has a say, so a clean build gives the same files as an incremental one. What is new
changes the small segment of its month; an article that comes late with an old date, a third of the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from newsarchive.models import Article

MOST_STRETCHES = 3
"""A search loads a shard of each segment for every term. Of 10,000 articles, one or two stretches make 3,600 files, of
which a median search loads 37 kB; three 4,100 and 44, four 4,100 and 59. An article with an old date rewrites one."""

WHOLE = 1_000
"""Articles that are not worth cutting apart."""

_STEP = 2 ** (1 / 4)
"""Sizes are tried in steps of a fifth, so that months move to other segments once in a fifth more articles."""

_STRETCHES_SHARE, _MONTH_SHARE = 3 / 2, 1 / 8

_UNDATED = (0, 0)

Month = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the archive with an index of its own. `share` is its part of the budget for a shard's size."""

    name: str  # its first month, `2021-03`, or `undated`
    articles: tuple[Article, ...]  # oldest first
    share: float


def cut_segments(articles: Sequence[Article]) -> list[Segment]:
    """The segments, oldest first; `articles` are in the archive's order, the undated first."""
    counts = Counter((each.date.year, each.date.month) if each.date else _UNDATED for each in articles)
    months = sorted(counts)
    if not months:
        return []
    before, newest = _group([(month, counts[month]) for month in months[:-1]]), months[-1:]
    # What a search loads of all stretches together is to grow less than their number.
    shares = [min(1, _STRETCHES_SHARE / len(before)) for _ in before] + [_MONTH_SHARE if before else 1]
    segments, begin = [], 0
    for group, share in zip([*before, newest], shares, strict=True):
        end = begin + sum(counts[month] for month in group)
        segments.append(Segment(_name(group), tuple(articles[begin:end]), share))
        begin = end
    return segments


def _group(months: Sequence[tuple[Month, int]]) -> list[list[Month]]:
    """Months, with how many articles each has, as few groups of neighbours of about one size.

    The largest group is as small as can be with so few groups, to the next step of size.
    """
    size: float = WHOLE
    while len(groups := _fill(months, size)) > MOST_STRETCHES:
        size *= _STEP
    return groups


def _fill(months: Sequence[tuple[Month, int]], size: float) -> list[list[Month]]:
    """Groups that each take the next month while they hold no more than `size`."""
    groups: list[list[Month]] = []
    held = 0
    for month, count in months:
        if groups and (held + count <= size or groups[-1] == [_UNDATED]):  # the undated stand with the oldest
            groups[-1].append(month)
            held += count
        else:
            groups.append([month])
            held = count
    return groups


def _name(group: Sequence[Month]) -> str:
    year, month = next((month for month in group if month != _UNDATED), _UNDATED)
    return f"{year}-{month:02}" if year else "undated"
