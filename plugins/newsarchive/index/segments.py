"""Split the archive into index segments by date: the newest article's month, and up to three segments before it.

Neither the clock nor the previous build has an influence, so a clean build gives the same files as an incremental one.
A new article changes the small segment of its month. An article that arrives late with an old date changes one of the
older segments, about a third of the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from newsarchive.models import Article

MAX_OLDER_SEGMENTS = 3
"""The maximum number of segments before the newest month.

For every term, a search loads one shard of each segment. On 10,000 articles, one or two older segments make 3,600
files, of which a median search loads 37 kB; three make 4,100 files and 44 kB, four 4,100 files and 59 kB. More segments
mean less rewriting: an article with an old date rewrites one of them.
"""

MIN_SPLIT_ARTICLES = 1_000
"""So few articles are not split."""

_SIZE_STEP = 2 ** (1 / 4)
"""Segment sizes grow in steps of a fifth, so months move to other segments only once per fifth more articles."""

_OLDER_SHARE, _MONTH_SHARE = 3 / 2, 1 / 8

_UNDATED = (0, 0)

Month = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Segment:
    """A range of months with an index of its own; `share` is its part of the budget for a shard's size."""

    name: str  # its first month, `2021-03`, or `undated`
    articles: tuple[Article, ...]  # oldest first
    share: float


def split_segments(articles: Sequence[Article]) -> list[Segment]:
    """Return the segments, oldest first; `articles` must be in the archive's order, the undated first."""
    counts = Counter((each.date.year, each.date.month) if each.date else _UNDATED for each in articles)
    months = sorted(counts)
    if not months:
        return []
    older, newest = _group_months([(month, counts[month]) for month in months[:-1]]), months[-1:]
    # A search loads a shard of each older segment. Their budgets shrink with their number, so that the total grows more
    # slowly.
    shares = [min(1, _OLDER_SHARE / len(older)) for _ in older] + [_MONTH_SHARE if older else 1]
    segments, start = [], 0
    for group, share in zip([*older, newest], shares, strict=True):
        end = start + sum(counts[month] for month in group)
        segments.append(Segment(_segment_name(group), tuple(articles[start:end]), share))
        start = end
    return segments


def _group_months(months: Sequence[tuple[Month, int]]) -> list[list[Month]]:
    """Group consecutive months, given with their number of articles, into at most three groups of similar size.

    The size of the largest group is minimal, up to one step.
    """
    size: float = MIN_SPLIT_ARTICLES
    while len(groups := _pack_months(months, size)) > MAX_OLDER_SEGMENTS:
        size *= _SIZE_STEP
    return groups


def _pack_months(months: Sequence[tuple[Month, int]], size: float) -> list[list[Month]]:
    """Fill groups with consecutive months, each up to `size` articles."""
    groups: list[list[Month]] = []
    total = 0
    for month, count in months:
        if groups and (total + count <= size or groups[-1] == [_UNDATED]):  # undated articles join the oldest month
            groups[-1].append(month)
            total += count
        else:
            groups.append([month])
            total = count
    return groups


def _segment_name(group: Sequence[Month]) -> str:
    """Return `YYYY-MM` of the group's first dated month, or `undated`."""
    year, month = next((month for month in group if month != _UNDATED), _UNDATED)
    return f"{year}-{month:02}" if year else "undated"
