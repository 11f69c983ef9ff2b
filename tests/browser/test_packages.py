"""What leaves the house, in browsers: the unpacked zip from disk, and the published site below a repository's name."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from conftest import SAMPLE, build_site
from newsarchive.commands.main import main

from .browsers import Browser
from .conftest import PREFIX
from .crawl import Crawl, crawl
from .server import Serve
from .sites import Site

ALL_KINDS = {"index", "article", "day", "month", "year", "sections", "tags", "archive", "on-this-day", "figures"}


@pytest.fixture(scope="module")
def unpacked(sample_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The sample site as a reader has it who got the zip."""
    folder = tmp_path_factory.mktemp("unpacked")
    assert main(["pack", str(sample_site), "--zip", str(folder / "archive.zip")]) == 0
    with zipfile.ZipFile(folder / "archive.zip") as archive:
        archive.extractall(folder)
    return Site.on_disk(folder / "archive")


def faults(crawled: Crawl) -> list[str]:
    """Broken links, missing parts, words on the console, requests to other hosts, journeys."""
    found = crawled.faults_of_links()
    for seen in crawled.visits:
        told = [*seen.complaints, *seen.failures, *seen.strays, *(f"{kind} {url}" for kind, url in seen.leaks)]
        found += [f"{seen.path}: {each}" for each in told]
    return found


def test_the_unpacked_zip_opens_from_disk(browser: Browser, unpacked: Site) -> None:
    crawled = crawl(browser, unpacked, limit=60, per_kind=4)

    assert faults(crawled) == []
    assert {seen.kind for seen in crawled.visits} >= ALL_KINDS


def test_the_unpacked_zip_can_be_searched(browser: Browser, unpacked: Site) -> None:
    with browser.page(unpacked) as page:
        page.open("search.html?q=图书馆")
        page.wait_until("document.querySelector('main a[href*=\"20\"]') !== null")

        assert page.complaints() == []
        assert page.leaks() == []


@pytest.fixture(scope="module", params=["http", "file"])
def published(request: pytest.FixtureRequest, serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The sample articles built for an address: the one they are served at, or one that the copy on disk is not at."""
    if request.param == "file":
        return Site.on_disk(request.getfixturevalue("published_sample").output)
    work = tmp_path_factory.mktemp("published")
    base = serve(work / "output", PREFIX)
    built = build_site(SAMPLE, work, "-e", f'SITEURL="{base.rstrip("/")}"')
    assert built.exit_code == 0, built.said
    return Site(built.output, base)


def test_the_published_site_works_below_a_repositorys_name_and_from_disk(chromium: Browser, published: Site) -> None:
    crawled = crawl(chromium, published, limit=150, per_kind=20)

    assert faults(crawled) == []
    assert {seen.kind for seen in crawled.visits} >= ALL_KINDS


@pytest.mark.parametrize("published", ["http"], indirect=True)
def test_an_address_that_is_wrong_at_any_depth_leads_back_into_the_site(chromium: Browser, published: Site) -> None:
    with chromium.page(published) as page:
        page.open("2021/10/none.html")
        links = [link for link in page.links() if "#" not in link]

        assert page.leaks() == []
        assert len(links) >= 5
        assert [link for link in links if published.fault_of_link(link)] == []
