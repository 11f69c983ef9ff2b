"""Properties of what pages are made of: what says that a page is the same may only say so of pages that are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from newsarchive.build import site_targets
from newsarchive.build.collect_site import CollectedSite
from newsarchive.build.page_dependencies import PageDigests
from newsarchive.build.site_targets import RenderedSite, page_targets
from newsarchive.build.targets import File, Target
from newsarchive.cache.serialization import from_bytes, to_bytes
from newsarchive.collect import Archive, collect_archive
from newsarchive.config.settings import Settings
from newsarchive.describe.tags import tag_key
from newsarchive.i18n import load_translations
from newsarchive.images.image_selection import ImageSelection
from newsarchive.models import UNCATEGORISED, Article, CleanHtml
from newsarchive.render.article_pages import ArticlePage, ArticlePages, Mention, SectionNeighbours, join_page_inputs
from newsarchive.render.environment import make_environment
from newsarchive.render.page import PageGroup
from newsarchive.render.pages import pages_of
from newsarchive.render.render_context import RenderContext
from newsarchive.render.site import Link, describe_site

from .strategies import ZONE, article, hostile_text, property_test, slow_property_test

THEME = Path(__file__).resolve().parents[2] / "theme"
WORDS = load_translations(THEME / "translations", "en")
ENVIRONMENT = make_environment([THEME / "templates"], WORDS)

few = st.sampled_from
dates = st.none() | st.builds(
    datetime, few([2019, 2020, 2021]), few([2, 10]), few([1, 2]), few([0, 11]), tzinfo=st.just(ZONE)
)
titles = few(["甲", "乙", "丙"]) | hostile_text
texts = few(["早报", "同一篇文章，长到不会有第二篇一样的。" * 3])
categories = few([(), ("财经",), ("财经", "晨报"), ("财经", "晨报", "要闻"), ("财经", "晚报"), ("财经", "陈报")])
tags = few([(), ("AI",), ("ai", "芯片"), ("芯片", "AI", "新"), ("新", "心")])


@st.composite
def contents(draw: st.DrawFn) -> list[Article]:
    """Articles of few days, sections and tags, duplicates among them."""
    return [
        article(
            f"{number}.md",
            title=draw(titles),
            text=draw(texts),
            date=draw(dates),
            categories=draw(categories),
            tags=draw(tags),
            author=draw(few(["", "晨报"])),
        )
        for number in range(draw(st.integers(0, 12)))
    ]


@st.composite
def edits(draw: st.DrawFn) -> tuple[list[Article], list[Article]]:
    """Articles, and the same with some that went, some that came, and some that got another title, tags or date."""
    before = draw(contents())
    after = []
    for one in before:
        match draw(few(["", "", "", "", "gone", "title", "tags", "date"])):
            case "":
                after.append(one)
            case "title":
                after.append(replace(one, title=draw(titles)))
            case "tags":
                after.append(replace(one, tags=draw(tags)))
            case "date":
                after.append(article(one.source, title=one.title, date=draw(dates), categories=one.categories))
    came = [
        article(f"new {number}.md", title=f"新{number}", date=draw(dates)) for number in range(draw(few([0, 0, 1])))
    ]
    return before, after + came


# --- Articles


def described(archive: Archive, one: Article) -> ArticlePage:
    """What the page of an article is made of, as the archive says."""
    sections = {section.path: Link(section.name, section.url) for top in archive.sections for section in top.walk()}
    tag_urls = {tag_key(tag.name): tag.url for tag in archive.tags}
    beside = archive.neighbours.get(one.id)

    def mention(other: Article | None) -> Mention | None:
        return Mention(other.title, other.url, other.date) if other else None

    def trail(path: tuple[str, ...]) -> tuple[Link, ...]:
        return tuple(sections[path[:depth]] for depth in range(1, len(path) + 1) if path[:depth] in sections)

    return ArticlePage(
        article=one,
        trail=trail(one.categories or (UNCATEGORISED,)),
        tags=tuple(Link(tag, tag_urls.get(tag_key(tag), "")) for tag in one.tags),
        also_in=tuple(map(trail, one.also_in)),
        neighbours=SectionNeighbours(mention(beside.earlier), mention(beside.later))
        if beside
        else SectionNeighbours(None, None),
        related=tuple(Mention(other.title, other.url, other.date) for other in archive.related.get(one.id, ())),
    )


@property_test
@given(contents(), st.integers(1, 3))
def test_what_the_page_of_an_article_is_made_of_is_written_and_read_as_the_archive_says(
    articles: list[Article], levels: int
) -> None:
    archive = collect_archive(articles, Settings(max_category_levels=levels, tag_page_minimum=2))

    made_of = [(one, join_page_inputs(one, beside)) for one, beside in ArticlePages(archive)]

    assert [one for one, _ in made_of] == list(archive.articles)
    assert [from_bytes(data, ArticlePage) for _, data in made_of] == [described(archive, one) for one, _ in made_of]
    assert [data for _, data in made_of] == [to_bytes(described(archive, one)) for one, _ in made_of]


# --- Lists


def targets_of(articles: Sequence[Article], settings: Settings, url: str) -> dict[str, Target]:
    """The targets of all pages and files but articles, by name."""
    archive = collect_archive(articles, settings)
    site = describe_site(archive, "Archive", "", url, WORDS, (), searchable=True)
    bodies = {one.source: CleanHtml("") for one in archive.articles}
    collected = CollectedSite(archive, archive.articles, (), {}, bodies, ImageSelection())
    context = RenderContext((), THEME / "translations", "en", site)
    rendered = RenderedSite(collected, context, PageDigests(ENVIRONMENT, site, b""))
    with templates_loaded_once():
        return {target.name: target for target in page_targets(rendered, settings).targets}


@contextmanager
def templates_loaded_once() -> Iterator[None]:
    """Use one environment for all examples: each has a site of its own, for which templates would be loaded again."""
    with patch.object(site_targets, "load_renderer", lambda _: (ENVIRONMENT, WORDS)):
        yield


def files_of(target: Target) -> list[File]:
    """The files of a target, and of the finer ones that it consists of."""
    parts = list(target.make())
    return [file for part in parts for file in (files_of(part) if isinstance(part, Target) else [part])]


addresses, lengths = few(["", "https://archive.example"]), few([2, 2, 3])


@pytest.mark.slow
@property_test
@given(edits() | contents().map(lambda articles: (articles, articles)), addresses, addresses, lengths, lengths)
def test_targets_with_the_same_inputs_are_the_same_files(
    articles: tuple[list[Article], list[Article]], url: str, later_url: str, per_page: int, later_per_page: int
) -> None:
    before = targets_of(articles[0], Settings(per_page=per_page, tag_page_minimum=2), url)
    after = targets_of(articles[1], Settings(per_page=later_per_page, tag_page_minimum=2), later_url)

    for name in before.keys() & after.keys():
        if before[name].inputs == after[name].inputs:
            assert files_of(before[name]) == files_of(after[name])


@slow_property_test
@given(contents())
def test_a_group_names_every_page_it_makes_and_no_page_stands_in_two(articles: list[Article]) -> None:
    settings = Settings(per_page=2, tag_page_minimum=1)
    archive = collect_archive(articles, settings)
    site = describe_site(archive, "Archive", "", "", WORDS, (), searchable=True)
    groups = [each for each in pages_of(archive, site, settings, WORDS) if isinstance(each, PageGroup)]

    paths = [path for group in groups for path in group.paths]
    assert paths == [page.path for group in groups for page in group.pages()]
    assert len(set(paths)) == len(paths)


@slow_property_test
@given(contents())
def test_a_target_that_makes_one_file_has_its_name_and_no_file_is_made_twice(articles: list[Article]) -> None:
    targets = targets_of(articles, Settings(per_page=2, tag_page_minimum=1), "https://archive.example")

    parts = {name: list(target.make()) for name, target in targets.items()}
    finer = [part for made in parts.values() for part in made if isinstance(part, Target)]
    single = {name: part for name, made in parts.items() for part in made if isinstance(part, File)}
    assert all(name == file.path for name, file in single.items())
    assert all([part.name] == [file.path for file in part.make()] for part in finer)
    paths = [file.path for target in targets.values() for file in files_of(target)]
    assert len(set(paths)) == len(paths)
