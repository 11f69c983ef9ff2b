"""The home page: the newest day, the days before it, and links to everything else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from newsarchive.collect import Archive
from newsarchive.collect.archive import Day, Section
from newsarchive.config.settings import Settings
from newsarchive.i18n import Translations
from newsarchive.models import Article
from newsarchive.render.calendar import Year
from newsarchive.render.page import Page
from newsarchive.render.statistics import spark_points

_BESIDE_THE_LEAD = 5
_STORIES_A_DAY = 5
_LATEST_SECTIONS, _LATEST_ARTICLES = 9, 4  # sections with their newest, below everything
_TAGS = 24
_SAME_DAY = 5


def home_page(archive: Archive, years: Sequence[Year], settings: Settings, translations: Translations) -> Page:
    """Return the home page of the archive."""
    days = _newest_days(archive.days)
    newest = days[0] if days else None
    lead = _lead(newest) if newest else None
    beside = [article for article in _newest_first(newest) if article is not lead][:_BESIDE_THE_LEAD] if newest else []
    beside = beside[: settings.home_articles - 1]
    sections = sorted(archive.sections, key=lambda section: (-len(section.articles), section.url))
    context: dict[str, Any] = {
        "lead": lead,
        "newest": newest,
        "beside": beside,
        "days": _days_before(days[1:], settings.home_articles - len(beside) - 1),
        "total": len(archive.articles),
        "publications": sum(len(section.children) for section in archive.sections),
        "first_year": years[-1].first.year if years else None,
        "last_year": years[0].first.year if years else None,
        "calendar": next((month for month in reversed(years[0].months) if month.count), None) if years else None,
        "weekdays": translations.weekdays(),
        "years": years,
        "sections": [{"section": each, "points": spark_points(each.articles, archive)} for each in archive.sections],
        "tags": sorted(archive.tags, key=lambda tag: (-len(tag.articles), tag.url))[:_TAGS],
        "same_day": _same_day(archive.days, newest),
        "latest": [(section, _latest(section)) for section in sections[:_LATEST_SECTIONS]],
    }
    return Page("index.html", "home.html", "", context)


def _newest_days(days: Sequence[Day]) -> list[Day]:
    """Return the days newest first, the undated one last."""
    return sorted(days, key=lambda day: day.url if day.date else "", reverse=True)


def _newest_first(day: Day) -> Sequence[Article]:
    return day.articles[::-1]


def _lead(day: Day) -> Article:
    """Return the newest article of the day that has an image and a summary, else the newest of all."""
    return next((article for article in _newest_first(day) if article.lead and article.summary), day.articles[-1])


def _days_before(days: Sequence[Day], room: int) -> list[tuple[Day, Sequence[Article]]]:
    """Return (day, its newest articles) for as many days as give `room` articles."""
    found: list[tuple[Day, Sequence[Article]]] = []
    for day in days:
        if room <= 0:
            break
        shown = _newest_first(day)[: min(_STORIES_A_DAY, room)]
        found.append((day, shown))
        room -= len(shown)
    return found


def _same_day(days: Sequence[Day], newest: Day | None) -> list[Article]:
    """Return articles of earlier years from the same date as the newest day."""
    if newest is None or newest.date is None:
        return []
    today = newest.date
    earlier = [d for d in days if d.date and d.date != today and (d.date.month, d.date.day) == (today.month, today.day)]
    return [day.articles[-1] for day in reversed(earlier)][:_SAME_DAY]


def _latest(section: Section) -> Sequence[Article]:
    return section.articles[: -_LATEST_ARTICLES - 1 : -1]
