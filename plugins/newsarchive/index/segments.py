"""The archive cut by dates alone: years that are over, the newest article's year, its month.

Neither the clock nor the last build has a say, so a clean build gives the same files as an incremental one; and what is
new changes the small segment of its month, not the shards of all years before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newsarchive.articles import Article


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
        return [Segment("closed", tuple(articles), 1)] if articles else []
    closed = [each for each in articles if each.date is None or each.date.year < newest.year]
    year = [each for each in articles[len(closed) :] if each.date and each.date.month < newest.month]
    month = articles[len(closed) + len(year) :]
    # A search loads a shard of every segment, so those of the small ones are smaller.
    cut = [
        Segment("closed", tuple(closed), 1),
        Segment("year", tuple(year), 1 / 4),
        Segment("month", tuple(month), 1 / 8),
    ]
    return [segment for segment in cut if segment.articles]
