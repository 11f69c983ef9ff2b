"""One clean article is described by itself: title, date, categories, identity."""

from __future__ import annotations

import unicodedata

import pytest

from newsarchive.config.settings import Settings
from newsarchive.describe import describe_article
from newsarchive.describe.ids import article_id
from newsarchive.diagnostics import RejectedFile
from newsarchive.models import Article, CleanArticle, Facts, Image
from unit.factories import SHANGHAI, make_clean_article, moment

PHOTO = "https://a.com/photo.jpg"


def describe(clean: CleanArticle) -> Article:
    """The article under the default settings."""
    return describe_article(clean, Settings(), SHANGHAI)


def test_an_article_is_described_by_its_front_matter_and_its_text() -> None:
    article = describe(
        make_clean_article(
            {"title": "甲_乙_丙", "date": "2021-10-10", "categories": ["财经", "晨报"], "author": "晨报"},
            text="他说“乙”是对的。\n后来没有再说。",
        )
    )

    assert (article.title, article.title_as_found) == ("甲“乙”丙", "甲_乙_丙")
    assert (article.date, article.categories, article.author) == (moment("2021-10-10"), ("财经", "晨报"), "晨报")
    assert (article.word_count, article.reading_minutes) == (12, 1)
    assert (article.url, article.lead, article.diagnostics) == (f"2021/10/10/{article.id}.html", None, ())


def test_the_original_title_of_the_body_mends_the_title() -> None:
    article = describe(
        make_clean_article({"title": "京_津_冀联动"}, "正文", facts=Facts(original_title="京/津/冀联动"))
    )

    assert article.title == "京/津/冀联动"


def test_a_date_that_is_none_is_a_warning_and_the_article_undated() -> None:
    article = describe(make_clean_article({"title": "甲", "date": "昨天"}, "正文"))

    assert (article.date, article.url) == (None, f"undated/{article.id}.html")
    assert [str(diagnostic) for diagnostic in article.diagnostics] == [
        "a/b.md: “昨天” is not a date: published as undated — add a date"
    ]


def test_names_of_categories_are_plain_text_and_empty_ones_none() -> None:
    article = describe(
        make_clean_article({"title": "甲", "date": "2021", "categories": ["财&amp;经", "\u200b", " 晨 报 "]})
    )

    assert article.categories == ("财&经", "晨 报")


@pytest.mark.parametrize(
    ("text", "title"),
    [("第一行。\n第二行。", "第一行。"), ("长" * 200, "长" * 80)],
)
def test_an_article_without_a_title_is_called_by_its_first_line(text: str, title: str) -> None:
    article = describe(make_clean_article({"title": " \u200b", "date": "2021"}, text))

    assert article.title == title
    assert [diagnostic.code for diagnostic in article.diagnostics] == ["title"]


def test_a_image_without_a_title_is_called_by_its_file() -> None:
    article = describe(make_clean_article({"date": "2021"}, images=(Image(PHOTO),)))

    assert (article.title, article.lead_candidates) == ("b", (Image(PHOTO),))


def test_a_file_with_neither_title_nor_text_nor_image_is_rejected() -> None:
    with pytest.raises(RejectedFile, match=r"^a/b\.md: no title, no text and no image — delete the file"):
        describe(make_clean_article())


def test_a_title_alone_is_an_article() -> None:
    assert describe(make_clean_article({"title": "快讯：甲", "date": "2021"})).title == "快讯：甲"


def test_the_thumbnail_of_the_front_matter_stands_for_an_article_without_images() -> None:
    proxied = "https://cors.zfour.workers.dev/?http://a.com/photo.jpg"

    article = describe(make_clean_article({"title": "甲", "thumbnail": proxied, "headimg": "undefined"}, "正文"))

    assert article.lead_candidates == (Image(PHOTO),)
    assert article.lead == Image(PHOTO)
    assert article.thumbnail == proxied


def test_an_identity_is_that_of_the_path_on_every_machine() -> None:
    assert article_id("财经/晨报/甲.md") == "de6e6d37b570d184"
    assert article_id("café.md") == "30d8533cc2485400"
    assert article_id("财经/晨报/乙.md") != article_id("财经/晨报/甲.md")


def test_an_identity_does_not_depend_on_how_the_disk_spells_a_name() -> None:
    spellings = {article_id(unicodedata.normalize(form, "café.md")) for form in ("NFC", "NFD")}

    assert len(spellings) == 1


def test_an_identity_that_collides_has_others_to_go_to() -> None:
    assert len({article_id("a.md", attempt) for attempt in range(100)}) == 100
