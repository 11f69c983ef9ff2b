"""Properties of the collect stage, and of lists."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from newsarchive.collect import collect_archive
from newsarchive.collect.duplicates import merge_duplicates
from newsarchive.collect.slugs import assign_slugs
from newsarchive.config.settings import Settings
from newsarchive.models import COLLECTED_FIELDS, Article
from newsarchive.render.pagination import paginate

from .strategies import archives, article, hostile_text, names, property_test

WINDOWS_REFUSES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?\Z")

ROW = [article(f"{number}.md") for number in range(120)]


@property_test
@given(st.lists(hostile_text | names | st.sampled_from(["con", "NUL", "c", "C++", "c#", "北京", "背景"]), max_size=12))
def test_every_name_has_a_slug_of_its_own_that_any_system_takes(found: list[str]) -> None:
    slugs = assign_slugs(found)

    assert set(slugs) == set(found)
    assert len(set(slugs.values())) == len(slugs)
    for slug in slugs.values():
        assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", slug)
        assert not WINDOWS_REFUSES.match(slug)
        assert len(slug) <= 65


@property_test
@given(st.lists(hostile_text | names, max_size=8, unique=True), st.lists(names, max_size=4))
def test_names_that_come_later_change_no_slug(first: list[str], later: list[str]) -> None:
    before, after = assign_slugs(first), assign_slugs([*first, *later])

    assert {name: after[name] for name in before} == before


@property_test
@given(archives(), st.randoms())
def test_merging_duplicates_does_not_depend_on_the_order_they_come_in(articles: list[Article], random: object) -> None:
    shuffled = _shuffled(articles, random)

    (kept, merged), (kept_too, merged_too) = merge_duplicates(articles), merge_duplicates(shuffled)

    assert merged == merged_too
    assert sorted(kept, key=lambda a: a.source) == sorted(kept_too, key=lambda a: a.source)


@property_test
@given(archives())
def test_every_article_is_kept_or_merged_into_one_that_is(articles: list[Article]) -> None:
    kept, merged = merge_duplicates(articles)

    sources = {article.source for article in kept}
    assert sources | merged.keys() == {article.source for article in articles}
    assert not sources & merged.keys()
    assert set(merged.values()) <= sources


@property_test
@given(archives())
def test_merging_twice_changes_nothing(articles: list[Article]) -> None:
    kept, _ = merge_duplicates(articles)

    assert merge_duplicates(kept) == (kept, {})


@property_test
@given(archives())
def test_an_undated_article_never_stands_for_a_dated_one(articles: list[Article]) -> None:
    dated = {article.source for article in articles if article.date}

    _, merged = merge_duplicates(articles)

    assert all(page in dated for duplicate, page in merged.items() if duplicate in dated)


@property_test
@given(archives(), st.randoms())
def test_an_archive_does_not_depend_on_the_order_of_the_disk(articles: list[Article], random: object) -> None:
    assert collect_archive(articles, Settings()) == collect_archive(_shuffled(articles, random), Settings())


@property_test
@given(archives())
def test_collecting_changes_nothing_of_an_article_but_what_is_said_to_change(articles: list[Article]) -> None:
    described = {one.source: one for one in articles}

    for one in collect_archive(articles, Settings(shared_image_minimum=2)).articles:
        assert replace(described[one.source], **{name: getattr(one, name) for name in COLLECTED_FIELDS}) == one


@property_test
@given(archives())
def test_every_page_has_an_address_of_its_own_and_every_article_a_day_and_a_section(articles: list[Article]) -> None:
    archive = collect_archive(articles, Settings())

    sections = [section for top in archive.sections for section in top.walk()]
    urls = [page.url for group in (archive.articles, sections, archive.tags, archive.days) for page in group]
    assert len(set(urls)) == len(urls)
    assert [one.source for day in archive.days for one in day.articles] == [one.source for one in archive.articles]
    assert {one.source for top in archive.sections for one in top.articles} == {a.source for a in archive.articles}


@property_test
@given(st.integers(0, len(ROW)), st.integers(1, 20))
def test_a_list_shows_every_article_once_newest_first(count: int, per_page: int) -> None:
    pages = list(paginate(ROW[:count], per_page))

    assert [one for page in pages for one in page.articles] == list(reversed(ROW[:count]))
    assert len({page.file for page in pages}) == len(pages)


@property_test
@given(st.integers(0, len(ROW)), st.integers(0, len(ROW)), st.integers(1, 20))
def test_a_numbered_page_never_changes_its_articles(early: int, late: int, per_page: int) -> None:
    early, late = sorted((early, late))

    before = {page.file: page.articles for page in paginate(ROW[:early], per_page) if page.number}
    after = {page.file: page.articles for page in paginate(ROW[:late], per_page) if page.number}

    assert before.items() <= after.items()
    assert all(len(articles) == per_page for articles in after.values())


def _shuffled(articles: Sequence[Article], random: object) -> list[Article]:
    shuffled = list(articles)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis has no public name for its Random
    return shuffled
