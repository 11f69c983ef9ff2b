"""Everybody can use the pages: axe-core finds nothing, keys reach everything, and the scheme can be chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest

from conftest import PROJECT

from .browsers import Browser
from .pages import Page
from .server import Serve
from .sites import Site

AXE = PROJECT / "tests/audit/node_modules/axe-core/axe.min.js"

# Every kind of page. Where there are several of a kind, the largest: it has the most that can be wrong.
KINDS = {
    "home": "index.html",
    "article": "20*/*/*/?*[0-9a-f].html",
    "section": "sections/*/index.html",
    "sections": "sections/index.html",
    "tag": "tags/*/index.html",
    "tags": "tags/index.html",
    "letter": "tags/?.html",
    "years": "archive/index.html",
    "year": "20*/index.html",
    "month": "20*/*/index.html",
    "day": "20*/*/*/index.html",
    "on this day": "on-this-day/index.html",
    "figures": "figures/index.html",
    "hand-made": "about.html",
    "offline": "offline.html",
    "not found": "404.html",
}

# Each fault with the first elements that have it; "incomplete" is what axe could not decide, and is not counted.
RUN = """async () => {
  const result = await axe.run(document, {resultTypes: ['violations'], rules: {'target-size': {enabled: true}}});
  return result.violations.map((fault) => [fault.id, fault.help, fault.nodes.slice(0, 3).map((node) => node.html)]);
}"""


def example(folder: Path, pattern: str) -> str:
    """The largest page of a kind."""
    found = max(folder.glob(pattern), key=lambda page: page.stat().st_size)
    return found.relative_to(folder).as_posix()


@pytest.fixture(scope="module")
def axe() -> str:
    """The checker's script."""
    if not AXE.is_file():
        pytest.fail("axe-core is not installed — make tests/audit/node_modules/ready", pytrace=False)
    return AXE.read_text("utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing(
    chromium: Browser, sample_site: Path, axe: str, kind: str, scheme: Literal["light", "dark"]
) -> None:
    with chromium.page(Site.on_disk(sample_site)) as page:
        page.tab.emulate_media(color_scheme=scheme)
        page.open(example(sample_site, KINDS[kind]))
        page.evaluate(axe)
        faults: list[Any] = page.evaluate(RUN)

    assert faults == []


def test_the_first_key_leads_to_the_text(browser: Browser, sample_site: Path) -> None:
    with browser.page(Site.on_disk(sample_site)) as page:
        page.open(example(sample_site, KINDS["article"]))
        page.press("Tab")
        page.press("Enter")

        assert page.evaluate("() => location.hash") == "#main"


def test_everything_that_can_be_pressed_shows_the_focus(browser: Browser, sample_site: Path) -> None:
    outlined = """() => getComputedStyle(document.activeElement).outlineStyle !== 'none'
      ? '' : document.activeElement.outerHTML.slice(0, 80)"""
    with browser.page(Site.on_disk(sample_site)) as page:
        page.open("index.html")
        hidden = []
        for _ in range(25):
            page.press("Tab")
            hidden.append(page.evaluate(outlined))

    assert [each for each in hidden if each] == []


PAPER = "() => getComputedStyle(document.documentElement).backgroundColor"


LIGHT, DARK = "rgb(251, 250, 247)", "rgb(22, 22, 21)"


def press_scheme(page: Page) -> tuple[str, str]:
    """Press the button; what it says then, and the paper's colour."""
    page.click(".scheme")
    return page.evaluate("() => document.querySelector('.scheme').textContent"), page.evaluate(PAPER)


def test_the_scheme_can_be_chosen(browser: Browser, site: Site) -> None:
    with browser.page(site) as page:
        page.tab.emulate_media(color_scheme="light")
        page.open("index.html")

        assert [press_scheme(page) for _ in range(3)] == [("浅色", LIGHT), ("深色", DARK), ("自动", LIGHT)]


def test_the_scheme_is_remembered_where_pages_share_a_storage(
    browser: Browser, sample_site: Path, serve: Serve
) -> None:
    # In Firefox pages on disk share none.
    with browser.page(Site(sample_site, serve(sample_site))) as page:
        page.tab.emulate_media(color_scheme="light")
        page.open("index.html")
        press_scheme(page)
        press_scheme(page)
        page.open("tags/index.html")

        assert page.evaluate(PAPER) == DARK


def test_axe_sees_what_is_wrong(chromium: Browser, axe: str, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text('<html lang="zh"><title>x</title><img src="a.png"><h3>x</h3>', "utf-8")
    with chromium.page(Site.on_disk(tmp_path)) as page:
        page.open("index.html")
        page.evaluate(axe)

        assert {"image-alt", "page-has-heading-one"} <= {fault for fault, _, _ in page.evaluate(RUN)}


def test_without_script_there_is_no_button_and_no_search_box_that_do_nothing(
    chromium: Browser, sample_site: Path
) -> None:
    context = chromium.engine.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(Site.on_disk(sample_site).url("index.html"))

    assert tab.locator(".scheme").count() == 0
    assert not tab.locator("[role=search]").is_visible()
    context.close()
