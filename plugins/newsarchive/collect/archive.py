"""The Archive and its parts: frozen values that templates and the index read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from msgspec import Struct

from newsarchive.models import Article


@dataclass(frozen=True, slots=True)
class Section:
    """A category with a page: a section, a source, a channel, or below. Its articles, oldest first, are all levels'."""

    name: str
    url: str
    path: tuple[str, ...]
    articles: tuple[Article, ...]
    children: tuple[Section, ...] = ()

    def walk(self) -> Iterator[Section]:
        """This section and everything below it."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag with a page, its articles oldest first."""

    name: str
    url: str
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A day that has articles, oldest first; `date` is None for the undated."""

    date: date | None
    url: str
    articles: tuple[Article, ...]


class Neighbours(Struct, frozen=True):
    """The articles before and after one in time, within its section."""

    earlier: Article | None
    later: Article | None


@dataclass(frozen=True, slots=True)
class Archive:
    """All articles, oldest first (the undated before all others), and every way they are grouped."""

    articles: tuple[Article, ...]
    merged: Mapping[str, str] = field(default_factory=dict)  # path of a duplicate → address of the page that has it
    sections: tuple[Section, ...] = ()
    tags: tuple[Tag, ...] = ()
    days: tuple[Day, ...] = ()
    neighbours: Mapping[str, Neighbours] = field(default_factory=dict)  # by id
    related: Mapping[str, tuple[Article, ...]] = field(default_factory=dict)  # by id: older articles that are related


def sort_key(article: Article) -> tuple[float, str]:
    """Oldest first, the undated before all; ties by id, so that no order depends on the disk's."""
    return (article.date.timestamp() if article.date else float("-inf"), article.id)
