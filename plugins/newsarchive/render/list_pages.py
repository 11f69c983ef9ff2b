"""Lists of articles (sections, tags, days), and the pages that link to these lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby

from newsarchive.collect import Archive
from newsarchive.collect.archive import Day, Section, Tag
from newsarchive.config.settings import Settings
from newsarchive.i18n import Translations
from newsarchive.models import Article
from newsarchive.render.page import Page, PageGroup
from newsarchive.render.pagination import page_files, paginate
from newsarchive.render.site import Link, Site

_LARGEST_TAGS = 120  # on the page of all tags; the page of a letter has every tag
_MOST_NUMBERS = 400  # links to numbered pages that the first one carries
_STORIES_A_YEAR = 5  # on the page of a day of the year

# What a list's first page shows besides articles, by default.
_EMPTY = {
    "total": None,
    "numbered": (),
    "children": (),
    "feed": "",
    "within": "",
    "date": None,
    "before": None,
    "after": None,
    "same_day": Link(""),
    "lines": False,
}


_ListHead = tuple[str, Sequence[Link], Mapping[str, object]]
"""A list's name, its breadcrumbs, and what its first page shows besides articles."""


@dataclass(frozen=True, slots=True)
class OtherDay:
    """The day before or after, as a link."""

    date: date | None
    url: str


class ListPages:
    """Makes the list pages of one archive."""

    def __init__(self, archive: Archive, site: Site, settings: Settings, translations: Translations) -> None:
        self.archive, self.site, self.settings, self.translations = archive, site, settings, translations
        self.same_days = _same_days(archive.days)

    def sections(self) -> Iterator[Page | PageGroup]:
        """Yield the tree of sections, and a list for each section."""
        name = self.translations.gettext("Sections")
        yield Page("sections/index.html", "sections.html", name, {"sections": self.archive.sections})
        root = [Link(name, "sections/index.html")]
        for section in self.archive.sections:
            yield from self._section(section, root)

    def _section(self, section: Section, parents: Sequence[Link]) -> Iterator[PageGroup]:
        feed = feed_of(section.url) if len(section.path) <= 2 else ""
        field = {1: "section", 2: "source"}.get(len(section.path), "")  # what the search can ask for
        within = query_within(field, section.name) if field else ""
        context = {
            "children": section.children,
            "feed": self._feed(feed, section.articles),
            "within": within,
            "lines": len(section.path) > 2,  # channels: the list of their source shows summaries
        }
        yield self._list_group(section, parents, lambda: (section.name, parents, context))
        for child in section.children:
            yield from self._section(child, [*parents, Link(section.name, section.url)])

    def tags(self) -> Iterator[Page | PageGroup]:
        """Yield the page of the largest tags, a page for each first letter (by pinyin), and a list for each tag."""
        name = self.translations.gettext("Tags")
        by_letter: dict[str, list[Tag]] = {}
        for tag in self.archive.tags:
            by_letter.setdefault(_letter(tag), []).append(tag)
        letters = [Link(letter.upper(), f"tags/{letter}.html") for letter in sorted(by_letter)]
        largest = sorted(self.archive.tags, key=lambda tag: (-len(tag.articles), tag.url))[:_LARGEST_TAGS]
        context = {"tags": largest, "letters": letters, "letter": ""}
        yield Page("tags/index.html", "tags.html", name, context)
        root = [Link(name, "tags/index.html")]
        for letter, tags in sorted(by_letter.items()):
            context = {"tags": tags, "letters": letters, "letter": letter.upper()}
            title = self.translations.gettext("Tags: %(letter)s", letter=letter.upper())
            yield Page(f"tags/{letter}.html", "tags.html", title, context, root)
        for tag in self.archive.tags:
            yield self._list_group(tag, root, partial(self._tag, tag, root))

    def _tag(self, tag: Tag, parents: Sequence[Link]) -> _ListHead:
        # An article is in the lists of six tags: with summaries, these would take more bytes than the articles.
        feed = self._feed(feed_of(tag.url), tag.articles)
        return tag.name, parents, {"feed": feed, "within": query_within("tag", tag.name), "lines": True}

    def days(self) -> Iterator[PageGroup]:
        """Yield a list for each day, and one for undated articles."""
        root = Link(self.translations.gettext("By date"), "archive/index.html")
        dated = [day for day in self.archive.days if day.date]
        for day in self.archive.days:
            if day.date is None:
                yield self._list_group(
                    day, [root], lambda: (self.translations.gettext("Undated"), [root], {"date": None})
                )
        for before, day, after in zip([None, *dated], dated, [*dated[1:], None], strict=False):
            assert day.date is not None
            has_same = len(self.same_days[day.date.month, day.date.day]) > 1
            other_days = (Link("", before.url) if before else None, Link("", after.url) if after else None)
            describe = partial(self._day, day, root, before, after, has_same)
            yield self._list_group(day, [has_same, *other_days], describe)

    def _day(self, day: Day, root: Link, before: Day | None, after: Day | None, has_same: bool) -> _ListHead:
        assert day.date is not None
        context = {
            "date": day.date,
            "same_day": Link(self.translations.gettext("On this day"), same_day_url(day.date))
            if has_same
            else Link(""),
            "before": OtherDay(before.date, before.url) if before else None,
            "after": OtherDay(after.date, after.url) if after else None,
            "within": query_within("date", f"{day.date:%Y-%m-%d}"),
        }
        return self.translations.write_date(day.date, "EEEE, d MMMM y"), self._crumbs(root, day.date), context

    def on_this_day(self) -> Iterator[Page]:
        """Yield a page for the date of the newest day, and one for each date that several years have."""
        newest = max((day.date for day in self.archive.days if day.date), default=None)
        repeated = [key for key, days in sorted(self.same_days.items()) if len(days) > 1]
        others = [
            (date(2000, month, 1), [self._link(key) for key in keys])
            for month, keys in groupby(repeated, key=lambda key: key[0])
        ]
        name = self.translations.gettext("On this day")
        years = self._years((newest.month, newest.day)) if newest else ()
        title = f"{name} · {self.translations.write_date(newest, 'd MMMM')}" if newest else name
        yield Page("on-this-day/index.html", "on_this_day.html", title, {"years": years, "others": others})
        root = [Link(name, "on-this-day/index.html")]
        for key in repeated:
            context = {"years": self._years(key), "others": ()}
            yield Page(self._link(key).url, "on_this_day.html", self._link(key).name, context, root)

    def _years(self, key: tuple[int, int]) -> list[tuple[Day, Sequence[Article]]]:
        return [(day, day.articles[: -_STORIES_A_YEAR - 1 : -1]) for day in reversed(self.same_days[key])]

    def _link(self, key: tuple[int, int]) -> Link:
        day = date(2000, *key)  # a leap year, for the 29th of February
        return Link(self.translations.write_date(day, "d MMMM"), same_day_url(day))

    def _crumbs(self, root: Link, day: date) -> list[Link]:
        year = Link(self.translations.write_date(day, "y"), f"{day:%Y}/index.html")
        return [root, year, Link(self.translations.write_date(day, "MMMM"), f"{day:%Y/%m}/index.html")]

    def _feed(self, path: str, articles: Sequence[Article]) -> str:
        """Return `path` if there is a feed: the site has an address, and an article has a date; else ""."""
        return path if self.site.url and articles[-1].date else ""

    def _list_group(
        self, of: Section | Tag | Day, inputs: Sequence[object], describe: Callable[[], _ListHead]
    ) -> PageGroup:
        """Return the pages of a list. `inputs` is everything that `describe` uses besides the section, tag or day."""
        per_page, folder = self.settings.per_page, of.url.removesuffix("index.html")
        paths = [folder + file for file in page_files(len(of.articles), per_page)]
        pages = partial(self._pages, of, describe)
        return PageGroup(of.url, "list.html", (of, per_page, bool(self.site.url), *inputs), paths, pages)

    def _pages(self, of: Section | Tag | Day, describe: Callable[[], _ListHead]) -> Iterator[Page]:
        """Yield the pages of a list. Only the first one shows what `describe` returns."""
        name, breadcrumbs, context = describe()
        folder = of.url.removesuffix("index.html")
        for page in paginate(of.articles, self.settings.per_page):
            shown = {"name": name, "articles": page.articles, "newer": page.newer, "older": page.older}
            if page.number:
                title = self.translations.gettext("%(name)s · page %(number)d", name=name, number=page.number)
                own = {
                    **_EMPTY,
                    "date": context.get("date"),
                    "lines": True,
                    **shown,
                }  # older pages are leafed through
            else:
                title = name
                own = {**_EMPTY, **context, "total": len(of.articles), "numbered": _numbered(page.older), **shown}
            yield Page(folder + page.file, "list.html", title, own, breadcrumbs)


