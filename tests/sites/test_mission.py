"""What the project is for: articles of the crawler go in, and every field of them has its place in the site.

tests/mission holds the articles. tests/browser/test_mission.py opens the same site in browsers.
"""

from __future__ import annotations

import json
import re
import urllib.request
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup

import mission
from browser.server import serving
from conftest import Built, build_once, build_site
from newsarchive.commands.main import main
from newsarchive.verify import verify_site
from search.node import run_node

from .test_incremental import differences

FIRST = (mission.FERRY, mission.SHARES, mission.FLASH)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The first commit, published below a repository's name."""
    return build_once(tmp_path_factory, "mission", mission.write_first_commit, *mission.PUBLISHED)


@pytest.fixture(scope="module")
def catalog(site: Built) -> dict[str, dict[str, Any]]:
    """The lines of `catalog.jsonl` by address."""
    lines = (site.output / "catalog.jsonl").read_text("utf-8").splitlines()
    return {line["url"]: line for line in map(json.loads, lines)}


def parse(site: Built, path: str) -> BeautifulSoup:
    """A page of the site."""
    return BeautifulSoup((site.output / path).read_text("utf-8"), "html5lib")


def page_of(site: Built, source: str) -> BeautifulSoup:
    """The page of an article."""
    return parse(site, site.ledger[source]["url"])


def test_every_file_is_published(site: Built) -> None:
    assert {source: row["status"] for source, row in site.ledger.items()} == dict.fromkeys(FIRST, "published")
    assert verify_site(site.output).diagnostics == []


@pytest.mark.parametrize("source", FIRST)
def test_the_title_is_whole_again_on_the_page_in_lists_and_in_the_catalogue(
    site: Built, catalog: dict[str, dict[str, Any]], source: str
) -> None:
    url, title = site.ledger[source]["url"], mission.TITLES[source]

    assert [heading.get_text() for heading in page_of(site, source).find_all("h1")] == [title]
    assert title in {link.get_text() for link in parse(site, "index.html").select(f'a[href="{url}"]')}
    assert catalog[url]["title"] == title


@pytest.mark.parametrize("source", FIRST)
def test_the_three_categories_are_a_trail_whose_every_step_lists_the_article(
    site: Built, catalog: dict[str, dict[str, Any]], source: str
) -> None:
    url = site.ledger[source]["url"]
    steps = page_of(site, source).select("nav.breadcrumbs a")

    assert [step.get_text() for step in steps] == mission.CATEGORIES[source]
    assert catalog[url]["categories"] == mission.CATEGORIES[source]
    for step in steps:
        listed = urlsplit(urljoin(f"https://x/{url}", str(step["href"]))).path.lstrip("/")
        assert url in links_of(site, listed), listed


def links_of(site: Built, path: str) -> set[str]:
    """The pages that a page links to, as paths from the root."""
    hrefs = (str(link["href"]) for link in parse(site, path).select("a[href]"))
    return {urlsplit(urljoin(f"https://x/{path}", href)).path.lstrip("/") for href in hrefs}


@pytest.mark.parametrize("source", FIRST)
def test_the_date_has_its_zone(site: Built, catalog: dict[str, dict[str, Any]], source: str) -> None:
    times = page_of(site, source).select("article time")

    assert [time["datetime"] for time in times] == [mission.DATES[source]]
    assert catalog[site.ledger[source]["url"]]["date"] == mission.DATES[source]
    assert site.ledger[source]["url"].startswith(mission.DATES[source][:10].replace("-", "/"))


def test_the_thumbnail_is_shown_on_the_page_and_in_lists(site: Built) -> None:
    for path in (site.ledger[mission.FERRY]["url"], "index.html", "sections/cai-jing/index.html"):
        assert parse(site, path).select(f'img[src="{mission.PHOTO}"]'), path

    shared = page_of(site, mission.FERRY).select_one('meta[property="og:image"]')
    assert shared is not None
    assert shared["content"] == mission.PHOTO


@pytest.mark.parametrize("address", [mission.QR_CODE, mission.RANDOM])
def test_a_thumbnail_that_shows_nothing_of_the_article_is_nowhere(site: Built, address: str) -> None:
    assert [path for path, data in site.tree().items() if address.encode() in data] == []


