"""Which images are here, how small they must be, and which articles show them."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from image_factory import Store, jpeg
from newsarchive.cache.database import CorruptCache
from newsarchive.collect import Archive, collect_archive
from newsarchive.config.build_config import BuildConfig
from newsarchive.config.settings import Settings
from newsarchive.images import stored_files as stock_of
from newsarchive.images.collection import Collection, collect_images
from newsarchive.images.image_selection import ImageSelection, addresses_in, image_budget, select_images
from newsarchive.images.stored_files import StoredFiles, scan_stored_files
from newsarchive.images.variant_cache import VariantCache
from newsarchive.images.variants import ENCODING_PROFILES, convert_image
from newsarchive.models import Article, Image
from newsarchive.parallel.executors import SERIAL, WorkerPool
from newsarchive.parallel.progress import Progress
from unit.factories import SHANGHAI, make_article

LOCAL = Settings(images="local", shared_image_minimum=100)
PLENTY = 1_000_000_000


def address(number: int) -> str:
    return f"https://a.example/{number}.jpg"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Three stored images, larger and larger, and one that is gone."""
    store = Store(tmp_path / "content/media")
    for number in range(3):
        store.put(address(number), jpeg(300 + 400 * number, 300 + 300 * number, number))
    store.miss(address(9))
    for path in store.folder.rglob("*"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    return store


def stored_files(tmp_path: Path, settings: Settings = LOCAL) -> StoredFiles:
    """What a build finds."""
    return scan_stored_files(BuildConfig(tmp_path / "content", settings, SHANGHAI, (), b""))


def collection(tmp_path: Path, budget: int = PLENTY) -> Collection:
    """The images of the store, converted, with the cache that is there."""
    wanted = [address(number) for number in range(10)]
    return collect_images(wanted, stored_files(tmp_path), budget, tmp_path, WorkerPool(SERIAL), Progress())


def size_of(found: Collection) -> int:
    return sum(made.size for made in found.variants.values())


def test_a_site_whose_images_are_elsewhere_does_not_look_at_the_store(store: Store, tmp_path: Path) -> None:
    assert stored_files(tmp_path, Settings()) == StoredFiles()
    assert stored_files(tmp_path, Settings()).fingerprint == b""


def test_what_is_stored_is_here_and_what_is_gone_is_not(store: Store, tmp_path: Path) -> None:
    found = collection(tmp_path)

    assert sorted(found.local) == [address(0), address(1), address(2)]
    assert [file.width for file in found.local[address(2)].files] == [320, 720, 1100]


def test_a_file_that_holds_something_else_counts_as_not_stored_until_it_is_mended(store: Store, tmp_path: Path) -> None:
    good = store.put(address(1), jpeg(700, 600, 1))
    file = store.folder / good.file
    whole = file.read_bytes()
    collection(tmp_path)

    file.write_bytes(b"version https://git-lfs.github.com/spec/v1")
    spoilt = collection(tmp_path)
    file.write_bytes(whole)
    mended = collection(tmp_path)

    assert sorted(spoilt.local) == [address(0), address(2)]
    assert sorted(mended.local) == [address(0), address(1), address(2)]


def test_every_change_of_the_store_is_noticed(store: Store, tmp_path: Path) -> None:
    prints = [stored_files(tmp_path).fingerprint]

    store.put(address(4), jpeg(300, 200, 4))
    prints.append(stored_files(tmp_path).fingerprint)
    store.lose(address(4))
    prints.append(stored_files(tmp_path).fingerprint)
    store.forget(address(4))
    prints.append(stored_files(tmp_path).fingerprint)
    store.miss(address(4))
    prints.append(stored_files(tmp_path).fingerprint)

    assert len(set(prints)) == 5


def test_a_image_is_read_and_converted_once(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = collection(tmp_path)

    def refuse(*_: object) -> None:
        pytest.fail("an image was looked at again")

    monkeypatch.setattr("newsarchive.images.collection.convert_images", refuse)
    monkeypatch.setattr(stock_of.hashlib, "file_digest", refuse)
    again = collection(tmp_path)

    assert again == first


def test_files_that_are_as_old_as_a_fresh_checkout_are_read_and_not_converted(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = collection(tmp_path)
    for path in store.folder.rglob("*.jpg"):
        os.utime(path)

    monkeypatch.setattr("newsarchive.images.collection.convert_images", lambda *_: pytest.fail("converted again"))

    assert collection(tmp_path) == first


def test_what_is_kept_of_images_that_nobody_asks_for_goes(store: Store, tmp_path: Path) -> None:
    collection(tmp_path)
    store.forget(address(2))

    collection(tmp_path)

    with VariantCache(tmp_path) as variant_cache:
        assert len(variant_cache.conversions(ENCODING_PROFILES[0])) == 2
        assert len(variant_cache.verified_files()) == 2
    with closing(sqlite3.connect(tmp_path / "images.sqlite")) as database, database:
        assert database.execute("SELECT COUNT(DISTINCT sha256) FROM variants").fetchone() == (2,)


@pytest.mark.parametrize("damage", ["a page", "the whole file"])
def test_damaged_conversions_are_discarded_and_made_anew(store: Store, tmp_path: Path, damage: str) -> None:
    first = collection(tmp_path)
    path = tmp_path / "images.sqlite"
    data = path.read_bytes()
    path.write_bytes(b"x" * len(data) if damage == "the whole file" else data[:100] + b"\xff" * 8_000 + data[8_100:])

    with pytest.raises(CorruptCache):
        collection(tmp_path)

    assert collection(tmp_path) == first


def test_a_damaged_variant_is_noticed(store: Store, tmp_path: Path) -> None:
    found = collection(tmp_path)
    with closing(sqlite3.connect(tmp_path / "images.sqlite")) as database, database:
        database.execute("UPDATE variants SET data = X'00'")
    digest, made = next(iter(found.variants.items()))

    with VariantCache(tmp_path) as variant_cache, pytest.raises(CorruptCache):
        variant_cache.data(found.profile, digest, 0, made.files[0])
    assert not (tmp_path / "images.sqlite").exists()


def test_the_best_recipe_that_fits_is_taken(store: Store, tmp_path: Path) -> None:
    best = collection(tmp_path)
    smaller = collection(tmp_path, size_of(best) - 1)
    smallest = collection(tmp_path, 1)

    assert [best.profile, smaller.profile, smallest.profile] == [
        ENCODING_PROFILES[0],
        ENCODING_PROFILES[1],
        ENCODING_PROFILES[-1],
    ]
    assert size_of(best) > size_of(smaller) > size_of(smallest)


def test_room_for_images_is_what_the_setting_says_or_what_the_archive_leaves() -> None:
    assert image_budget(Settings(image_bytes=5_000), 10) == 5_000
    assert image_budget(Settings(), 10_000) == 800_000_000 - 170_000_000
    assert image_budget(Settings(), 1_000_000) == 0


def archive_of(*articles: Article, found: Collection, settings: Settings = LOCAL) -> Archive:
    return collect_archive(articles, settings, local_images=found.local)


def show(number: int, *images: int) -> Article:
    """Article number `number`, later than those before it, that shows images."""
    candidates = tuple(Image(address(each)) for each in images)
    return make_article(f"{number}.md", f"2021-10-{10 + number}", lead_candidates=candidates, has_image=True)


def album_of(found: Collection, articles: list[Article], settings: Settings = LOCAL) -> ImageSelection:
    addresses = {article.source: tuple(each.url for each in article.lead_candidates) for article in articles}
    return select_images(found, addresses, archive_of(*articles, found=found, settings=settings), settings)


def test_the_lead_is_the_first_candidate_that_is_here_and_no_icon(store: Store, tmp_path: Path) -> None:
    store.put(address(5), jpeg(64, 64))
    found = collection(tmp_path)

    archive = archive_of(show(1, 9, 5, 1, 2), show(2, 9), found=found)

    first, second = (article.lead for article in archive.articles)
    assert first == Image(address(1), local=found.local[address(1)])
    assert second is None


def test_where_others_are_shown_a_image_that_is_here_leads_before_one_that_is_not(store: Store, tmp_path: Path) -> None:
    found, settings = collection(tmp_path), Settings(images="local-or-remote")

    archive = archive_of(show(1, 9, 1), show(2, 9), found=found, settings=settings)

    assert [article.lead.url for article in archive.articles if article.lead] == [address(1), address(9)]


def test_an_article_shows_what_is_here_and_says_what_is_not(store: Store, tmp_path: Path) -> None:
    found, article = collection(tmp_path), show(1, 0, 9)

    assert album_of(found, [article]).shown(article) == {address(0): found.local[address(0)], address(9): None}
    others = album_of(found, [article], Settings(images="local-or-remote"))
    assert others.shown(article) == {address(0): found.local[address(0)]}
    assert ImageSelection().shown(article) == {}


def test_when_room_is_short_the_oldest_articles_keep_their_lead_alone(store: Store, tmp_path: Path) -> None:
    found = collection(tmp_path)
    articles = [show(1, 0, 1), show(2, 0, 2), show(3, 0, 2)]
    size = {number: found.variants[found.digests[address(number)]].size for number in range(3)}

    def left(room: int) -> tuple[set[str], int]:
        selection = album_of(found, articles, replace(LOCAL, image_bytes=room))
        return set(selection.lead_only), selection.size

    assert left(sum(size.values())) == (set(), sum(size.values()))
    assert left(sum(size.values()) - 1) == ({"1.md"}, size[0] + size[2])
    # The third image goes only when nobody shows it any more.
    assert left(size[0] + size[2] - 1) == ({"1.md", "2.md", "3.md"}, size[0])
    assert left(1) == ({"1.md", "2.md", "3.md"}, size[0])


def test_an_article_without_room_shows_its_lead_and_boxes(store: Store, tmp_path: Path) -> None:
    found, article = collection(tmp_path), show(1, 0, 1)

    selection = album_of(found, [article], replace(LOCAL, image_bytes=1))
    (placed,) = archive_of(article, found=found).articles

    assert selection.shown(placed) == {address(0): found.local[address(0)], address(1): None}


def test_a_build_tells_what_is_here_and_what_had_to_go(store: Store, tmp_path: Path) -> None:
    found, articles = collection(tmp_path), [show(1, 0, 1), show(2, 9)]

    told = dict(reversed(list(album_of(found, articles, replace(LOCAL, image_bytes=1)).summary_lines())))
    nothing = list(album_of(Collection(), [show(1, 9)]).summary_lines())

    assert told["info"].startswith("images: 2 of 3 are here, 0.0 MB")
    assert "1 articles show their lead image alone" in told["warning"]
    assert nothing[1] == ("warning", "images: none are stored — run: newsarchive images")
    assert list(ImageSelection().summary_lines()) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("<p>字</p>", ()),
        ('<p><img src="https://a.example/1.jpg" alt="x"></p>', ("https://a.example/1.jpg",)),
        ('<img alt="src=&quot;" src="https://a.example/?a=1&amp;b=2">', ("https://a.example/?a=1&b=2",)),
        ('<img alt="a > b" src="https://a.example/1.jpg"><img src="https://a.example/1.jpg">', (address(1),)),
        ('<img src="data:image/gif;base64,AAAA">', ()),
        ('<a href="https://a.example/no.jpg">x</a>', ()),
    ],
)
def test_the_images_of_a_body_are_found(body: str, found: tuple[str, ...]) -> None:
    assert addresses_in(body) == found


def test_the_same_image_at_two_addresses_is_one_set_of_files(store: Store, tmp_path: Path) -> None:
    store.put(address(7), jpeg(300, 300, 0))

    found = collection(tmp_path)

    assert found.local[address(7)] == found.local[address(0)]
    assert len(found.variants) == 3


def test_a_image_is_cached_by_what_it_was_made_by(store: Store, tmp_path: Path) -> None:
    with VariantCache(tmp_path) as variant_cache:
        made = variant_cache.add(ENCODING_PROFILES[0], convert_image(jpeg(300, 200), ENCODING_PROFILES[0], "ab" * 32))
        variant_cache.commit()

        assert variant_cache.conversions(ENCODING_PROFILES[0]) == {"ab" * 32: made}
        assert variant_cache.conversions(ENCODING_PROFILES[1]) == {}
