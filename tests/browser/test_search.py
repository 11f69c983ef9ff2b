"""Searching as a reader does: in both browsers, from a folder on disk and over http."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from conftest import PROJECT

from .browsers import Browser
from .pages import Page
from .sites import Site

READY = "document.querySelectorAll('.search-hits li').length > 0"
SAID = "document.querySelector('.search-said').textContent"
TITLES = "() => [...document.querySelectorAll('.search-hits h2')].map((title) => title.textContent)"


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """An empty page of the sample site."""
    with browser.page(site) as opened:
        yield opened


def open_results(page: Page, query: str) -> None:
    """Go to the results of a query and wait for them."""
    page.open(f"search.html?q={quote(query)}")
    page.wait_until(READY)


def test_a_link_with_words_leads_to_their_results(page: Page) -> None:
    open_results(page, "图书馆")

    titles = page.evaluate(TITLES)
    assert any("图书馆" in title for title in titles)
    assert page.evaluate("document.querySelectorAll('.search-hits mark').length") > 0
    assert "找到" in page.evaluate(SAID)
    assert page.evaluate("document.title").startswith("图书馆 — ")
    assert page.complaints() == []


def test_results_lead_to_pages_that_exist(page: Page) -> None:
    open_results(page, "图书馆")
    title = page.evaluate(TITLES)[0]

    with page.tab.expect_navigation():
        page.click(".search-hits li:first-child a")

    assert page.evaluate("document.querySelector('article h1').textContent") == title


def test_back_from_an_article_leads_to_the_results(chromium: Browser, site: Site) -> None:
    with chromium.page(
        site
    ) as page:  # Firefox has the page in memory, and Playwright waits for a load that never comes
        open_results(page, "图书馆")
        with page.tab.expect_navigation():
            page.click(".search-hits li:first-child a")
        page.tab.go_back()
        page.wait_until(READY)

        assert page.evaluate("document.querySelector('#search-words').value") == "图书馆"


def test_typing_searches_at_once_and_the_address_follows(page: Page) -> None:
    page.open("search.html")
    page.click("#search-words")
    page.type("harbo")
    page.wait_until(READY)

    assert page.evaluate("location.search") == "?q=harbo"
    assert "Harbour" in page.evaluate("document.querySelector('.search-hits').textContent")


def test_nothing_is_searched_while_a_composition_is_under_way(page: Page) -> None:
    page.open("search.html")
    page.click("#search-words")
    page.evaluate(
        "() => { window.searched = []; const was = newsarchive.parseQuery;"
        " newsarchive.parseQuery = (typed) => { window.searched.push(typed); return was(typed); }; }"
    )
    page.compose(["t", "tu", "tu shu guan"], "图书馆")
    page.wait_until(READY)

    assert set(page.evaluate("window.searched")) == {"图书馆"}


def test_the_box_suggests_titles_and_the_keyboard_chooses_one(page: Page) -> None:
    page.open("index.html")
    page.press("/")
    page.compose(["tu"], "图书馆")
    page.wait_until("document.querySelectorAll('#search-titles [role=option]').length > 1")
    page.press("ArrowDown")
    active = page.evaluate("document.querySelector('#search-box').getAttribute('aria-activedescendant')")
    suggested = page.evaluate("document.querySelector('#search-titles li span').textContent")
    with page.tab.expect_navigation():
        page.press("Enter")

    assert active == "search-title-0"
    assert page.evaluate("document.querySelector('article h1').textContent") == suggested


def test_escape_closes_the_suggestions_and_enter_leads_to_all_results(page: Page) -> None:
    page.open("archive/index.html")
    page.press("/")
    page.type("Python")
    page.wait_until("document.querySelectorAll('#search-titles [role=option]').length > 1")
    page.press("Escape")
    closed = page.evaluate("document.querySelector('#search-titles').hidden")
    with page.tab.expect_navigation():
        page.press("Enter")
    page.wait_until(READY)

    assert closed
    assert page.evaluate("location.search") == "?q=Python"


def test_a_filter_narrows_the_results_stands_in_the_address_and_back_takes_it_off(page: Page) -> None:
    open_results(page, "的")
    before = page.evaluate(SAID)
    page.click(".search-filters li a")
    page.wait_until(f"{SAID} !== {before!r}")
    narrowed = page.evaluate("location.search")
    page.tab.go_back()
    page.wait_until(f"{SAID} === {before!r}")

    assert "section=" in narrowed
    assert page.evaluate("location.search") == f"?q={quote('的')}"


def test_pages_of_results_follow_one_another(page: Page) -> None:
    open_results(page, "的")
    first = page.evaluate(TITLES)
    page.click(".search-pages a")
    page.wait_until("document.querySelector('.search-hits').start === 11")

    assert len(first) == 10
    assert not set(first) & set(page.evaluate(TITLES))


def test_a_phrase_is_held_by_every_hit_that_stays(page: Page) -> None:
    open_results(page, '"北辰科技"')
    page.wait_until("document.querySelector('.search-hits').dataset.verified === 'true'")

    assert page.evaluate(TITLES)
    assert page.complaints() == []


def test_a_list_leads_to_a_search_in_itself(page: Page, sample_site: Path) -> None:
    tag = sorted((sample_site / "tags").glob("*/index.html"))[0].relative_to(sample_site).as_posix()
    for path in (tag, "sections/ke-ji/index.html", "2021/10/index.html"):
        page.open(path)
        listed = page.evaluate("document.querySelectorAll('.story').length")
        with page.tab.expect_navigation():
            page.click(".search-within")
        page.wait_until(READY)

        assert page.evaluate("document.querySelectorAll('.search-hits li').length") == min(10, listed), path


def test_an_article_that_holds_a_phrases_pairs_apart_is_taken_from_the_list(
    browser: Browser, address: Callable[[Path], Site], phrase_site: Path
) -> None:
    with browser.page(address(phrase_site)) as page:
        open_results(page, '"中国经济"')
        page.wait_until("document.querySelector('.search-hits').dataset.verified === 'true'")

        assert page.evaluate(TITLES) == ["甲"]
        assert "没有列出" in page.evaluate(SAID)
        assert page.complaints() == []


@pytest.mark.parametrize(
    "typed", ["苹果:发布", "北京~", "C^", '"', "-", "*", "<img src=x onerror=alert(1)>", "constructor"]
)
def test_nothing_that_is_typed_breaks_the_page(page: Page, typed: str) -> None:
    page.open(f"search.html?q={quote(typed)}")
    page.wait_until(f"{SAID}.length > 0 && !/正在/.test({SAID})")

    assert page.complaints() == []
    assert page.evaluate("document.querySelectorAll('.search-page img[src=x]').length") == 0


def test_a_missing_file_of_the_index_is_told_and_the_rest_is_shown(
    browser: Browser, address: Callable[[Path], Site], sample_site: Path, tmp_path: Path
) -> None:
    damaged = shutil.copytree(sample_site, tmp_path / "damaged")
    newest = max((damaged / "search").glob("2*"))
    for file in newest.glob("terms-*.js"):
        file.unlink()
    with browser.page(address(damaged)) as page:
        page.open(f"search.html?q={quote('的')}")
        page.wait_until("/不完整/.test(document.querySelector('.search-said').textContent)")

        assert page.evaluate(TITLES)


def test_an_index_that_is_not_there_is_told_with_what_to_do(
    browser: Browser, address: Callable[[Path], Site], sample_site: Path, tmp_path: Path
) -> None:
    damaged = shutil.copytree(sample_site, tmp_path / "damaged")
    (damaged / "search/manifest.js").unlink()
    with browser.page(address(damaged)) as page:
        page.open("search.html?q=x")
        page.wait_until("/没有载入/.test(document.querySelector('.search-said').textContent)")


def test_without_scripts_the_page_says_so_and_a_link_stands_for_the_box(chromium: Browser, site: Site) -> None:
    context = chromium.engine.new_context(java_script_enabled=False)  # which Firefox does not obey over BiDi
    try:
        tab = context.new_page()
        tab.goto(site.url("search.html"))
        said = tab.content()
        tab.goto(site.url("index.html"))

        assert "<noscript>" in said
        assert tab.is_visible(".search")
        assert not tab.is_visible(".search-box")
    finally:
        context.close()


def test_hostile_titles_show_as_text_in_suggestions_and_results(chromium: Browser, attack_site: Path) -> None:
    site = Site.on_disk(attack_site)
    with chromium.page(site, bypass_csp=True) as page:
        for query in ("alert", "onerror", "script", "攻击", "svg"):
            page.open(f"search.html?q={query}")
            page.wait_until(f"{SAID}.length > 0 && !/正在/.test({SAID})")
            page.open("index.html")
            page.press("/")
            page.type(query)
            page.wait_until("document.querySelectorAll('#search-titles [role=option]').length > 0")

            dangers = page.evaluate(
                "() => [...document.querySelectorAll('.search-hits *, #search-titles *')].map((each) => each.localName)"
                ".filter((name) => !['li', 'h2', 'a', 'p', 'mark', 'img', 'span', 'bdi'].includes(name))"
            )
            assert dangers == []
            assert page.dialogs == []
            assert page.leaks() == []


@pytest.mark.parametrize("path", ["search.html?q=的", "search.html?q=zzzzqq", "search.html"])
def test_the_page_of_results_fits_narrow_screens(chromium: Browser, site: Site, path: str) -> None:
    with chromium.page(site, width=320) as page:
        page.open(path)
        page.wait_until(f"{SAID}.length > 0 && !/正在/.test({SAID})")

        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


AXE = PROJECT / "tests/audit/node_modules/axe-core/axe.min.js"


@pytest.mark.parametrize(
    "path", ["search.html", "search.html?q=的", "search.html?q=的&section=科技", "search.html?q=zzqq"]
)
def test_axe_finds_nothing_wrong_with_the_page_of_results(chromium: Browser, site: Site, path: str) -> None:
    with chromium.page(site) as page:
        page.open(path)
        page.wait_until(f"{SAID}.length > 0 && !/正在/.test({SAID})")

        assert axe(page) == []


def test_axe_finds_nothing_wrong_with_the_open_box(chromium: Browser, site: Site) -> None:
    with chromium.page(site) as page:
        page.open("index.html")
        page.press("/")
        page.compose(["tu"], "图书馆")
        page.wait_until("document.querySelectorAll('#search-titles [role=option]').length > 1")
        page.press("ArrowDown")

        assert axe(page) == []


def axe(page: Page) -> list[str]:
    """What axe has to say, each with the element it means."""
    page.evaluate(f"() => {{ {AXE.read_text('utf-8')} }}")
    found: list[str] = page.evaluate(
        "async () => (await axe.run()).violations.flatMap(({id, nodes}) => nodes.map(({html}) => `${id}: ${html}`))"
    )
    return found
