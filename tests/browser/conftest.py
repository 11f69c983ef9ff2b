"""Fixtures of the browser tests; the sites they look at (``sample_site``, ``attack_site``) are those of all tests."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

from conftest import article, build_site, write_files

from .browsers import Browser, start_chromium, start_firefox
from .crawl import Crawl, crawl
from .server import Serve, serving
from .sites import Site

# GitHub Pages serves a project below its repository's name: an address from the root would miss.
PREFIX = "/repo/"

# Pages a crawl looks at, and of each kind: Chromium looks at much; Firefox, at twice the price, at every kind.
CRAWL_BOUNDS = {"chromium": (150, 60), "firefox": (40, 4)}


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The one library that drives both browsers."""
    with sync_playwright() as library:
        yield library


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """A running Chromium."""
    browser = start_chromium(playwright)
    yield browser
    browser.engine.close()


@pytest.fixture(scope="session")
def firefox(playwright: Playwright) -> Iterator[Browser]:
    """A running Firefox."""
    browser = start_firefox(playwright)
    yield browser
    browser.engine.close()


@pytest.fixture(scope="session", params=["chromium", "firefox"])
def browser(request: pytest.FixtureRequest) -> Browser:
    """Each of the two browsers in turn; only those that are asked for are started."""
    found: Browser = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def serve() -> Iterator[Serve]:
    """A function: serve a folder (under a prefix) on 127.0.0.1 until the tests end; gives the base address."""
    with ExitStack() as servers:
        yield functools.cache(lambda folder, prefix="/": servers.enter_context(serving(folder, prefix)))


@pytest.fixture(scope="session", params=["file", "http"])
def address(request: pytest.FixtureRequest, serve: Serve) -> Callable[[Path], Site]:
    """A function that gives a built folder its address: from disk in one round of tests, over http in the other."""
    if request.param == "file":
        return Site.on_disk
    return lambda folder: Site(folder, serve(folder, PREFIX))


@pytest.fixture(scope="session")
def site(address: Callable[[Path], Site], sample_site: Path) -> Site:
    """The sample site, from disk and over http."""
    return address(sample_site)


@pytest.fixture(scope="session")
def phrase_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of two articles with the same pairs of characters, one of which holds them as a phrase."""
    work = tmp_path_factory.mktemp("phrase")
    texts = {
        "甲": "今年的中国经济稳步增长，各地报告都这样说。",
        "乙": "中国很大，国经纬线很长，经济学家也很多，不是一句话。",
    }
    written = "".join(f"-- {name}.md --\n{article(name, f'<p>{text}</p>')}" for name, text in texts.items())
    built = build_site(write_files(work / "content", written), work)
    assert built.exit_code == 0, built.said
    return built.output


@pytest.fixture(scope="session")
def crawl_once() -> Callable[[Browser, Site], Crawl]:
    """A crawl that is done once for each browser and address, however many tests ask for it and in whatever order."""

    @functools.cache
    def crawled(browser: Browser, site: Site) -> Crawl:
        limit, per_kind = CRAWL_BOUNDS[browser.name]
        return crawl(browser, site, limit=limit, per_kind=per_kind)

    return crawled


@pytest.fixture
def crawled(browser: Browser, site: Site, crawl_once: Callable[[Browser, Site], Crawl]) -> Crawl:
    """The crawl of the sample site, in both browsers, from disk and over http."""
    return crawl_once(browser, site)
