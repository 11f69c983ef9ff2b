"""What a build writes for searching, by the `pelican` command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

from conftest import PROJECT, Built, article, build_site
from newsarchive.commands.main import main

Build = Callable[..., Built]

ONE = f"-- a.md --\n{article('图书馆开放', '<p>澜江图书馆的新馆今日开放，市民可以免费入内。</p>')}"


def test_a_built_site_is_searched_from_the_terminal(build: Build, capsys: object) -> None:
    built = build(ONE)

    assert main(["search", str(built.output), "免费入内", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)  # type: ignore[attr-defined]
    assert [hit["url"] for hit in told["hits"]] == [built.ledger["a.md"]["url"]]


def test_without_lunr_the_site_is_built_without_search_and_says_how_to_get_it(build: Build) -> None:
    built = build(ONE, "-e", 'NEWSARCHIVE_LUNR_PATH="nowhere.js"')

    assert built.exit_code == 0
    assert "nowhere.js: lunr.js is not there, so the site has no search — run: npm ci" in built.said
    assert not (built.output / "search.html").exists()
    assert not (built.output / "search").exists()
    assert "search-box" not in (built.output / "index.html").read_text("utf-8")


def test_a_site_with_an_address_tells_browsers_how_to_search_it(build: Build) -> None:
    built = build(ONE, "-e", 'SITEURL="https://news.example/archive"')

    description = ElementTree.parse(built.output / "opensearch.xml").getroot()
    (address,) = description.iter("{http://a9.com/-/spec/opensearch/1.1/}Url")
    assert address.attrib["template"] == "https://news.example/archive/search.html?q={searchTerms}"


def test_a_site_without_an_address_tells_nothing_wrong(build: Build) -> None:
    assert not (build(ONE).output / "opensearch.xml").exists()


def test_an_archive_without_articles_has_a_search_that_finds_nothing(build: Build) -> None:
    built = build("")

    assert built.exit_code == 0
    assert main(["search", str(built.output), "x"]) == 0


def test_a_new_article_leaves_the_shards_of_other_years_alone(tmp_path: Path) -> None:
    content = tmp_path / "content"
    content.mkdir()
    for year in (2019, 2020, 2021):
        text = article(f"第{year}篇", f"<p>{year} 年的正文，写得很清楚。</p>", date=f"{year}-03-01 08:00:00")
        (content / f"{year}.md").write_text(text, "utf-8")
    before = build_site(content, tmp_path).tree()
    (content / "new.md").write_text(article("新", "<p>最新的一篇。</p>", date="2021-03-02 08:00:00"), "utf-8")

    after = build_site(content, tmp_path).tree()

    closed = [path for path in before if path.startswith("search/2019-03/")]
    assert closed
    assert all(after[path] == before[path] for path in closed)
    assert after["search/manifest.js"] != before["search/manifest.js"]


def test_only_the_page_of_results_may_have_frames(sample: Built) -> None:
    framing = [path for path, data in sample.tree().items() if path.endswith(".html") and b"frame-src" in data]

    assert framing == ["search.html"]


def test_lunr_is_what_npm_locked(sample: Built) -> None:
    lock = json.loads((PROJECT / "package-lock.json").read_text("utf-8"))

    assert lock["packages"]["node_modules/lunr"]["version"] == "2.3.9"
    assert "resolved" not in lock["packages"]["node_modules/lunr"]
    assert (
        b"lunr - http://lunrjs.com - A bit like Solr, but much smaller and not as bright - 2.3.9"
        in (sample.output / "search/lunr.js").read_bytes()
    )
