"""What holds for every page of the sample site."""

from __future__ import annotations

import re
from pathlib import Path

import html5lib
import pytest
from bs4 import BeautifulSoup

from conftest import Built


@pytest.fixture(scope="module")
def pages(sample: Built) -> dict[str, BeautifulSoup]:
    """Every page of the sample site, parsed as it was written."""
    return {
        path: BeautifulSoup(data, "html5lib") for path, data in sample.tree().items() if path.endswith(".html")
    }  # fmt: skip


def test_every_page_is_valid_html(sample: Built) -> None:
    broken = {}
    for path, data in sample.tree().items():
        if path.endswith(".html"):
            parser = html5lib.HTMLParser()
            parser.parse(data)
            broken[path] = [(place, code) for place, code, _ in parser.errors]

    assert {path: errors for path, errors in broken.items() if errors} == {}
    assert len(broken) > 100


def test_every_page_has_the_policy_and_nothing_inline(pages: dict[str, BeautifulSoup]) -> None:
    for path, page in pages.items():
        policy = page.select_one('meta[http-equiv="Content-Security-Policy"]')

        assert policy is not None, path
        assert "default-src 'none'" in str(policy["content"]), path
        assert not page.select('style, [style], script:not([src], [type="application/ld+json"])'), path
        assert not [tag.name for tag in page.find_all(True) if any(name.startswith("on") for name in tag.attrs)], path


def test_every_link_is_relative_and_leads_to_a_file(sample: Built, pages: dict[str, BeautifulSoup]) -> None:
    for path, page in pages.items():
        for link in page.select("a[href], link[href]"):
            href = str(link["href"])
            if re.match(r"(https?|mailto|tel):", href) or href.startswith("#"):
                continue
            target = (sample.output / path).parent / href.partition("?")[0]

            assert not href.startswith("/"), f"{path}: {href}"
            assert Path(target).is_file(), f"{path}: {href}"


def test_every_article_can_be_reached_from_the_home_page_in_four_clicks(
    sample: Built, pages: dict[str, BeautifulSoup]
) -> None:
    reached = {"index.html"}
    for _ in range(4):
        for path in reached & pages.keys():
            folder = (sample.output / path).parent
            hrefs = [str(link["href"]) for link in pages[path].select("a[href]")]
            targets = [(folder / href.partition("?")[0]).resolve() for href in hrefs if not re.match(r"\w+:|#", href)]
            reached |= {target.relative_to(sample.output.resolve()).as_posix() for target in targets}

    published = {row["url"] for row in sample.ledger.values()}
    assert published <= reached


def test_every_article_page_has_one_heading_and_one_body(sample: Built, pages: dict[str, BeautifulSoup]) -> None:
    for row in sample.ledger.values():
        page = pages[row["url"]]

        assert [heading.get_text() for heading in page.find_all("h1")] == [row["title"]]
        assert len(page.select('article [itemprop="articleBody"]')) == 1


def test_dates_are_shown_in_full_with_their_zone(sample: Built) -> None:
    page = sample.page("财经/青岚财经/公司/北辰科技：上半年研发投入同比增长三成.md")

    assert re.search(
        r'datetime="20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00">20\d\d年\d+月\d+日 星期[一二三四五六日] \d\d:\d\d</time>',
        page,
    )


def test_a_false_match_of_a_share_is_no_tag(sample: Built) -> None:
    source = next(source for source in sample.ledger if "创新水岸" in source)

    tags = _row(sample.page(source), "标签").split("、")
    assert len(tags) > 2
    assert "新能力" not in tags


def test_the_image_of_a_qr_code_leads_nothing(sample: Built) -> None:
    for source in sample.ledger:
        lead = BeautifulSoup(sample.page(source), "html.parser").select_one("figure.lead img")

        assert lead is None or not re.search(r"qr|picsum|icon", str(lead["src"])), source


def _row(page: str, name: str) -> str:
    """What stands beside a name under an article."""
    rows = BeautifulSoup(page, "html5lib").select("dl dt")
    [row] = [each for each in rows if each.get_text().strip() == name]
    value = row.find_next("dd")
    assert value is not None
    return value.get_text().strip()
