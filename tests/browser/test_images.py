"""A site with images of its own, in browsers: all of them are there, and nothing is asked of anybody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from itertools import cycle
from pathlib import Path

import pytest
from PIL import Image

from conftest import Built, build_site, copy_sample
from image_factory import Store, animation, encode, jpeg

from .browsers import Browser
from .pages import Page
from .sites import Site

SHAPES = {
    "wide": lambda: jpeg(1600, 1000, 1),
    "portrait": lambda: jpeg(900, 1600, 2),
    "tiny": lambda: jpeg(48, 32, 3),
    "moving": lambda: animation(480, 300),
    "seen through": lambda: encode(Image.new("RGBA", (300, 200), (200, 30, 30, 90)), "PNG"),
}
EVERY_FIFTH = 5  # is gone


@pytest.fixture(scope="module")
def built(sample: Built, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The sample articles with images of all shapes stored for them, and some that are gone."""
    work = tmp_path_factory.mktemp("with-images")
    copy_sample(work / "content")
    store = Store(work / "content/media")
    for number, (address, shape) in enumerate(zip(addresses_in(sample), cycle(SHAPES), strict=False)):
        if number % (EVERY_FIFTH + 1) == EVERY_FIFTH:
            store.miss(address)
        else:
            store.put(address, SHAPES[shape]())
    built = build_site(work / "content", work, "-e", 'NEWSARCHIVE_IMAGES="local"')
    assert built.exit_code == 0, built.said
    return built


def addresses_in(built: Built) -> list[str]:
    """The images that a site shows from elsewhere."""
    pages = (data.decode() for path, data in built.tree().items() if path.endswith(".html"))
    return sorted({unescape(found) for page in pages for found in re.findall(r'<img[^>]*?src="(https:[^"]*)', page)})


@pytest.fixture(scope="module")
def site(address: Callable[[Path], Site], built: Built) -> Site:
    """That site, from disk and over http."""
    return address(built.output)


def pages_with(site: Site, mark: str) -> list[str]:
    """The pages in which a piece of HTML stands."""
    return [path for path in site.pages() if mark in (site.folder / path).read_text("utf-8")]


def load_all(page: Page) -> None:
    """Let those come, too, that wait until somebody scrolls to them."""
    page.evaluate("() => { for (const each of document.images) each.loading = 'eager'; }")
    page.wait_until("[...document.images].every((each) => each.complete)")


def test_every_image_is_there_and_nothing_is_asked_of_anybody_else(browser: Browser, site: Site) -> None:
    paths = pages_with(site, "images/")[:25]
    seen = 0
    with browser.page(site) as page:
        for path in paths:
            page.open(path)
            load_all(page)

            empty = page.evaluate("() => [...document.images].filter((each) => !each.naturalWidth).map((e) => e.src)")
            seen += page.evaluate("() => document.images.length")
            assert (empty, page.outside, page.failures, page.complaints()) == ([], [], [], []), path
    assert seen > 25


# What an image takes up on the page, beside what its attributes and its file say.
SIZES = """() => [...document.querySelectorAll('.text img, .lead img')].map((each) => ({
  src: each.currentSrc, width: each.clientWidth, height: each.clientHeight,
  attributes: [Number(each.getAttribute('width')), Number(each.getAttribute('height'))],
}))"""


@pytest.mark.parametrize("width", [320, 1280])
def test_a_image_keeps_its_shape_and_its_place_and_is_never_enlarged(
    browser: Browser, built: Built, width: int
) -> None:
    site = Site.on_disk(built.output)
    sizes = []
    with browser.page(site, width=width) as page:
        for path in pages_with(site, 'class="text"')[:30]:
            page.open(path)
            before = page.evaluate(SIZES)
            load_all(page)
            after = page.evaluate(SIZES)
            sizes += after

            assert [(e["width"], e["height"]) for e in before] == [(e["width"], e["height"]) for e in after], path
            assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), path
    assert len(sizes) > 8
    for each in sizes:
        wide, high = each["attributes"]
        assert each["width"] <= wide
        assert abs(each["height"] - each["width"] * high / wide) <= 1.5, each


def test_a_telephone_is_not_sent_the_largest_file(chromium: Browser, built: Built) -> None:
    site = Site.on_disk(built.output)
    chosen = {}
    for width in (320, 1280):
        with chromium.page(site, width=width) as page:
            for path in pages_with(site, " 1280w"):
                page.open(path)
                load_all(page)
                found = page.evaluate(SIZES)
                chosen[width, path] = {each["src"].rpartition("-")[2] for each in found if "1280" in str(each)}

    assert not any("1280.webp" in files for files in chosen.values())  # one pixel for one: 612 are enough


def test_in_place_of_a_image_that_is_gone_stands_a_box_that_fits(browser: Browser, built: Built) -> None:
    site = Site.on_disk(built.output)
    paths = pages_with(site, 'class="missing"')
    assert paths
    for width in (320, 1280):
        with browser.page(site, width=width) as page:
            for path in paths:
                page.open(path)

                boxes = page.evaluate(
                    "() => [...document.querySelectorAll('.missing')].map((each) => each.getBoundingClientRect().right)"
                )
                link = page.evaluate("() => document.querySelector('.missing a').href")
                assert all(right <= width for right in boxes)
                assert link.startswith("https://web.archive.org/web/")
                assert page.outside == []
                assert page.complaints() == []


ANSWER = """(path) => new Promise((done) => {
  addEventListener('message', (event) => done(event.data.newsarchiveText));
  const frame = document.createElement('iframe');
  frame.src = path;
  document.body.append(frame);
})"""


def test_what_is_said_of_a_missing_image_is_no_text_to_be_found(browser: Browser, built: Built) -> None:
    site = Site.on_disk(built.output)
    path = next(path for path in pages_with(site, 'class="missing"') if re.match(r"\d{4}/", path))
    with browser.page(site) as page:
        page.open("search.html")

        text = page.evaluate(ANSWER, path)

    assert len(text) > 50
    assert "没有存档" not in text


COLOURS = """() => [...document.querySelectorAll('.thumb[class*=" r"]')].map(
  (each) => getComputedStyle(each).backgroundColor)"""


def test_a_cards_image_has_its_colour_before_it_comes(browser: Browser, built: Built) -> None:
    site = Site.on_disk(built.output)
    with browser.page(site) as page:
        page.open(pages_with(site, 'class="thumb r')[0])

        colours = page.evaluate(COLOURS)

    assert colours
    assert all(colour.startswith("color(srgb ") for colour in colours)
