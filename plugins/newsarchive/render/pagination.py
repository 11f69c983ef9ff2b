"""Long lists as numbered pages, counted from the oldest: page 3 today is page 3 next year.

`index.html` shows the newest articles. Older ones are on `page-1.html` (the oldest), `page-2.html`, …, each full, so
that a new article changes the index and, once in a page's worth of articles, the page that has just filled up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from newsarchive.models import Article


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list: its articles, newest first, and the files of the next pages ("" if there is none)."""

    file: str
    number: int  # 0 for the index
    articles: tuple[Article, ...]
    newer: str
    older: str


def paginate(articles: Sequence[Article], per_page: int) -> Iterator[ListPage]:
    """Yield the pages of `articles` (oldest first): the index, then the numbered pages, newest first.

    The index holds what numbered pages do not: between one and two pages' worth, so that it is never nearly empty.
    """
    numbered = _numbered(len(articles), per_page)
    yield ListPage("index.html", 0, _newest_first(articles[numbered * per_page :]), "", _file(numbered))
    for page in range(numbered, 0, -1):
        chunk = articles[(page - 1) * per_page : page * per_page]
        newer = _file(page + 1) if page < numbered else "index.html"
        yield ListPage(_file(page), page, _newest_first(chunk), newer, _file(page - 1))


def page_files(count: int, per_page: int) -> list[str]:
    """Return the files of the pages of a list of `count` articles, in the order of `paginate`."""
    return ["index.html", *(_file(page) for page in range(_numbered(count, per_page), 0, -1))]


def _numbered(count: int, per_page: int) -> int:
    return max(0, count // per_page - 1)


def _file(page: int) -> str:
    return f"page-{page}.html" if page > 0 else ""


def _newest_first(articles: Sequence[Article]) -> tuple[Article, ...]:
    return tuple(reversed(articles))
