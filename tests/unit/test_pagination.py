"""Long lists are numbered from the oldest, so that what stands on page 3 today stands there next year."""

from __future__ import annotations

import pytest

from newsarchive.models import Article
from newsarchive.render.pagination import ListPage, paginate
from unit.factories import make_article

ARTICLES = [make_article(f"{n:02}.md") for n in range(40)]


def pages(count: int, per_page: int = 5) -> dict[str, ListPage]:
    """The pages of the first `count` articles, by file."""
    return {page.file: page for page in paginate(ARTICLES[:count], per_page)}


def sources(articles: tuple[Article, ...]) -> list[int]:
    """The numbers of articles."""
    return [ARTICLES.index(article) for article in articles]


def test_a_short_list_is_one_page_newest_first() -> None:
    assert {file: sources(page.articles) for file, page in pages(4).items()} == {"index.html": [3, 2, 1, 0]}


def test_a_list_of_nothing_is_one_empty_page() -> None:
    assert pages(0) == {"index.html": ListPage("index.html", 0, (), "", "")}


def test_a_long_list_goes_from_the_index_down_to_the_oldest() -> None:
    found = [(page.file, page.number, sources(page.articles)) for page in paginate(ARTICLES[:17], 5)]

    assert found == [
        ("index.html", 0, [16, 15, 14, 13, 12, 11, 10]),
        ("page-2.html", 2, [9, 8, 7, 6, 5]),
        ("page-1.html", 1, [4, 3, 2, 1, 0]),
    ]


def test_every_page_leads_to_the_one_before_and_the_one_after() -> None:
    found = [(page.newer, page.file, page.older) for page in paginate(ARTICLES[:17], 5)]

    assert found == [
        ("", "index.html", "page-2.html"),
        ("index.html", "page-2.html", "page-1.html"),
        ("page-2.html", "page-1.html", ""),
    ]


@pytest.mark.parametrize("count", range(39))
def test_a_new_article_changes_no_numbered_page_but_the_newest(count: int) -> None:
    before, after = pages(count), pages(count + 1)

    kept = {file: page.articles for file, page in before.items() if page.number}

    assert kept == {file: after[file].articles for file in kept}
    assert all(before[file] == after[file] for file in list(kept)[1:])


@pytest.mark.parametrize("count", range(5, 40))
def test_the_index_is_never_nearly_empty(count: int) -> None:
    assert 5 <= len(pages(count)["index.html"].articles) < 10
