"""What an element is named after decides nothing alone: what it holds has to bear the name out (names.toml)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from newsarchive.clean import clean_article
from newsarchive.clean.assemble import text_of
from newsarchive.clean.class_id_heuristics import SIGNALS
from newsarchive.clean.rules import RuleBook
from newsarchive.models import CleanArticle, RawArticle, RawHtml

SIGNALS_TABLE: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("names.toml").read_text("utf-8"))["signal"]

BEFORE = (
    "河边的老城去年修了三座桥，其中两座只给行人走，第三座可以通车，桥下种了柳树，夏天有许多人来乘凉，卖瓜的人也来了。"
)
AFTER = "住在对岸的人从此不必绕路，孩子上学少走半个小时，菜农也把摊子搬到了桥头，早晨六点开张，九点以前就能卖完回家。"


def _clean(piece: str) -> CleanArticle:
    body = f"<div><p>{BEFORE}</p>{piece}<p>{AFTER}</p></div>"
    return clean_article(RawArticle("a.md", "桥", {}, RawHtml(body)), RuleBook(), max_depth=100)


@pytest.mark.parametrize("case", SIGNALS_TABLE, ids=lambda case: case["name"])
def test_an_element_goes_that_holds_what_it_is_named_after(case: dict[str, Any]) -> None:
    clean = _clean(case["goes"])

    assert clean.html == f"<p>{BEFORE}</p>\n<p>{AFTER}</p>"
    assert clean.removed == {f"class or id: {case['name']}": 1}


@pytest.mark.parametrize("case", SIGNALS_TABLE, ids=lambda case: case["name"])
def test_an_element_of_such_a_name_stays_that_holds_a_part_of_the_article(case: dict[str, Any]) -> None:
    clean = _clean(case["stays"])

    assert clean.removed == {}
    bare = _clean(case["stays"].replace('class="', 'data-x="').replace('id="', 'data-x="'))
    assert clean.html == bare.html
    assert len(clean.blocks) >= 3


def test_every_signal_has_a_pair() -> None:
    assert {case["name"] for case in SIGNALS_TABLE} == set(SIGNALS)


@pytest.mark.parametrize("name", ["related", "QR-code", "shareBar", "post_share", "articleShare", "js-share"])
def test_names_are_read_word_by_word_however_they_are_written(name: str) -> None:
    piece = '<a href="https://t.example/1">分享到微博</a> <a href="https://t.example/2">微信</a>'

    assert ("分享" not in _clean(f'<div class="{name}">{piece}</div>').text) == (name != "QR-code")


@pytest.mark.parametrize("name", ["shared-history", "adventure", "sharecropper", "headline", "commentator"])
def test_a_word_that_only_begins_like_a_signal_is_none(name: str) -> None:
    assert "微博" in _clean(f'<div class="{name}">微博上的讨论持续了三天</div>').text


@pytest.mark.parametrize("name", ["share", "related", "newsletter", "copyright"])
def test_an_element_that_holds_most_of_the_article_is_the_article(name: str) -> None:
    whole = f"<p>{BEFORE}</p><p>点击订阅、分享到微博，版权声明在此。</p><p>{AFTER}</p>"
    body = f'<div class="{name}">{whole}</div>'

    clean = clean_article(RawArticle("a.md", "桥", {}, RawHtml(body)), RuleBook(), max_depth=100)

    assert BEFORE in clean.text
    assert AFTER in clean.text


def test_named_elements_together_take_no_more_than_what_may_go() -> None:
    pieces = "".join(
        f'<div class="related"><a href="https://e.example/{number}">第{number}座桥在河的下游，明年春天通车</a></div>'
        for number in range(40)
    )

    clean = _clean(pieces)

    assert 0 < clean.removed["class or id: related articles"] < 40


def test_words_in_a_line_stay_whatever_they_are_named_after() -> None:
    clean = _clean(
        '<p>他在<a class="share" href="https://t.example/1">微博</a>上<span class="ad">广告</span>两个字旁写道</p>'
    )

    assert "他在微博上广告两个字旁写道" in clean.text


def test_words_for_screen_readers_go_from_within_a_line() -> None:
    clean = _clean('<p>报告<span class="sr-only">（在新窗口打开）</span>昨天公布</p>')

    assert "报告昨天公布" in clean.text


def test_a_label_for_readers_by_ear_names_an_element_too() -> None:
    clean = _clean('<div aria-label="Share this"><a href="https://t.example/1">Facebook</a></div>')

    assert clean.removed == {"class or id: share bar": 1}


def test_what_goes_by_its_name_is_one_piece_with_all_that_it_holds() -> None:
    clean = _clean('<div class="share"><div class="social"><a href="https://t.example/1">微博</a></div></div>')

    assert clean.removed == {"class or id: share bar": 1}
    assert text_of(clean.blocks[-1]) == AFTER


def test_a_banner_that_opens_its_own_larger_image_is_the_articles() -> None:
    image = '<img src="https://e.example/small.jpg">'

    opening = _clean(f'<div class="banner"><a href="https://e.example/large.jpg">{image}</a></div>')
    selling = _clean(f'<div class="banner"><a href="https://shop.example/">{image}</a></div>')

    assert [image.url for image in opening.images] == ["https://e.example/small.jpg"]
    assert not selling.images


@pytest.mark.parametrize("name", ["sr-only", "sr_only", "visually-hidden", "screen-reader-text", "visuallyHidden"])
def test_names_of_two_words_are_read_as_one(name: str) -> None:
    assert "新窗口" not in _clean(f'<p>报告<span class="{name}">（新窗口）</span>昨天公布</p>').text