def query_within(field: str, value: str) -> str:
    """Return the search query that finds all articles of a list (docs/search.md)."""
    return f'{field}:"{value.replace(chr(34), "")}"'


def feed_of(url: str) -> str:
    """Return the path of the feed of a list."""
    return url.removesuffix("index.html") + "feed.xml"


def same_day_url(day: date) -> str:
    """Return the path of the page of a day of the year."""
    return f"on-this-day/{day:%m-%d}.html"


def _numbered(newest: str) -> list[tuple[str, int]]:
    """Return the numbered pages as (file, number), newest first. Only the first page links them: it changes anyway."""
    last = int(newest[5:-5]) if newest else 0
    step = max(1, last // _MOST_NUMBERS)
    return [(f"page-{number}.html", number) for number in range(last, 0, -step)] if last > 1 else []


def _letter(tag: Tag) -> str:
    """Return the letter of a tag: the first of its address, which is pinyin for Chinese."""
    first = tag.url.removeprefix("tags/")[:1]
    return first if first.isalpha() else "0"


def _same_days(days: Sequence[Day]) -> dict[tuple[int, int], list[Day]]:
    """Return (month, day) → the days of all years, oldest first."""
    found: dict[tuple[int, int], list[Day]] = {}
    for day in days:
        if day.date:
            found.setdefault((day.date.month, day.date.day), []).append(day)
    return found
