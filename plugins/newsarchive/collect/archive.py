"""The Archive and its parts: immutable values that templates and the search index read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from msgspec import Struct

from newsarchive.models import Article


@dataclass(frozen=True, slots=True)
class Section:
    """A category with a page, at any level of the category path.

    `articles` holds the articles of this section and of all sections below it, oldest first.
    """

    name: str
    url: str
    path: tuple[str, ...]
    articles: tuple[Article, ...]
    children: tuple[Section, ...] = ()

    def walk(self) -> Iterator[Section]:
        """Yield this section and all sections below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag with a page; its articles are sorted oldest first."""

    name: str
    url: str
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A day with articles, oldest first; `date` is None for the undated articles."""

    date: date | None
    url: str
    articles: tuple[Article, ...]


class Neighbours(Struct, frozen=True):
    """The articles before and after an article in time, within its section."""

    earlier: Article | None
    later: Article | None


@dataclass(frozen=True, slots=True)
class Archive:
    """All articles and their groupings; articles are sorted oldest first, undated ones before all others."""

    articles: tuple[Article, ...]
    merged: Mapping[str, str] = field(default_factory=dict)  # path of a duplicate → address of the page that shows it
    sections: tuple[Section, ...] = ()
    tags: tuple[Tag, ...] = ()
    days: tuple[Day, ...] = ()
    neighbours: Mapping[str, Neighbours] = field(default_factory=dict)  # by id
    related: Mapping[str, tuple[Article, ...]] = field(default_factory=dict)  # id → related older articles, best first


def sort_key(article: Article) -> tuple[float, str]:
    """Return the sort key of the archive: oldest first, undated articles before all others.

    Equal dates are ordered by id, so that the order never depends on the file system.
    """
    return (article.date.timestamp() if article.date else float("-inf"), article.id)
