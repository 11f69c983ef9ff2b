"""All articles as one value: in order, in sections and days, with neighbours, and with images that are theirs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from newsarchive.collect import Archive, collect_archive
from newsarchive.collect.archive import Section
from newsarchive.collect.days import group_by_day
from newsarchive.collect.sections import build_sections
from newsarchive.config.settings import Settings
from newsarchive.describe.ids import article_id
from newsarchive.models import Article, Image
from unit.factories import make_article

LOGO = Image("https://a.com/shared.jpg")


def collect(articles: Iterable[Article], **settings: Any) -> Archive:
    """The archive under the default settings but those given."""
    return collect_archive(articles, Settings(**settings))


def outline(sections: Iterable[Section]) -> dict[str, list[str]]:
    """Address of each section, parents before children → paths of its articles."""
    return {each.url: [a.source for a in each.articles] for section in sections for each in section.walk()}


def test_articles_stand_oldest_first_and_the_undated_before_all() -> None:
    dates = {"a.md": "2021-10-11", "b.md": "", "c.md": "2021-10-10 08:00", "d.md": "2021-10-10 09:00"}

    archive = collect(make_article(source, date) for source, date in dates.items())

    assert [article.source for article in archive.articles] == ["b.md", "c.md", "d.md", "a.md"]


def test_the_order_of_the_input_makes_no_difference() -> None:
    articles = [make_article(f"{n}.md", tags=("甲",), lead_candidates=(LOGO,)) for n in range(6)]

    assert collect(articles) == collect(reversed(articles))


def test_an_address_is_the_day_and_the_identity() -> None:
    assert make_article("a.md", "2021-01-02 23:59").url == f"2021/01/02/{article_id('a.md')}.html"
    assert make_article("a.md", "").url == f"undated/{article_id('a.md')}.html"


def test_identities_that_collide_are_told_apart_and_the_first_path_keeps_its_own() -> None:
    twins = [make_article(source, id="0123456789abcdef") for source in ("b.md", "a.md", "c.md")]

    urls = {article.source: article.url for article in collect(twins).articles}

    assert urls["a.md"] == "2021/10/10/0123456789abcdef.html"
    assert len(set(urls.values())) == 3


def test_a_duplicate_leads_to_the_page_that_has_it() -> None:
    text = "同一篇文章，长到不会有第二篇一样的。" * 3
    articles = [
        make_article(source, date, title="甲", text=text)
        for source, date in (("a.md", "2021-10-11"), ("b.md", "2021-10-10"))
    ]

    archive = collect(articles)

    assert archive.merged == {"a.md": f"2021/10/10/{article_id('b.md')}.html"}


def test_an_article_is_in_every_section_on_its_path() -> None:
    articles = [
        make_article("a.md", categories=("财经", "晨报", "要闻")),
        make_article("b.md", categories=("财经", "晨报")),
        make_article("c.md", categories=("科技",)),
    ]

    assert outline(build_sections(articles, levels=6)) == {
        "sections/cai-jing/index.html": ["a.md", "b.md"],
        "sections/cai-jing/chen-bao/index.html": ["a.md", "b.md"],
        "sections/cai-jing/chen-bao/yao-wen/index.html": ["a.md"],
        "sections/ke-ji/index.html": ["c.md"],
    }


def test_sections_stand_in_order_of_their_addresses() -> None:
    articles = [make_article(f"{name}.md", categories=(name,)) for name in ("要闻", "财经", "zebra", "阿里")]

    assert [section.name for section in build_sections(articles, levels=6)] == ["阿里", "财经", "要闻", "zebra"]


def test_levels_below_the_deepest_get_no_page() -> None:
    sections = build_sections([make_article("a.md", categories=("甲", "乙", "丙"))], levels=2)

    assert [section.path for section in sections[0].walk()] == [("甲",), ("甲", "乙")]


def test_an_article_without_a_category_has_a_section_all_the_same() -> None:
    (section,) = build_sections([make_article("a.md", categories=())], levels=6)

    assert (section.name, section.url) == ("未分类", "sections/wei-fen-lei/index.html")


def test_an_article_is_in_the_sections_of_its_duplicates_and_in_none_twice() -> None:
    article = make_article("a.md", categories=("财经", "晨报"), also_in=(("科技", "晨报"), ("财经", "夜报")))

    sections = outline(build_sections([article], levels=6))

    assert set(sections) == {
        "sections/cai-jing/index.html",
        "sections/cai-jing/chen-bao/index.html",
        "sections/cai-jing/ye-bao/index.html",
        "sections/ke-ji/index.html",
        "sections/ke-ji/chen-bao/index.html",
    }
    assert set(map(tuple, sections.values())) == {("a.md",)}


def test_sections_of_one_name_under_different_parents_are_two() -> None:
    articles = [make_article(f"{top}.md", categories=(top, "要闻")) for top in ("财经", "科技")]

    assert len(outline(build_sections(articles, levels=6))) == 4


def test_an_older_section_keeps_its_address_when_a_namesake_comes() -> None:
    old, new = make_article("a.md", categories=("背景",)), make_article("b.md", categories=("北京",))

    (before,) = build_sections([old], levels=6)
    after = {section.name: section.url for section in build_sections([old, new], levels=6)}

    assert after["背景"] == before.url != after["北京"]


def test_a_day_has_its_articles_oldest_first() -> None:
    dates = ["", "2021-10-10 08:00", "2021-10-10 23:59", "2021-10-11 00:00"]
    articles = [make_article(f"{n}.md", date) for n, date in enumerate(dates)]

    days = [(day.url, [article.source for article in day.articles]) for day in group_by_day(articles)]

    assert days == [
        ("undated/index.html", ["0.md"]),
        ("2021/10/10/index.html", ["1.md", "2.md"]),
        ("2021/10/11/index.html", ["3.md"]),
    ]


def test_neighbours_are_the_next_in_time_within_the_section() -> None:
    articles = [
        make_article("a.md", "2021-10-10", categories=("财经", "晨报")),
        make_article("b.md", "2021-10-11", categories=("科技",)),
        make_article("c.md", "2021-10-12", categories=("财经", "夜报")),
    ]

    neighbours = collect(articles).neighbours

    earlier, later = neighbours[article_id("c.md")].earlier, neighbours[article_id("a.md")].later
    assert (earlier and earlier.source, later and later.source) == ("a.md", "c.md")
    assert neighbours[article_id("b.md")].earlier is neighbours[article_id("b.md")].later is None


def test_the_undated_have_no_neighbours_and_are_none() -> None:
    archive = collect([make_article("a.md", ""), make_article("b.md", "2021-10-10")])

    assert set(archive.neighbours) == {article_id("b.md")}
    assert archive.neighbours[article_id("b.md")].earlier is None


@pytest.mark.parametrize(("articles", "shared_leads"), [(1, True), (2, True), (3, False), (9, False)])
def test_a_image_that_a_source_shows_everywhere_loses_the_lead(articles: int, shared_leads: bool) -> None:
    own = [Image(f"https://a.com/{number}.jpg") for number in range(articles)]

    archive = collect(make_article(f"{n}.md", lead_candidates=(LOGO, image)) for n, image in enumerate(own))

    assert {article.lead for article in archive.articles} == ({LOGO} if shared_leads else set(own))


def test_a_image_shared_between_sources_is_nobodys_ornament() -> None:
    articles = [make_article(f"{n}.md", categories=("财经", f"报{n}"), lead_candidates=(LOGO,)) for n in range(5)]

    assert {article.lead for article in collect(articles).articles} == {LOGO}


def test_a_image_shown_twice_in_one_article_counts_once() -> None:
    articles = [make_article(f"{n}.md", lead_candidates=(LOGO, LOGO)) for n in range(2)]

    assert {article.lead for article in collect(articles).articles} == {LOGO}


def test_the_source_is_the_author_where_there_is_no_second_category() -> None:
    articles = [make_article(f"{n}.md", categories=(), author="晨报", lead_candidates=(LOGO,)) for n in range(3)]

    assert {article.lead for article in collect(articles).articles} == {None}


def test_an_archive_of_nothing_is_an_archive() -> None:
    assert collect([]) == Archive(articles=())
