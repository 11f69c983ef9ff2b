"""The site of tests/mission as its readers see it: below a repository's name, and opened from a folder on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

import mission
from conftest import Built, build_once

from .browsers import Browser
from .sites import Site


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The first commit, built for the address of a repository."""
    return build_once(tmp_path_factory, "mission", mission.write_first_commit, *mission.PUBLISHED)


def test_a_reader_searches_finds_an_article_and_walks_up_its_trail(
    browser: Browser, address: Callable[[Path], Site], built: Built
) -> None:
    site = address(built.output)
    with browser.page(site) as page:
        page.open(f"search.html?q={quote('渡轮 汽笛')}")
        page.wait_until("document.querySelectorAll('.search-hits li').length === 1")
        complaints = page.complaints()
        with page.tab.expect_navigation():
            page.click(".search-hits a")
        title = page.evaluate("document.querySelector('h1').textContent")
        images = page.evaluate("[...document.querySelectorAll('article img')].map((each) => each.src)")
        with page.tab.expect_navigation():
            page.click("nav.breadcrumbs li:first-child a")

        assert complaints == page.complaints() == page.leaks() == []
        assert title == mission.TITLES[mission.FERRY]
        assert images == [mission.PHOTO]
        assert "sections/" in page.evaluate("location.pathname")
        assert page.evaluate(f"document.querySelectorAll('img[src=\"{mission.PHOTO}\"]').length") == 1
