"""The list of all pages, except those of articles and hand-made pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from newsarchive.collect import Archive
from newsarchive.collect.archive import Day
from newsarchive.config.settings import Settings
from newsarchive.i18n import Translations
from newsarchive.render.calendar import Year, calendar_of
from newsarchive.render.home import home_page
from newsarchive.render.list_pages import ListPages, query_within
from newsarchive.render.page import Page, PageGroup
from newsarchive.render.site import Link, Site
from newsarchive.render.statistics import figures_page

_STORIES_ON_MONTH_PAGE = 5  # for each day; the page of the day has all


def pages_of(
    archive: Archive, site: Site, settings: Settings, translations: Translations
) -> Iterator[Page | PageGroup]:
    """Yield all pages except those of articles and hand-made pages."""
    years = calendar_of(archive.days, translations.locale.first_week_day)
    lists = ListPages(archive, site, settings, translations)
    yield home_page(archive, years, settings, translations)
    yield from lists.sections()
    yield from lists.tags()
    yield from _calendars(archive, years, translations)
    yield from lists.days()
    yield from lists.on_this_day()
    yield figures_page(archive, years, translations)
    if site.searchable:
        yield Page("search.html", "search.html", translations.gettext("Search"), {})
    yield Page("offline.html", "offline.html", translations.gettext("Reading offline"), {})
    yield Page("404.html", "404.html", translations.gettext("There is no such page"), {})


def _calendars(archive: Archive, years: Sequence[Year], translations: Translations) -> Iterator[Page]:
    name, weekdays = translations.gettext("By date"), translations.weekdays()
    yield Page("archive/index.html", "years.html", name, {"years": years, "undated": _undated(archive.days)})
    crumbs = [Link(name, "archive/index.html")]
    for year in years:
        title = translations.write_date(year.first, "y")
        context = {"year": year, "weekdays": weekdays, "within": query_within("date", f"{year.first:%Y}")}
        yield Page(year.url, "year.html", title, context, crumbs)
        for month in year.months:
            if month.count:
                days = [(day, day.articles[: -_STORIES_ON_MONTH_PAGE - 1 : -1]) for day in month.days]
                within = query_within("date", f"{month.first:%Y-%m}")
                context = {"month": month, "weekdays": weekdays, "days": days, "within": within}
                of_year = [*crumbs, Link(title, year.url)]
                yield Page(month.url, "month.html", translations.write_date(month.first, "MMMM y"), context, of_year)


def _undated(days: Sequence[Day]) -> Day | None:
    return next((day for day in days if day.date is None), None)
