"""The archive cut by dates alone: years that are over, the newest article's year, its month.

Neither the clock nor the last build has a say, so a clean build gives the same files as an incremental one; and what is
new changes the small segment of its month, not the shards of all years before it. Years that are over stand in up to
four segments, so that an old article which comes late changes a part of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from newsarchive.articles import Article

MOST_CLOSED = 4
"""Segments of years that are over: a search loads a shard of each for every term."""

WHOLE = 1_000
"""Articles that are not worth cutting apart."""

_STEP = 2 ** (1 / 4)
"""Sizes are tried in steps of a fifth, so that years move to other segments once in a fifth more articles."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the archive with an index of its own. `share` is its part of the budget for a shard's size."""

    name: str
    articles: tuple[Article, ...]  # oldest first
    share: float


def cut_segments(articles: Sequence[Article]) -> list[Segment]:
    """The segments that hold anything, oldest first; `articles` are in the archive's order, the undated first."""
    newest = articles[-1].date if articles else None
    if newest is None:
        return [Segment("undated", tuple(articles), 1)] if articles else []
    years = Counter(each.date.year if each.date else 0 for each in articles)
    closed = _group_years([(year, years[year]) for year in sorted(years) if year < newest.year])
    cut, begin = [], 0
    for group in closed:
        end = begin + sum(years[year] for year in group)
        # A search loads a shard of every segment, so those of many, and of small ones, are smaller.
        cut.append(Segment(_name(group), tuple(articles[begin:end]), 1 if len(closed) == 1 else 1 / 2))
        begin = end
    end = begin + sum(1 for each in articles[begin:] if each.date and each.date.month < newest.month)
    cut += [Segment("year", tuple(articles[begin:end]), 1 / 4), Segment("month", tuple(articles[end:]), 1 / 8)]
    return [segment for segment in cut if segment.articles]


def _group_years(years: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Years that are over, with how many articles each has, as few groups of neighbours that are about as large.

    The largest group is as small as can be with so few groups, to the next step of size.
    """
    size: float = WHOLE
    while len(groups := _fill(years, size)) > MOST_CLOSED:
        size *= _STEP
    return groups


def _fill(years: Sequence[tuple[int, int]], size: float) -> list[list[int]]:
    """Groups that each take the next year while they hold no more than `size`."""
    groups: list[list[int]] = []
    held = 0
    for year, count in years:
        if groups and (held + count <= size or groups[-1] == [0]):  # the undated, 0, stand with the oldest
            groups[-1].append(year)
            held += count
        else:
            groups.append([year])
            held = count
    return groups


def _name(group: Sequence[int]) -> str:
    """`2018`, `2018-2021`; `undated` where there is nothing else."""
    years = [year for year in group if year]
    return "-".join(dict.fromkeys(f"{year}" for year in (years[0], years[-1]))) if years else "undated"
