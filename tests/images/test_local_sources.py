"""Images that somebody has already are taken over without asking anybody."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest

from newsarchive.commands.main import main
from newsarchive.images.manifest import StoredImage, image_file, read_manifest, write_manifest

from .factories import PAGE, saved, scene
from .web import write_articles

A = "https://a.example/2021/photo%20one.jpg"
B = "https://b.example/p/photo.jpg?size=large"
C = "https://c.example/x/photo.jpg"
PHOTO = saved(scene(1))


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """Articles that show three images, one of which is known to be gone."""
    write_articles(tmp_path / "content", [A, B, C])
    gone = StoredImage(address=C, outcome="gone", status=404)
    write_manifest(tmp_path / "content/media", {C: gone})
    return tmp_path / "content"


def taken(content: Path, *options: str) -> list[str]:
    """The addresses whose images are stored afterwards."""
    assert main(["images", str(content), *options]) == 0
    known = read_manifest(content / "media")
    for image in known.values():
        if image.is_stored:
            assert image_file(content / "media", image).stat().st_size == image.size
    return sorted(address for address, image in known.items() if image.is_stored)


@pytest.mark.parametrize(
    ("file", "address"),
    [
        ("a.example/2021/photo one.jpg", A),
        ("a.example/2021/photo%20one.jpg", A),
        ("b.example/p/photo.jpg?size=large", B),
        ("b.example/p/photo.jpg", B),
        (f"deep/er/{quote(C, safe='')}", C),
        ("anywhere/photo one.jpg", A),
    ],
)
def test_a_file_is_the_image_of_the_address_that_its_path_or_name_gives(
    content: Path, tmp_path: Path, file: str, address: str
) -> None:
    path = tmp_path / "had" / file
    path.parent.mkdir(parents=True)
    path.write_bytes(PHOTO)

    assert taken(content, "--from-folder", str(tmp_path / "had")) == [address]


def test_a_name_that_two_addresses_or_two_files_have_decides_nothing(content: Path, tmp_path: Path) -> None:
    for file in ("photo.jpg", "x/photo one.jpg", "y/photo one.jpg"):
        path = tmp_path / "had" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PHOTO)

    assert taken(content, "--from-folder", str(tmp_path / "had")) == []


def test_a_file_that_is_no_image_is_told_and_changes_nothing(
    content: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "had/c.example/x/photo.jpg"
    path.parent.mkdir(parents=True)
    path.write_bytes(PAGE)

    assert taken(content, "--from-folder", str(tmp_path / "had")) == []
    assert f"not taken: {C}: is not an image that browsers show but text/html" in capsys.readouterr().out
    assert read_manifest(content / "media")[C].outcome == "gone"


def recorded(url: str, data: bytes = b"", status: int = 200, redirect: str = "") -> dict[str, object]:
    """An entry of an HTTP archive."""
    body = {"text": base64.b64encode(data).decode(), "encoding": "base64", "mimeType": "image/jpeg", "size": len(data)}
    return {
        "startedDateTime": "2021-10-10T10:10:10Z",
        "request": {"method": "GET", "url": url, "headers": []},
        "response": {"status": status, "redirectURL": redirect, "content": body if data else {"size": 0}},
    }


def test_what_a_browser_recorded_is_taken_over_through_redirects_and_without_tls(content: Path, tmp_path: Path) -> None:
    entries = [
        recorded(A, status=302, redirect="/moved.jpg"),
        recorded("https://a.example/moved.jpg", PHOTO),
        recorded(B.replace("https:", "http:"), saved(scene(2))),
        recorded(C, status=404, data=PHOTO),
        recorded("https://other.example/a.jpg", PHOTO),
    ]
    har = tmp_path / "session.har"
    har.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}), "utf-8")

    assert taken(content, "--from-har", str(har)) == [A, B]
    assert [each.address for each in read_manifest(content / "media").values() if each.without_tls] == [B]


@pytest.mark.parametrize("text", ["", "{}", '{"log": {"entries": [{"request": 5}]}}'])
def test_a_file_that_is_no_recording_is_told(
    content: Path, tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    har = tmp_path / "session.har"
    har.write_text(text, "utf-8")

    status = main(["images", str(content), "--from-har", str(har)])

    assert status == 1
    assert "session.har: is not an HTTP archive" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_told(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["images", str(content), "--from-folder", "nowhere"])

    assert status == 1
    assert "nowhere: there is no such folder" in capsys.readouterr().err
