"""The same article through several channels, or from several crawls, gets one page."""

from __future__ import annotations

from typing import Any

from newsarchive.collect.duplicates import merge_duplicates
from newsarchive.models import Article, Image
from unit.factories import make_article

STORY = "北京市商务局局长表示，北京是全球科技创新崛起的新高地、高精尖产业发展的新标杆，更是对外开放发展的新热土。"


def story(source: str, **given: Any) -> Article:
    """One and the same article, wherever it came from."""
    return make_article(source, **{"title": "北京发力", "text": STORY, **given})


def merged(*articles: Article) -> dict[str, str]:
    """Path of each duplicate → path of the article that stands for it."""
    return merge_duplicates(articles)[1]


def test_the_oldest_stands_for_all() -> None:
    articles = [story("a.md", date="2021-10-12"), story("b.md", date="2021-10-10"), story("c.md", date="2021-10-11")]

    kept, merged_into = merge_duplicates(articles)

    assert [article.source for article in kept] == ["b.md"]
    assert merged_into == {"c.md": "b.md", "a.md": "b.md"}


def test_the_article_that_stands_for_others_takes_over_their_channels() -> None:
    articles = [
        story("a.md"),
        story("b.md", date="2021-10-11", categories=("科技", "晨报")),
        story("c.md", date="2021-10-12", categories=("财经", "晨报", "要闻")),
        story("d.md", date="2021-10-13", categories=("科技", "晨报")),
        story("e.md", date="2021-10-14", categories=()),
    ]

    (kept,), _ = merge_duplicates(articles)

    assert kept.categories == ("财经", "晨报", "要闻")
    assert kept.also_in == (("科技", "晨报"),)


def test_white_space_width_and_case_do_not_part_duplicates() -> None:
    first = story("a.md", title="AI 北京 发力", text=f"Abc {STORY}")
    second = story("b.md", title="ai北京发力", text=f"ＡＢＣ\n　{STORY}")

    assert len(merged(first, second)) == 1


def test_another_title_another_text_or_another_image_is_another_article() -> None:
    articles = [
        story("a.md"),
        story("b.md", title="北京再发力"),
        story("c.md", text=STORY + "完。"),
        story("d.md", images=(Image("https://a.com/1.jpg"),)),
        story("e.md", images=(Image("https://a.com/2.jpg"),)),
    ]

    assert merged(*articles) == {}


def test_the_same_few_words_on_two_days_are_two_pieces_of_news() -> None:
    assert merged(story("a.md", text="早报"), story("b.md", text="早报", date="2021-10-11")) == {}


def test_the_same_few_words_on_one_day_are_one() -> None:
    early, late = (story(f"{n}.md", text="早报", date=f"2021-10-10 0{n}:00") for n in (1, 2))

    assert merged(early, late) == {"2.md": "1.md"}


def test_an_undated_article_never_stands_for_a_dated_one() -> None:
    assert merged(story("a.md", date=""), story("b.md", date="2021-10-10")) == {"a.md": "b.md"}


def test_a_few_words_without_a_date_are_not_those_of_any_day() -> None:
    assert merged(story("a.md", text="早报", date=""), story("b.md", text="早报")) == {}


def test_the_undated_stand_for_one_another() -> None:
    assert len(merged(story("a.md", date=""), story("b.md", date=""))) == 1


def test_articles_with_nothing_in_common_are_all_kept() -> None:
    articles = [make_article(f"{n}.md", text=f"{n}{STORY}") for n in range(5)]

    assert merge_duplicates(articles) == (articles, {})
