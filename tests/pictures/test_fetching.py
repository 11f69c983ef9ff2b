"""`newsarchive images` against a server that does everything the web does."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from newsarchive.cli import main
from newsarchive.pictures.manifest import StoredPicture, picture_file, read_manifest

from .server import Site, serving
from .web import HOSTS, MAX_BYTES, Kind, address_of, path_of, put_pictures, write_articles

PATIENCE = 120  # seconds until a run is stopped wherever it is: the law holds for every moment


@pytest.fixture
def private() -> Iterator[Site]:
    """A server that nobody opened."""
    with serving(Site()) as site:
        yield site


@pytest.fixture
def site() -> Iterator[Site]:
    """A server with nothing on it yet."""
    with serving(Site()) as site:
        yield site


@pytest.fixture
def kinds(site: Site, private: Site, tmp_path: Path) -> dict[str, Kind]:
    """Five hundred pictures on the server, and a content folder whose articles show them."""
    kinds = put_pictures(site, private.server)
    write_articles(tmp_path / "content", list(kinds))
    return kinds


def options(site: Site) -> list[str]:
    """Those that make the server of a test answer for the hosts of its articles."""
    hasty = ["--delay", "0", "--patience", "0.01", "--timeout", "60", "--max-bytes", str(MAX_BYTES)]
    return ["--instead", f"*.pictures.example={site.server}", *hasty]


def fetch(content: Path, site: Site, *more: str) -> int:
    """Run the command here."""
    return main(["images", str(content), *options(site), *more])


def shown_without_time(known: dict[str, StoredPicture]) -> dict[str, StoredPicture]:
    """What two runs agree on."""
    return {address: msgspec.structs.replace(picture, fetched="") for address, picture in known.items()}


def test_there_are_five_hundred_pictures_of_all_kinds(kinds: dict[str, Kind]) -> None:
    assert len(kinds) == 500
    assert {kind.outcome for kind in kinds.values()} == {"stored", "gone", "refused", "broken", "too-large", "failed"}


def test_every_picture_comes_to_the_right_end_and_a_second_run_fetches_nothing(
    kinds: dict[str, Kind], site: Site, private: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = fetch(tmp_path / "content", site)

    media = tmp_path / "content" / "media"
    known = read_manifest(media)
    assert status == 0
    assert {a: (known[a].outcome, known[a].type) for a in kinds} == {a: (k.outcome, k.type) for a, k in kinds.items()}
    assert known.keys() == kinds.keys()
    for picture in known.values():
        if picture.is_stored:
            data = picture_file(media, picture).read_bytes()
            assert (len(data), hashlib.sha256(data).hexdigest()) == (picture.size, picture.sha256)
            assert picture.error == ""
        else:
            assert picture.error
    assert private.asked == []
    check_how_it_asked(site)
    check_what_is_known_of(known)
    check_that_each_is_stored_once(known, media)
    check_that_nothing_is_asked_again(site, tmp_path, capsys)


def check_how_it_asked(site: Site) -> None:
    assert [each for each in site.asked if "Referer" in each.headers or "Cookie" in each.headers] == []
    assert {each.headers["User-Agent"].partition("/")[0] for each in site.asked} == {"NewsArchive"}
    assert {each.host for each in site.asked} == {f"img{number}.pictures.example" for number in range(HOSTS)}
    asked = Counter(each.path for each in site.asked)
    assert {asked[path_of(address_of("jpeg", number))] for number in range(112)} == {1}
    assert {asked[path_of(address_of("busy-at-first", number))] for number in range(10)} == {3}
    assert {asked[path_of(address_of("out-of-order", number))] for number in range(5)} == {4}
    assert {asked[path_of(address_of("missing", number))] for number in range(22)} == {1}


def check_what_is_known_of(known: dict[str, StoredPicture]) -> None:
    jpeg, moving = known[address_of("jpeg", 0)], known[address_of("animated-gif", 3)]
    assert (jpeg.width, jpeg.height, jpeg.frames, jpeg.status, jpeg.etag) == (96, 64, 1, 200, '"1"')
    assert jpeg.last_modified == "Sun, 10 Oct 2021 10:10:10 GMT"
    assert moving.frames == 3
    assert known[address_of("redirected", 1)].final_address == "https://img1.pictures.example/moved/1.jpg"
    assert known[address_of("missing", 0)].status == 404
    assert known[address_of("bomb-png", 2)].width == 9_002
    assert "169.254.169.254" in known[address_of("private", 3)].error
    assert "redirects without end" in known[address_of("round-and-round", 0)].error


def check_that_each_is_stored_once(known: dict[str, StoredPicture], media: Path) -> None:
    files = sorted(path.relative_to(media).as_posix() for path in media.rglob("*") if path.is_file())
    assert files == sorted({"manifest.jsonl"} | {picture.file for picture in known.values() if picture.is_stored})
    assert known[address_of("same-again", 4)].sha256 == known[address_of("jpeg", 4)].sha256


def check_that_nothing_is_asked_again(site: Site, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest, asked = (folder / "content/media/manifest.jsonl").read_bytes(), len(site.asked)
    capsys.readouterr()
    assert fetch(folder / "content", site) == 0
    assert len(site.asked) == asked
    assert (folder / "content/media/manifest.jsonl").read_bytes() == manifest
    assert "nothing to fetch" in capsys.readouterr().out


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["SIGINT", "SIGKILL"])
@pytest.mark.parametrize("pictures", [1, 150])
def test_a_run_that_is_ended_goes_on_where_it_was(
    kinds: dict[str, Kind], site: Site, tmp_path: Path, how: signal.Signals, pictures: int
) -> None:
    media = tmp_path / "content" / "media"
    command = [sys.executable, "-m", "newsarchive.cli", "images", str(tmp_path / "content"), *options(site)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        end = time.monotonic() + PATIENCE
        while process.poll() is None and lines_in(media) < pictures and time.monotonic() < end:
            time.sleep(0.001)  # between two looks: a file that grows tells nobody
        if process.poll() is None:
            process.send_signal(how)
    before, asked = read_manifest(media), len(site.asked)
    assert pictures <= len(before) < 500

    fetch(tmp_path / "content", site)

    after = read_manifest(media)
    assert {address: picture.outcome for address, picture in after.items()} == {
        address: kind.outcome for address, kind in kinds.items()
    }
    assert {address: after[address] for address in before} == before
    assert {path_of(address) for address in before}.isdisjoint(each.path for each in site.asked[asked:])
    check_that_each_is_stored_once(after, media)
    if how == signal.SIGINT:
        assert process.returncode == 130


def lines_in(media: Path) -> int:
    try:
        return (media / "manifest.jsonl").read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def small_web(site: Site, folder: Path, *names: str) -> list[str]:
    """Articles with a few pictures, by their names on the server."""
    addresses = [f"https://img0.pictures.example/{name}" for name in names]
    write_articles(folder / "content", addresses)
    return addresses
