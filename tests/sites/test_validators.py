"""What others wrote to judge web pages and feeds finds nothing wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import atoma
import feedparser
import pytest

from conftest import PROJECT, PUBLISHED_AT, Built, article, build_site

CHECKER = PROJECT / "tests/audit/node_modules/vnu-jar/build/dist/vnu.jar"
ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
SITE = PUBLISHED_AT
PUBLISHED = ("-e", f'SITEURL="{SITE}"')


@pytest.fixture(scope="module")
def published(published_sample: Built) -> Built:
    """The sample articles, built for an address."""
    return published_sample


@pytest.fixture(scope="module")
def atom_feeds(published: Built) -> dict[str, bytes]:
    """Every Atom feed of the site."""
    return {path: data for path, data in published.tree().items() if path.endswith("feed.xml")}


def test_the_nu_html_checker_finds_no_error_and_no_warning(published: Built) -> None:
    java = shutil.which("java")
    if java is None or not CHECKER.is_file():
        missing = "apt-get install default-jre-headless; make tests/audit/node_modules/ready"
        pytest.fail(f"the Nu Html Checker is not installed — {missing}", pytrace=False)

    # Infos are left out: the checker takes a file on disk to have no origin, and says that 'self' blocks it.
    command = [java, "-jar", str(CHECKER), "--format", "json", "--skip-non-html", "--exit-zero-always"]
    done = subprocess.run([*command, str(published.output)], capture_output=True, check=True)

    told = json.loads(done.stderr)["messages"]
    faults = [message for message in told if message["type"] != "info" or "Security Policy" not in message["message"]]
    assert [f"{fault['url'][-50:]}: {fault['message']}" for fault in faults] == []
    assert told, "even a good page causes infos: the checker has looked at nothing"


def test_there_is_a_feed_for_the_site_each_section_source_and_tag(
    published: Built, atom_feeds: dict[str, bytes]
) -> None:
    lists = [path for path in published.tree() if path.endswith("/index.html")]
    wanted = [path for path in lists if path.startswith("sections/") and path.count("/") in {2, 3}]
    wanted += [path for path in lists if path.startswith("tags/") and path.count("/") == 2]

    assert len(wanted) > 10
    assert atom_feeds.keys() == {"feed.xml", *(path.replace("index.html", "feed.xml") for path in wanted)}


def test_strict_and_tolerant_readers_of_feeds_find_nothing_wrong(atom_feeds: dict[str, bytes]) -> None:
    for path, data in atom_feeds.items():
        strict = atoma.parse_atom_bytes(data)
        tolerant = feedparser.parse(data, sanitize_html=False)

        assert not tolerant.bozo, path
        assert tolerant.version == "atom10", path
        assert [entry.id_ for entry in strict.entries] == [entry.id for entry in tolerant.entries], path
        assert strict.entries, path


def test_feeds_keep_what_rfc_4287_demands(atom_feeds: dict[str, bytes]) -> None:
    for path, data in atom_feeds.items():
        feed = ET.fromstring(data)
        entries = feed.findall(f"{ATOM}entry")
        ids = [entry.findtext(f"{ATOM}id", "") for entry in entries]
        own = [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]

        assert own == [f"{SITE}/{path}"]
        assert len(set(ids)) == len(ids)
        assert all(each.startswith(f"{SITE}/20") for each in ids)
        for element in [feed, *entries]:
            assert [len(element.findall(ATOM + name)) for name in ("title", "id", "updated")] == [1, 1, 1], path
        assert all(entry.find(f"{ATOM}author/{ATOM}name") is not None for entry in entries)
        assert feed.findtext(f"{ATOM}updated") == max(entry.findtext(f"{ATOM}updated", "") for entry in entries)


def test_feeds_carry_the_whole_text(published: Built, atom_feeds: dict[str, bytes]) -> None:
    feed = ET.fromstring(atom_feeds["feed.xml"])
    pages = {f"{SITE}/{row['url']}": source for source, row in published.ledger.items()}

    for entry in feed.findall(f"{ATOM}entry"):
        source = pages[entry.findtext(f"{ATOM}id", "")]
        content = entry.find(f"{ATOM}content")
        assert content is not None
        assert content.get("type") == "html"
        assert _text(content.text or "") == _text(published.body(source))


def _text(html: str) -> str:
    from bs4 import BeautifulSoup

    return BeautifulSoup(html, "html.parser").get_text()


def test_the_json_feed_says_what_the_atom_feed_says(published: Built, atom_feeds: dict[str, bytes]) -> None:
    feed = json.loads((published.output / "feed.json").read_text("utf-8"))
    atom = ET.fromstring(atom_feeds["feed.xml"])

    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{SITE}/feed.json"
    assert [item["id"] for item in feed["items"]] == [e.findtext(f"{ATOM}id") for e in atom.findall(f"{ATOM}entry")]
    assert all(item["content_html"] or item["title"] for item in feed["items"])


def test_characters_that_xml_cannot_hold_break_no_feed(tmp_path: Path) -> None:
    content = tmp_path / "content"
    content.mkdir()
    (content / "a.md").write_text(article("控\x0b制\ufffe", "<p>正\x0c文 &#11; &#xfffe; 在此。</p>"), "utf-8")

    built = build_site(content, tmp_path, *PUBLISHED)

    assert not feedparser.parse((built.output / "feed.xml").read_bytes()).bozo


def test_a_site_without_an_address_has_no_feeds_and_says_nothing_of_them(sample: Built) -> None:
    tree = sample.tree()

    assert [path for path in tree if path.endswith((".xml", "feed.json", "robots.txt"))] == []
    assert b"feed.xml" not in tree["index.html"]


def test_the_sitemap_names_every_page_that_is_meant_to_be_found(published: Built) -> None:
    found = {element.text for element in ET.fromstring(published.tree()["sitemap.xml"]).iter(f"{SITEMAPS}loc")}
    pages = {path for path in published.tree() if path.endswith(".html")} - {"404.html", "offline.html", "search.html"}

    assert found == {f"{SITE}/{path}" for path in pages}


def test_robots_are_led_to_the_sitemap_and_browsers_to_the_search(published: Built) -> None:
    description = ET.fromstring(published.tree()["opensearch.xml"])
    template = description.find("{http://a9.com/-/spec/opensearch/1.1/}Url")

    assert f"Sitemap: {SITE}/sitemap.xml" in (published.output / "robots.txt").read_text("utf-8")
    assert template is not None
    assert template.get("template") == f"{SITE}/search.html?q={{searchTerms}}"


def test_the_catalogue_has_a_line_for_every_article(published: Built) -> None:
    lines = [json.loads(line) for line in (published.output / "catalog.jsonl").read_text("utf-8").splitlines()]
    published_urls = [row["url"] for row in published.ledger.values() if row["status"] == "published"]

    assert sorted(line["url"] for line in lines) == sorted(published_urls)
    assert {frozenset(line) for line in lines} == {
        frozenset(["title", "url", "date", "categories", "tags", "source"]),
    }


def _entries(bibliography: str) -> Iterator[str]:
    return (part.partition(",")[0] for part in bibliography.split("@article{")[1:])


def test_every_article_stands_in_the_bibliography_beside_it(published: Built) -> None:
    for row in published.ledger.values():
        page = published.output / row["url"]

        assert page.stem in list(_entries((page.parent / "cite.bib").read_text("utf-8")))
