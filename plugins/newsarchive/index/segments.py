"""The archive cut by dates alone: the newest article's month, and up to three stretches of the months before it.

Neither the clock nor the last build has a say, so a clean build gives the same files as an incremental one. What is new
changes the small segment of its month; an article that comes late with an old date, a third of the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from newsarchive.models import Article

MAX_OLDER_SEGMENTS = 3
"""A search loads a shard of each segment for every term. Of 10,000 articles, one or two stretches make 3,600 files, of
which a median search loads 37 kB; three 4,100 and 44, four 4,100 and 59. An article with an old date rewrites one."""

MIN_SPLIT_ARTICLES = 1_000
"""Articles that are not worth cutting apart."""

_SIZE_STEP = 2 ** (1 / 4)
"""Sizes are tried in steps of a fifth, so that months move to other segments once in a fifth more articles."""

_OLDER_SHARE, _MONTH_SHARE = 3 / 2, 1 / 8

_UNDATED = (0, 0)

Month = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the archive with an index of its own. `share` is its part of the budget for a shard's size."""

    name: str  # its first month, `2021-03`, or `undated`
    articles: tuple[Article, ...]  # oldest first
    share: float


def split_segments(articles: Sequence[Article]) -> list[Segment]:
    """The segments, oldest first; `articles` are in the archive's order, the undated first."""
    counts = Counter((each.date.year, each.date.month) if each.date else _UNDATED for each in articles)
    months = sorted(counts)
    if not months:
        return []
    older, newest = _group_months([(month, counts[month]) for month in months[:-1]]), months[-1:]
    # What a search loads of all stretches together is to grow less than their number.
    shares = [min(1, _OLDER_SHARE / len(older)) for _ in older] + [_MONTH_SHARE if older else 1]
    segments, start = [], 0
    for group, share in zip([*older, newest], shares, strict=True):
        end = start + sum(counts[month] for month in group)
        segments.append(Segment(_segment_name(group), tuple(articles[start:end]), share))
        start = end
    return segments


def _group_months(months: Sequence[tuple[Month, int]]) -> list[list[Month]]:
    """Months, with how many articles each has, as few groups of neighbours of about one size.

    The largest group is as small as can be with so few groups, to the next step of size.
    """
    size: float = MIN_SPLIT_ARTICLES
    while len(groups := _pack_months(months, size)) > MAX_OLDER_SEGMENTS:
        size *= _SIZE_STEP
    return groups


def _pack_months(months: Sequence[tuple[Month, int]], size: float) -> list[list[Month]]:
    """Groups that each take the next month while they hold no more than `size`."""
    groups: list[list[Month]] = []
    total = 0
    for month, count in months:
        if groups and (total + count <= size or groups[-1] == [_UNDATED]):  # the undated stand with the oldest
            groups[-1].append(month)
            total += count
        else:
            groups.append([month])
            total = count
    return groups


def _segment_name(group: Sequence[Month]) -> str:
    year, month = next((month for month in group if month != _UNDATED), _UNDATED)
    return f"{year}-{month:02}" if year else "undated"
