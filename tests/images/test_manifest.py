"""The manifest of images: what is known of each address, and how it outlives being killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsarchive.diagnostics import ConfigurationError
from newsarchive.images.manifest import (
    GrowingManifest,
    StoredImage,
    image_file,
    read_manifest,
    write_manifest,
)

A = StoredImage(
    address="https://a.example/甲.jpg",
    outcome="stored",
    status=200,
    type="image/jpeg",
    size=5,
    width=640,
    height=480,
    frames=1,
    sha256="ab" * 32,
    dhash="0" * 16,
    fetched="2024-05-06T07:08:09Z",
    etag='"1"',
)
B = StoredImage(address="https://b.example/2.png", outcome="gone", status=404, error="404 Not Found")


def in_file(folder: Path) -> list[str]:
    return (folder / "manifest.jsonl").read_text("utf-8").splitlines()


def test_there_is_no_manifest_before_anything_was_fetched(tmp_path: Path) -> None:
    assert read_manifest(tmp_path / "media") == {}


def test_what_was_written_is_read_and_stands_in_the_order_of_addresses(tmp_path: Path) -> None:
    write_manifest(tmp_path, {B.address: B, A.address: A})

    assert read_manifest(tmp_path) == {A.address: A, B.address: B}
    assert in_file(tmp_path)[1] == (
        '{"address":"https://b.example/2.png","outcome":"gone","status":404,"error":"404 Not Found"}'
    )


def test_a_image_lies_where_its_digest_says(tmp_path: Path) -> None:
    assert image_file(tmp_path, A) == tmp_path / "ab" / f"{'ab' * 32}.jpg"


def test_a_image_that_is_not_stored_has_no_file(tmp_path: Path) -> None:
    assert B.file == ""
    with pytest.raises(ValueError, match="gone"):
        image_file(tmp_path, B)


def test_what_is_added_is_there_before_the_work_is_done(tmp_path: Path) -> None:
    growing = GrowingManifest(tmp_path / "media")

    growing.add([B])
    growing.add([A])

    assert read_manifest(tmp_path / "media") == {A.address: A, B.address: B}
    assert "b.example" in in_file(tmp_path / "media")[0]
    growing.close()
    assert "a.example" in in_file(tmp_path / "media")[0]


def test_the_later_word_on_an_address_holds(tmp_path: Path) -> None:
    again = StoredImage(address=B.address, outcome="failed", error="no answer")
    with GrowingManifest(tmp_path) as growing:
        growing.add([B])
        growing.add([again])

    assert read_manifest(tmp_path) == {B.address: again}
    assert len(in_file(tmp_path)) == 1


def test_a_line_cut_short_never_was_and_the_next_one_is_whole(tmp_path: Path) -> None:
    write_manifest(tmp_path, {A.address: A, B.address: B})
    path = tmp_path / "manifest.jsonl"
    path.write_bytes(path.read_bytes()[:-20])

    assert read_manifest(tmp_path) == {A.address: A}
    with GrowingManifest(tmp_path) as growing:
        growing.add([B])
    assert read_manifest(tmp_path) == {A.address: A, B.address: B}


def test_nothing_new_leaves_the_file_alone(tmp_path: Path) -> None:
    write_manifest(tmp_path, {A.address: A})
    before = (tmp_path / "manifest.jsonl").stat().st_mtime_ns

    with GrowingManifest(tmp_path):
        pass

    assert (tmp_path / "manifest.jsonl").stat().st_mtime_ns == before


def test_nothing_fetched_makes_no_file(tmp_path: Path) -> None:
    with GrowingManifest(tmp_path / "media"):
        pass

    assert not (tmp_path / "media").exists()


@pytest.mark.parametrize(
    "line",
    [
        b"<<<<<<< HEAD",
        b"{}",
        b'{"address":"https://a.example/1.jpg","outcome":"lost"}',
        b'{"address":"https://a.example/1.jpg","outcome":"stored","type":"image/jpeg","sha256":"../../secret"}',
        b'{"address":"https://a.example/1.jpg","outcome":"stored","type":"text/html","sha256":"' + b"ab" * 32 + b'"}',
        b'{"address":"\xff","outcome":"gone"}',
        b"",
    ],
)
def test_a_line_that_is_no_record_is_told_with_its_place_and_repair(tmp_path: Path, line: bytes) -> None:
    write_manifest(tmp_path, {A.address: A, B.address: B})
    path = tmp_path / "manifest.jsonl"
    path.write_bytes(path.read_bytes() + line + b"\n")

    with pytest.raises(ConfigurationError, match=r"manifest.jsonl:3: .+ — delete the line and") as caught:
        read_manifest(tmp_path)

    assert len(caught.value.diagnostics) == 1
