"""Pages fit every screen: no one should have to scroll sideways to read."""

from __future__ import annotations

from pathlib import Path

import pytest

from .browsers import Browser
from .sites import Site

WIDTHS = (320, 390, 768, 1100, 1440, 2560)

# Three of the largest pages of a kind: with the longest words, the widest tables, the most tags.
EXAMPLES = 3

# Empty when the page fits; otherwise the elements that stick out, the outermost first.
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.body.querySelectorAll('*')]
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 3)
    .map((element) => element.outerHTML.slice(0, 100))
    .concat(`page is ${document.documentElement.scrollWidth} px wide`)"""


@pytest.mark.parametrize(
    "kind", ["index", "article", "sections", "tags", "day", "month", "year", "archive", "figures", "on-this-day"]
)
def test_no_page_scrolls_sideways(browser: Browser, sample_site: Path, kind: str) -> None:
    site = Site.on_disk(sample_site)
    examples = site.largest(kind, EXAMPLES)

    found = {path: wide for path in examples if (wide := _widths_that_overflow(browser, site, path))}

    assert examples, f"the sample site has no page of the kind {kind}"
    assert found == {}


def _widths_that_overflow(browser: Browser, site: Site, path: str) -> dict[int, list[str]]:
    """Load a page once and squeeze it; give what sticks out at which width."""
    overflow = {}
    with browser.page(site) as page:
        page.open(path)
        for width in WIDTHS:
            page.resize(width)
            overflow[width] = page.evaluate(TOO_WIDE)
    return {width: elements for width, elements in overflow.items() if elements}
