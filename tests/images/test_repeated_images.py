"""Images that belong to the source are known by their looks, at however many addresses they were saved."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import article, write_files
from newsarchive.commands.main import main
from newsarchive.fetch.downloader import BlobStore, DownloadLimits
from newsarchive.images.inspect_image import inspect_image
from newsarchive.images.manifest import StoredImage, write_manifest
from newsarchive.images.perceptual_hash import group_alike
from newsarchive.images.repeated_images import ArticleImages, find_repeated_images
from newsarchive.net.client import stored

from .factories import chart, code, saved, scene

BANNER = scene(99, 640, 200)


def known(**images: bytes) -> dict[str, StoredImage]:
    """Records of images, by names that stand for addresses."""
    return {name: stored(name, inspect_image(data, 10**8)) for name, data in images.items()}


def shown(source: str, *articles: tuple[str, ...]) -> list[ArticleImages]:
    """Articles of a source, each with the images it shows."""
    return [
        ArticleImages(source, f"{source} {number}".encode(), addresses) for number, addresses in enumerate(articles)
    ]


IMAGES = known(
    banner1=saved(BANNER),
    banner2=saved(BANNER, quality=60),
    banner3=saved(BANNER.resize((400, 125)), "PNG"),
    photo1=saved(scene(1)),
    photo2=saved(scene(2)),
    chart1=saved(chart(1), "PNG"),
    chart2=saved(chart(2), "PNG"),
    chart3=saved(chart(3), "PNG"),
    white1=saved(scene(1).point(lambda _: 255), "PNG"),
    white2=saved(scene(1).point(lambda _: 254), "PNG"),
    white3=saved(scene(1).point(lambda _: 253), "PNG"),
    qr=saved(code(), "PNG"),
)


def test_a_banner_saved_three_times_is_repeated() -> None:
    articles = shown("晨报", ("photo1", "banner1"), ("banner2",), ("photo2", "banner3"))

    assert find_repeated_images(articles, IMAGES).repeated == {"晨报": {"banner1", "banner2", "banner3"}}


def test_two_articles_may_share_a_image() -> None:
    assert find_repeated_images(shown("晨报", ("banner1",), ("banner2",)), IMAGES).repeated == {}


def test_sources_do_not_mix() -> None:
    articles = [*shown("晨报", ("banner1",), ("banner2",)), *shown("晚报", ("banner3",))]

    assert find_repeated_images(articles, IMAGES).repeated == {}


def test_one_article_that_came_in_three_files_counts_once() -> None:
    articles = [ArticleImages("晨报", b"the same", (name,)) for name in ("banner1", "banner2", "banner3")]

    assert find_repeated_images(articles, IMAGES).repeated == {}


@pytest.mark.parametrize("names", [("chart1", "chart2", "chart3"), ("white1", "white2", "white3")])
def test_what_only_looks_similar_is_not_repeated(names: tuple[str, ...]) -> None:
    assert find_repeated_images(shown("晨报", *((name,) for name in names)), IMAGES).repeated == {}


def test_equal_bytes_are_one_image_however_plain_they_are() -> None:
    plain = {name: stored(name, inspect_image(saved(scene(1).point(lambda _: 9), "PNG"), 10**8)) for name in "abc"}

    assert find_repeated_images(shown("晨报", ("a",), ("b",), ("c",)), plain).repeated == {"晨报": {"a", "b", "c"}}


def test_a_qr_code_never_leads_even_once() -> None:
    promotions = find_repeated_images(shown("晨报", ("qr", "photo1")), IMAGES)

    assert promotions.codes == {"qr"}


def test_without_stored_images_nothing_is_judged() -> None:
    gone = {"a": StoredImage(address="a", outcome="gone")}

    promotions = find_repeated_images(shown("晨报", *[("a",)] * 5), gone)

    assert (promotions.repeated, promotions.codes) == ({}, frozenset())


def test_groups_keep_their_order_and_lose_nothing() -> None:
    groups = [[image.address for image in group] for group in group_alike(IMAGES.values())]

    assert groups[0] == ["banner1", "banner2", "banner3"]
    assert sorted(name for group in groups for name in group) == sorted(IMAGES)
    assert list(group_alike([])) == []


def test_the_report_names_outcomes_hosts_and_what_sources_repeat(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content, media = tmp_path / "content", tmp_path / "content" / "media"
    address = "https://a.example/{}.jpg".format
    pages = {
        number: f'<p>第 {number} 篇独有的话，与别的文章都不相同。</p><img src="{address(f"own{number}")}">'
        f'<p>又是第 {number} 篇的话，写在图片下面。</p><img src="{address(f"banner{number}")}">'
        f"<p>第 {number} 篇到此说完了，谢谢。</p>"
        for number in range(1, 5)
    }
    write_files(content, "".join(f"-- {n}.md --\n{article(f'第{n}篇', body)}" for n, body in pages.items()))
    shelf = BlobStore(media, [], DownloadLimits())
    records = [stored(address(f"banner{n}"), shelf.add(saved(BANNER, quality=90 - n))) for n in range(1, 4)]
    records += [stored(address("own1"), shelf.add(saved(code(), "PNG")))]
    records += [StoredImage(address=address("own2"), outcome="gone", status=404, error="404 Not Found")]
    write_manifest(media, {each.address: each for each in records})

    status = main(["images", str(content), "--report"])

    said = capsys.readouterr().out
    assert status == 0
    assert "5 images: 4 stored, 1 gone" in said
    assert "3 more are not fetched yet" in said
    assert "1 × gone: a.example, like https://a.example/own2.jpg (404 Not Found)" in said
    assert "晨报 repeats\n3 articles, 3 addresses, 640 × 200: https://a.example/banner1.jpg" in said
    assert "1 QR codes\nhttps://a.example/own1.jpg" in said