def test_the_catalogue_names_the_thumbnail(site: Built, catalog: dict[str, dict[str, Any]]) -> None:
    # The place for the key `thumbnail`: a catalogue without it passes, and one that has it must have the right image.
    assert catalog[site.ledger[mission.FERRY]["url"]].get("thumbnail", mission.PHOTO) == mission.PHOTO
    assert not catalog[site.ledger[mission.SHARES]["url"]].get("thumbnail")
    assert not catalog[site.ledger[mission.FLASH]["url"]].get("thumbnail")


def test_the_text_stays_and_what_surrounds_it_goes(site: Built) -> None:
    body = site.body(mission.FERRY)

    assert "写成 {站名: 时刻}，" in body
    assert "<h2>船从哪里来</h2>" in re.sub(r"<h2[^>]*>", "<h2>", body)
    assert [junk for junk in mission.JUNK if junk in body] == []
    assert "远帆航运 sh609188" in page_of(site, mission.FERRY).get_text()


def test_a_tag_of_two_articles_has_a_page_that_lists_both(site: Built, catalog: dict[str, dict[str, Any]]) -> None:
    urls = {site.ledger[source]["url"] for source in (mission.FERRY, mission.SHARES)}
    (page,) = {
        urlsplit(urljoin("https://x/tags/index.html", str(link["href"]))).path.lstrip("/")
        for link in parse(site, "tags/index.html").select("main a[href]")
        if "渡轮" in link.get_text()
    }

    assert all("渡轮" in catalog[url]["tags"] for url in urls)
    assert urls <= links_of(site, page)
    assert page in links_of(site, site.ledger[mission.FERRY]["url"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("渡轮", {mission.FERRY, mission.SHARES}),
        ("渡轮 汽笛", {mission.FERRY}),
        ("section:科技", {mission.FLASH}),
        ("土星", {mission.FLASH}),
    ],
)
def test_lunr_finds_the_words_of_titles_and_texts(
    site: Built, query: str, found: set[str], capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    assert main(["search", str(site.output), query, "--json"]) == 0
    terminal = json.loads(capsys.readouterr().out)
    (browser,) = run_node("terminal.js", {"output": str(site.output), "queries": [query]}, tmp_path)

    assert {hit["url"] for hit in terminal["hits"]} == {site.ledger[source]["url"] for source in found}
    assert len(browser["hits"]) == len(found)


def test_every_page_and_file_is_found_below_the_name_of_the_repository(site: Built) -> None:
    waiting, seen = ["index.html"], {"index.html"}
    with serving(site.output, "/repo/") as base:
        while waiting:
            page = urljoin(base, quote(waiting.pop()))
            with urllib.request.urlopen(page) as answer:  # raises for 404
                found = BeautifulSoup(answer.read(), "html5lib").select("a[href], link[href], script[src]")
            for element in found:
                target = urljoin(page, str(element.get("href") or element.get("src"))).partition("#")[0]
                if urlsplit(target).netloc != urlsplit(base).netloc:
                    continue
                assert target.startswith(base), f"{page}: {element}"
                path = target.removeprefix(base).partition("?")[0]
                if path not in seen:
                    seen.add(path)
                    waiting += [path] if path.endswith(".html") else []
                    assert (site.output / path).is_file(), f"{page}: {element}"

    assert {row["url"] for row in site.ledger.values()} <= seen


def test_one_more_commit_is_built_as_if_from_nothing_and_old_pages_stay(tmp_path: Any) -> None:
    content, work, clean = tmp_path / "content", tmp_path / "kept", tmp_path / "clean"
    work.mkdir()
    clean.mkdir()
    mission.write_first_commit(content)
    before = build_site(content, work, *mission.PUBLISHED)
    old = {source: (before.output / row["url"]).stat() for source, row in before.ledger.items()}
    mission.write_next_commit(content)

    after = build_site(content, work, *mission.PUBLISHED)

    assert differences(after, build_site(content, clean, *mission.PUBLISHED)) == []
    assert after.ledger[mission.LATER]["status"] == "published"
    assert mission.TITLES[mission.LATER] in (after.output / "index.html").read_text("utf-8")
    unrelated = after.output / after.ledger[mission.FLASH]["url"]
    assert unrelated.stat().st_mtime_ns == old[mission.FLASH].st_mtime_ns
