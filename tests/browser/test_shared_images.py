"""The development corpus, where it is at hand, with a made image for every address that its articles show."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from conftest import Built, build_site
from image_factory import Store, encode, noise_of
from newsarchive.images.manifest import StoredImage, write_manifest

from .browsers import Browser
from .sites import Site
from .test_images import load_all

OPENED = 40  # pages in each browser, of all that show images


@pytest.fixture(scope="module")
def built(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The corpus as an archive that is whole without the network."""
    work = tmp_path_factory.mktemp("corpus")
    media = work / "media"
    options = ["-e", 'NEWSARCHIVE_IMAGES="local"', f'NEWSARCHIVE_MEDIA_PATH="{media}"']
    empty = build_site(shared / "corpus/dev", work, *options)
    wanted = sorted({address for row in empty.ledger.values() for address in row.get("images", {})})
    write_manifest(media, dict(stored(media, wanted)))
    built = build_site(shared / "corpus/dev", work, *options)
    assert built.exit_code == 0, built.said
    return built


def stored(media: Path, addresses: list[str]) -> Iterator[tuple[str, StoredImage]]:
    """(address, record) of an image for each address, no two of which look alike."""
    store = Store(media)
    for number, address in enumerate(addresses):
        colours = Image.merge("RGB", [noise_of(9, 7, 3 * number + part) for part in range(3)])
        size = [(360, 280), (280, 420), (96, 64)][number % 3]
        yield address, store.keep(address, encode(colours.resize(size, Image.Resampling.BICUBIC), "JPEG"))


def test_every_image_of_the_corpus_is_shown_from_the_site(built: Built) -> None:
    images = [row["images"] for row in built.ledger.values()]
    shown = [path for each in images for path in each.values()]

    assert len(shown) > 1_000
    assert "" not in shown
    assert all((built.output / path).is_file() for path in set(shown))


def test_the_corpus_opened_from_disk_shows_them_and_asks_nobody(browser: Browser, built: Built) -> None:
    site = Site.on_disk(built.output)
    urls = sorted(row["url"] for row in built.ledger.values() if row["status"] == "published" and row["images"])
    images = 0
    with browser.page(site) as page:
        for path in ["index.html", *urls[:: max(1, len(urls) // OPENED)]]:
            page.open(path)
            load_all(page)

            empty = page.evaluate("() => [...document.images].filter((each) => !each.naturalWidth).map((e) => e.src)")
            images += page.evaluate("() => document.images.length")
            assert (empty, page.outside, page.failures, page.complaints()) == ([], [], [], []), path
    assert images > OPENED
