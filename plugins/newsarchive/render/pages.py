"""Which pages there are, and what each one's template is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from newsarchive.articles import Article
from newsarchive.collect import Archive
from newsarchive.collect.archive import Day, Neighbours, Section
from newsarchive.collect.sections import UNCATEGORISED
from newsarchive.describe.tags import tag_key
from newsarchive.render.lists import paginate
from newsarchive.render.site import Link
from newsarchive.settings import Settings

_STORIES_ON_MONTH_PAGE = 5  # a day; more stand on the day's own page


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be: where, by which template, and the names that template gets beside the base context."""

    path: str
    template: str
    title: str
    context: Mapping[str, Any]
    breadcrumbs: Sequence[Link] = field(default=())


def pages_of(archive: Archive, settings: Settings) -> Iterator[Page]:
    """All pages but the hand-made ones."""
    yield _home(archive, settings)
    yield from _articles(archive)
    yield from _sections(archive, settings)
    yield from _tags(archive, settings)
    yield from _days(archive, settings)
    yield Page("404.html", "404.html", "没有这一页", {})


def _home(archive: Archive, settings: Settings) -> Page:
    newest = tuple(reversed(archive.articles[-settings.home_articles :]))
    years = [day.date.year for day in archive.days if day.date]
    return Page(
        "index.html",
        "home.html",
        "",
        {
            "articles": newest,
            "total": len(archive.articles),
            "publications": len({section.path[1] for section in _walk(archive.sections) if len(section.path) == 2}),
            "first_year": min(years, default=None),
            "last_year": max(years, default=None),
            "years": _years(archive.days),
            "sections": archive.sections,
            "tags": sorted(archive.tags, key=lambda tag: (-len(tag.articles), tag.url))[:30],
        },
    )


def _articles(archive: Archive) -> Iterator[Page]:
    section_urls = {section.path: section.url for section in _walk(archive.sections)}
    tag_urls = {tag_key(tag.name): tag.url for tag in archive.tags}
    alone = Neighbours(None, None)
    for article in archive.articles:
        channels = [_trail(categories, section_urls) for categories in article.also_in]
        yield Page(
            article.url,
            "article.html",
            article.title,
            {
                "article": article,
                "source": Link(*_source_of(article, section_urls)),
                "day_url": article.url.rpartition("/")[0] + "/index.html",
                "tags": [Link(tag, tag_urls.get(tag_key(tag), "")) for tag in article.tags],
                "also_in": channels,
                "neighbours": archive.neighbours.get(article.id, alone),
                "show_lead": article.lead is not None and "<img" not in article.html,
            },
            breadcrumbs=_trail(article.categories or (UNCATEGORISED,), section_urls),
        )


def _source_of(article: Article, section_urls: Mapping[tuple[str, ...], str]) -> tuple[str, str]:
    """Name and address of the publication: the second category level, or the author's name without a page."""
    if len(article.categories) > 1:
        return article.categories[1], section_urls.get(article.categories[:2], "")
    return article.author, ""


def _trail(categories: Sequence[str], section_urls: Mapping[tuple[str, ...], str]) -> list[Link]:
    """The sections on the way to an article, as many as have pages."""
    paths = [tuple(categories[:depth]) for depth in range(1, len(categories) + 1)]
    return [Link(path[-1], section_urls[path]) for path in paths if path in section_urls]


def _sections(archive: Archive, settings: Settings) -> Iterator[Page]:
    yield Page("sections/index.html", "sections.html", "栏目", {"sections": archive.sections})
    for section in _walk(archive.sections):
        folder = section.url.removesuffix("index.html")
        parents = _trail(section.path[:-1], {s.path: s.url for s in _line_to(archive.sections, section.path)})
        yield from _list_pages(
            folder,
            section.name,
            section.articles,
            settings,
            [Link("栏目", "sections/index.html"), *parents],
            section.children,
        )


def _line_to(sections: Sequence[Section], path: tuple[str, ...]) -> Iterator[Section]:
    """The sections from the root to `path`."""
    for section in sections:
        if section.path == path[: len(section.path)]:
            yield section
            yield from _line_to(section.children, path)


def _tags(archive: Archive, settings: Settings) -> Iterator[Page]:
    yield Page("tags/index.html", "tags.html", "标签", {"tags": archive.tags})
    for tag in archive.tags:
        folder = tag.url.removesuffix("index.html")
        yield from _list_pages(folder, tag.name, tag.articles, settings, [Link("标签", "tags/index.html")])


def _list_pages(
    folder: str,
    name: str,
    articles: Sequence[Article],
    settings: Settings,
    breadcrumbs: Sequence[Link],
    children: Sequence[Section] = (),
) -> Iterator[Page]:
    for page in paginate(articles, settings.per_page):
        title = f"{name} · 第 {page.number} 页" if page.number else name
        context = {
            "name": name,
            "articles": page.articles,
            "total": len(articles) if not page.number else None,
            "newer": page.newer,
            "older": page.older,
            "children": children if not page.number else (),
        }
        yield Page(folder + page.file, "list.html", title, context, breadcrumbs)


def _days(archive: Archive, settings: Settings) -> Iterator[Page]:
    years = _years(archive.days)
    yield Page("archive/index.html", "years.html", "按日期浏览", {"years": years, "undated": _undated(archive.days)})
    crumbs = [Link("按日期浏览", "archive/index.html")]
    for year, months in years:
        yield Page(f"{year}/index.html", "year.html", f"{year}年", {"year": year, "months": months}, crumbs)
        of_year = [*crumbs, Link(f"{year}年", f"{year}/index.html")]
        for month, days in months:
            context = {"year": year, "month": month, "days": days, "stories": _STORIES_ON_MONTH_PAGE}
            yield Page(f"{year}/{month:02}/index.html", "month.html", f"{year}年{month}月", context, of_year)
    for day in archive.days:
        folder = day.url.removesuffix("index.html")
        yield from _list_pages(folder, _day_name(day), day.articles, settings, _day_crumbs(day.date, crumbs))


def _day_name(day: Day) -> str:
    return f"{day.date.year}年{day.date.month}月{day.date.day}日" if day.date else "未注明日期"


def _day_crumbs(day: date | None, crumbs: list[Link]) -> list[Link]:
    if day is None:
        return crumbs
    year = Link(f"{day.year}年", f"{day.year}/index.html")
    return [*crumbs, year, Link(f"{day.month}月", f"{day.year}/{day.month:02}/index.html")]


def _undated(days: Sequence[Day]) -> Day | None:
    return next((day for day in days if day.date is None), None)


def _years(days: Sequence[Day]) -> list[tuple[int, list[tuple[int, list[Day]]]]]:
    """(year, [(month, [its days])]), newest first throughout."""
    dated = sorted((day for day in days if day.date), key=lambda day: day.url, reverse=True)
    return [
        (year, [(month, list(of_month)) for month, of_month in groupby(of_year, key=lambda day: int(day.url[5:7]))])
        for year, of_year in groupby(dated, key=lambda day: int(day.url[:4]))
    ]


def _walk(sections: Sequence[Section]) -> Iterator[Section]:
    for section in sections:
        yield from section.walk()
