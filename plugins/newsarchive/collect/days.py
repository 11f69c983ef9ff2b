"""Group articles by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from newsarchive.collect.archive import Day
from newsarchive.models import Article


def group_by_day(articles: Sequence[Article]) -> tuple[Day, ...]:
    """Return the days with articles, oldest first and the undated before them, by the site's time zone."""
    members: dict[date | None, list[Article]] = {}
    for article in articles:
        members.setdefault(article.date.date() if article.date else None, []).append(article)
    return tuple(Day(day, _url(day), tuple(found)) for day, found in members.items())


def _url(day: date | None) -> str:
    return day.strftime("%Y/%m/%d/index.html") if day else "undated/index.html"
