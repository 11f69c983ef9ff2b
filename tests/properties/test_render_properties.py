"""Properties of rendering: a page adds to its text and never changes it, and what is new changes nothing old."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import urljoin

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from newsarchive.clean.sanitise import sanitise
from newsarchive.collect.related import find_related
from newsarchive.models import Article, CleanHtml
from newsarchive.render.annotate import annotate
from newsarchive.render.environment import relative_to, write_safely

from .strategies import ZONE, article, property_test, quick_property_test

# Pieces that look like tags, stand in attributes, and close what nobody opened.
PIECES = (
    (
        "<h2> </h2> <h3> </h3> <p> </p> <table> </table> <td> <pre> </pre> <abbr\ttitle='<h3>'> </abbr> </a> &lt;h2&gt;"
        " <img\tsrc='https://a.example/x.png'> <img\tsrc='https://a.example/y.png'\talt=' <a\thref='https://a.example/?<h2>'>"
        " <img\talt='\v<h2><script>x</script>'\tsrc='https://a.example/z.png'> ▶\t id=s1 ' \" > < 字"
    )
    .replace("'", '"')
    .split(" ")
)
PIECES = [piece.replace("\t", " ").replace("\v", "\n") for piece in PIECES]
CLEAN = (
    st.lists(st.sampled_from(PIECES), max_size=40)
    .map(lambda pieces: sanitise("".join(pieces)))
    .filter(lambda text: sanitise(text) == text)
)
UNNAMED = "※"


@quick_property_test
@given(CLEAN)
def test_without_its_additions_a_text_is_what_it_was(text: CleanHtml) -> None:
    page, _ = annotate(text, UNNAMED)

    assert sanitise(page.replace(f' alt="{UNNAMED}"', "")) == text


class _Outline(HTMLParser):
    """The names of all elements in order, and the ids that were given."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]


@quick_property_test
@given(CLEAN)
def test_additions_make_no_element_and_anchors_are_those_of_the_contents(text: CleanHtml) -> None:
    page, contents = annotate(text, UNNAMED)

    assert _Outline(page).names == _Outline(text).names
    assert _Outline(page).ids == [anchor for anchor, _ in contents]
    assert "<script" not in re.sub(r'"[^"]*"', "", page)


TAGS = st.lists(st.sampled_from("甲乙丙丁戊"), max_size=3, unique=True)


@st.composite
def rows(draw: st.DrawFn) -> list[Article]:
    """Articles, oldest first, every seventh undated."""
    start = datetime(2021, 10, 10, tzinfo=ZONE)
    return [
        article(
            f"{number}.md",
            title=f"{''.join(tags)}的第{number}条消息",
            date=start + timedelta(days=number) if number % 7 else None,
            tags=tuple(tags),
        )
        for number, tags in enumerate(draw(st.lists(TAGS, max_size=25)))
    ]


@property_test
@given(rows())
def test_what_comes_later_changes_no_earlier_coverage(articles: list[Article]) -> None:
    whole, _ = find_related(articles, 3)

    for count in range(len(articles)):
        part, _ = find_related(articles[:count], 3)
        assert part == {article.id: whole[article.id] for article in articles[:count] if article.id in whole}


@property_test
@given(rows())
def test_earlier_coverage_is_dated_older_and_never_long(articles: list[Article]) -> None:
    dates = {article.id: article.date for article in articles}

    for own, others in find_related(articles, 3)[0].items():
        assert 0 < len(others) <= 3
        assert all(other.date and other.date < (dates[own] or other.date) for other in others)


PATHS = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map("/".join)


@property_test
@given(PATHS, PATHS)
def test_a_relative_address_leads_where_the_full_one_does(url: str, path: str) -> None:
    assert urljoin(f"https://e.example/{path}", relative_to(url, path)) == f"https://e.example/{url}"


@quick_property_test
@given(st.text() | st.text("<>&'\"a字").map(Markup) | st.integers() | st.none() | st.text("<&'\" a"))
def test_a_value_stands_in_a_page_as_escaping_makes_it(value: object) -> None:
    assert write_safely(value) == str(escape(value))
