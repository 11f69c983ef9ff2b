"""What holds for cleaning whatever the body is."""

from __future__ import annotations

import re

import html5lib
import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from conftest import SAMPLE
from newsarchive.clean import clean_article
from newsarchive.clean.rules import RuleBook
from newsarchive.clean.sanitise import ATTRIBUTES, TAGS, sanitise
from newsarchive.models import CleanArticle, RawArticle, RawHtml
from newsarchive.read import read_article
from newsarchive.read.find import find_files

_TAGS = [
    *sorted(TAGS),
    "div",
    "script",
    "style",
    "svg",
    "math",
    "noscript",
    "template",
    "iframe",
    "form",
    "center",
    "font",
]
_ATTRIBUTES = ["href", "src", "style", "onclick", "onerror", "id", "class", "data-src", "srcset", "title", "xlink:href"]
_VALUES = [
    "javascript:alert(1)",
    "https://e.example/a.jpg",
    "//e.example/x",
    "data:text/html,x",
    "display:none",
    "x",
    "",
]
_TEXTS = st.text(alphabet="甲乙丙 　<>&\"'ab\u200b\n。", max_size=12)


@st.composite
def _opening(draw: st.DrawFn) -> str:
    names = draw(st.lists(st.sampled_from(_ATTRIBUTES), max_size=2, unique=True))
    given_attributes = "".join(f' {name}="{draw(st.sampled_from(_VALUES))}"' for name in names)
    return f"<{draw(st.sampled_from(_TAGS))}{given_attributes}>"


_CLOSING = st.sampled_from(_TAGS).map(lambda tag: f"</{tag}>")
_ODD = st.sampled_from(["<!--", "-->", "<![CDATA[", "]]>", "<br><br>", "&nbsp;", "&#0;", "<p", "</", "<!doctype html>"])
BODIES = st.lists(st.one_of(_TEXTS, _opening(), _CLOSING, _ODD), max_size=25).map("".join)


def _clean(body: str) -> CleanArticle:
    return clean_article(RawArticle("property.md", "标题", {}, RawHtml(f"<div>{body}</div>")), RuleBook(), max_depth=50)


@given(BODIES)
@settings(max_examples=300, deadline=None)
def test_nothing_but_the_allowlist_comes_out(body: str) -> None:
    clean = _clean(body).html

    for element in BeautifulSoup(clean, "html.parser").find_all(True):
        assert element.name in TAGS
        allowed = ATTRIBUTES["*"] | ATTRIBUTES.get(element.name, set()) | {"loading", "decoding"}
        assert set(element.attrs) <= allowed
        address = str(element.get("href") or element.get("src") or "https://")
        assert re.match(r"https?://|mailto:|tel:|data:image/", address)


@given(BODIES)
@settings(max_examples=300, deadline=None)
def test_sanitising_twice_changes_nothing(body: str) -> None:
    once = _clean(body).html

    assert sanitise(once) == once


@given(BODIES)
@settings(max_examples=300, deadline=None)
def test_what_comes_out_is_well_formed_html(body: str) -> None:
    page = f"<!DOCTYPE html><html><head><title>x</title></head><body><div>{_clean(body).html}</div></body></html>"

    html5lib.HTMLParser(strict=True).parse(page)  # raises for what a browser would have to mend


@given(st.lists(st.text(alphabet="甲乙丙丁戊己庚辛", min_size=5, max_size=30), min_size=1, max_size=8))
def test_plain_sentences_all_survive_in_their_order(sentences: list[str]) -> None:
    body = "".join(f"<p>{sentence}</p>" for sentence in sentences)

    assert _clean(body).text.split("\n") == sentences


@given(BODIES)
@settings(max_examples=300, deadline=None)
def test_no_control_character_comes_out(body: str) -> None:
    clean = _clean(body)

    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", clean.html + clean.text)


@pytest.mark.parametrize("tag", ["div", "b", "blockquote", "ul", "table", "font", "span"])
def test_text_ten_thousand_levels_deep_is_kept(tag: str) -> None:
    clean = _clean(f"<{tag}>" * 10_000 + "最深处的文字")

    assert "最深处的文字" in clean.text
    assert clean.html.count("<") < 500


def test_deep_nesting_is_told() -> None:
    clean = _clean("<div>" * 100 + "正文")

    assert [diagnostic.code for diagnostic in clean.diagnostics] == ["deep-nesting"]


def _sample_articles() -> list[RawArticle]:
    return [read_article(file, 10**7) for file in find_files(SAMPLE, ["md"], exclude=["pages"])]


@pytest.mark.parametrize("raw", _sample_articles(), ids=lambda raw: raw.source)
def test_cleaning_what_is_clean_changes_nothing(raw: RawArticle) -> None:
    once = clean_article(raw, RuleBook(), max_depth=100)

    again = clean_article(replace(raw, body=RawHtml(f"<div>{once.html}</div>")), RuleBook(), max_depth=100)

    assert again.html == once.html


@given(BODIES)
@settings(max_examples=300, deadline=None)
def test_text_never_grows(body: str) -> None:
    clean = _clean(body)

    # A player's link says where it leads, and a formula's image what it shows: words that markup held.
    added = sum(len(word) for word in re.findall(r"▶ \S+", clean.text))
    assert len("".join(clean.text.split())) <= clean.source_length + added
