"""`newsarchive images` against a server that does everything the web does."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from newsarchive.commands.main import main
from newsarchive.fetch.downloader import Downloader, DownloadLimits, fetch_images
from newsarchive.images.blob_store import storing_in
from newsarchive.images.manifest import GrowingManifest, StoredImage, image_file, read_manifest
from newsarchive.net.address_policy import AllowedNetwork, parse_allowed_network
from newsarchive.net.client import Client
from newsarchive.net.rate_limiter import PolitenessPolicy

from .factories import PAGE, saved, scene
from .server import Site, answer, never, serving, tagged
from .web import HOSTS, MAX_BYTES, Kind, address_of, path_of, put_images, write_articles

PATIENCE = 120  # seconds until a run is stopped wherever it is: the property holds at every moment


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
    """Five hundred images on the server, and a content folder whose articles show them."""
    kinds = put_images(site, private.server)
    write_articles(tmp_path / "content", list(kinds))
    return kinds


def options(site: Site) -> list[str]:
    """Those that make the server of a test answer for the hosts of its articles."""
    hasty = ["--delay", "0", "--retry-delay", "0.01", "--timeout", "60", "--max-bytes", str(MAX_BYTES)]
    return ["--resolve", f"*.images.example={site.server}", *hasty]


def fetch(content: Path, site: Site, *more: str) -> int:
    """Run the command here."""
    return main(["images", str(content), *options(site), *more])


def test_there_are_five_hundred_images_of_all_kinds(kinds: dict[str, Kind]) -> None:
    assert len(kinds) == 500
    assert {kind.outcome for kind in kinds.values()} == {"stored", "gone", "refused", "broken", "too-large", "failed"}


@pytest.mark.slow
def test_every_image_comes_to_the_right_end_and_a_second_run_fetches_nothing(
    kinds: dict[str, Kind], site: Site, private: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = fetch(tmp_path / "content", site)

    media = tmp_path / "content" / "media"
    known = read_manifest(media)
    assert status == 0
    assert {a: (known[a].outcome, known[a].type) for a in kinds} == {a: (k.outcome, k.type) for a, k in kinds.items()}
    assert known.keys() == kinds.keys()
    for image in known.values():
        if image.is_stored:
            data = image_file(media, image).read_bytes()
            assert (len(data), hashlib.sha256(data).hexdigest()) == (image.size, image.sha256)
            assert image.error == ""
        else:
            assert image.error
    assert private.asked == []
    check_how_it_asked(site)
    check_what_is_known_of(known)
    check_that_each_is_stored_once(known, media)
    check_that_nothing_is_asked_again(site, tmp_path, capsys)


def check_how_it_asked(site: Site) -> None:
    assert [each for each in site.asked if "Referer" in each.headers or "Cookie" in each.headers] == []
    assert {each.headers["User-Agent"].partition("/")[0] for each in site.asked} == {"NewsArchive"}
    assert {each.host for each in site.asked} == {f"img{number}.images.example" for number in range(HOSTS)}
    asked = Counter(each.path for each in site.asked)
    assert {asked[path_of(address_of("jpeg", number))] for number in range(112)} == {1}
    assert {asked[path_of(address_of("busy-at-first", number))] for number in range(10)} == {3}
    assert {asked[path_of(address_of("out-of-order", number))] for number in range(5)} == {4}
    assert {asked[path_of(address_of("missing", number))] for number in range(22)} == {1}


def check_what_is_known_of(known: dict[str, StoredImage]) -> None:
    jpeg, moving = known[address_of("jpeg", 0)], known[address_of("animated-gif", 3)]
    assert (jpeg.width, jpeg.height, jpeg.frames, jpeg.status, jpeg.etag) == (96, 64, 1, 200, '"1"')
    assert jpeg.last_modified == "Sun, 10 Oct 2021 10:10:10 GMT"
    assert moving.frames == 3
    assert known[address_of("redirected", 1)].final_address == "https://img1.images.example/moved/1.jpg"
    assert known[address_of("missing", 0)].status == 404
    assert known[address_of("bomb-png", 2)].width == 9_002
    assert "169.254.169.254" in known[address_of("private", 3)].error
    assert "more than 5 redirects" in known[address_of("round-and-round", 0)].error


def check_that_each_is_stored_once(known: dict[str, StoredImage], media: Path) -> None:
    files = sorted(path.relative_to(media).as_posix() for path in media.rglob("*") if path.is_file())
    assert files == sorted({"manifest.jsonl"} | {image.file for image in known.values() if image.is_stored})
    assert known[address_of("same-again", 4)].sha256 == known[address_of("jpeg", 4)].sha256


def check_that_nothing_is_asked_again(site: Site, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest, asked = (folder / "content/media/manifest.jsonl").read_bytes(), len(site.asked)
    capsys.readouterr()
    assert fetch(folder / "content", site) == 0
    assert len(site.asked) == asked
    assert (folder / "content/media/manifest.jsonl").read_bytes() == manifest
    assert "nothing to fetch" in capsys.readouterr().out


@pytest.fixture
def interruptible() -> Iterator[None]:
    """What a shell starts in the background ignores SIGINT, and so would all that it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.slow
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["SIGINT", "SIGKILL"])
@pytest.mark.parametrize("images", [1, 150])
def test_a_run_that_is_ended_goes_on_where_it_was(
    kinds: dict[str, Kind], site: Site, tmp_path: Path, how: signal.Signals, images: int
) -> None:
    media = tmp_path / "content" / "media"
    command = [sys.executable, "-m", "newsarchive", "images", str(tmp_path / "content"), *options(site)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        end = time.monotonic() + PATIENCE
        while process.poll() is None and lines_in(media) < images and time.monotonic() < end:
            time.sleep(0.001)  # between two looks: a file that grows tells nobody
        if process.poll() is None:
            process.send_signal(how)
    before, asked = read_manifest(media), len(site.asked)
    assert images <= len(before) < 500

    fetch(tmp_path / "content", site)

    after = read_manifest(media)
    assert {address: image.outcome for address, image in after.items()} == {
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
    """Articles with a few images, by their names on the server."""
    addresses = [f"https://img0.images.example/{name}" for name in names]
    write_articles(folder / "content", addresses)
    return addresses


def outcomes(folder: Path, addresses: list[str]) -> list[str]:
    """What became of addresses."""
    known = read_manifest(folder / "content" / "media")
    return [known[address].outcome if address in known else "" for address in addresses]


def test_what_failed_is_tried_again_only_when_asked_for(site: Site, tmp_path: Path) -> None:
    addresses = small_web(site, tmp_path, "a.jpg", "b.jpg", "c.jpg")
    site.pages = {"/a.jpg": answer(500), "/b.jpg": answer(404), "/c.jpg": answer(200, saved(scene(3)))}
    fetch(tmp_path / "content", site)
    site.pages = dict.fromkeys(site.pages, answer(200, saved(scene(4))))

    fetch(tmp_path / "content", site)
    untouched = outcomes(tmp_path, addresses)
    fetch(tmp_path / "content", site, "--retry", "failed")
    failed_again = outcomes(tmp_path, addresses)
    fetch(tmp_path / "content", site, "--retry", "all")

    assert untouched == ["failed", "gone", "stored"]
    assert failed_again == ["stored", "gone", "stored"]
    assert outcomes(tmp_path, addresses) == ["stored", "stored", "stored"]


def test_a_stored_image_stays_whatever_comes_instead(site: Site, tmp_path: Path) -> None:
    addresses = small_web(site, tmp_path, "same.jpg", "gone.jpg", "other.jpg", "page.jpg")
    for number, address in enumerate(addresses):
        site.pages[path_of(address)] = tagged(saved(scene(number)))
    fetch(tmp_path / "content", site)
    before = read_manifest(tmp_path / "content/media")
    site.pages["/gone.jpg"] = answer(404)
    site.pages["/other.jpg"] = answer(200, saved(scene(9)))
    site.pages["/page.jpg"] = answer(200, PAGE)

    fetch(tmp_path / "content", site, "--refresh")

    after = read_manifest(tmp_path / "content/media")
    assert outcomes(tmp_path, addresses) == ["stored"] * 4
    assert [address for address in addresses if after[address] != before[address]] == [addresses[2]]
    assert site.asked[-1].headers["If-None-Match"] == '"1"'


def test_a_image_whose_file_was_taken_away_is_fetched_again(site: Site, tmp_path: Path) -> None:
    address = small_web(site, tmp_path, "a.jpg")[0]
    site.pages["/a.jpg"] = tagged(saved(scene(1)))
    fetch(tmp_path / "content", site)
    file = image_file(tmp_path / "content/media", read_manifest(tmp_path / "content/media")[address])
    file.unlink()

    fetch(tmp_path / "content", site)

    assert file.read_bytes() == saved(scene(1))
    assert "If-None-Match" not in site.asked[-1].headers


def test_fetching_ends_before_the_budget_is_exceeded_and_a_larger_one_goes_on(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    addresses = small_web(site, tmp_path, *(f"{number}.png" for number in range(6)))
    for number, address in enumerate(addresses):
        site.pages[path_of(address)] = answer(200, saved(scene(number % 5), "PNG"))
    sizes = [len(saved(scene(number), "PNG")) for number in range(5)]

    fetch(tmp_path / "content", site, "--max-total", str(sum(sizes[:3]) + 10), "--per-host", "1")
    first = outcomes(tmp_path, addresses)
    said = capsys.readouterr().out
    fetch(tmp_path / "content", site, "--max-total", str(sum(sizes)))

    assert first == ["stored"] * 3 + [""] * 3
    assert "the limit of" in said
    assert outcomes(tmp_path, addresses) == ["stored"] * 6


def test_a_server_that_never_answers_is_given_up(site: Site, tmp_path: Path) -> None:
    addresses = small_web(site, tmp_path, "a.jpg")
    site.pages["/a.jpg"] = never

    fetch(tmp_path / "content", site, "--timeout", "0.2", "--retries", "1")

    known = read_manifest(tmp_path / "content/media")[addresses[0]]
    assert (known.outcome, known.error) == ("failed", "no complete response in time")


def test_who_wants_too_long_a_rest_is_not_waited_for(site: Site, tmp_path: Path) -> None:
    addresses = small_web(site, tmp_path, "a.jpg")
    site.pages["/a.jpg"] = answer(429, Retry_After="86400")

    fetch(tmp_path / "content", site)

    known = read_manifest(tmp_path / "content/media")[addresses[0]]
    assert (known.outcome, known.status, len(site.asked)) == ("failed", 429, 1)


def test_a_host_that_takes_no_connection_is_given_up_after_a_few(site: Site, tmp_path: Path) -> None:
    addresses = small_web(site, tmp_path, *(f"{number}.jpg" for number in range(9)))
    with serving(Site()) as closed:
        server = closed.server
    gone = ["--resolve", f"*.images.example={server}", "--retry-delay", "0", "--delay", "0"]

    main(["images", str(tmp_path / "content"), *gone])

    assert outcomes(tmp_path, addresses) == ["failed"] * 9
    errors = Counter(image.error for image in read_manifest(tmp_path / "content/media").values())
    assert errors["no connection, as for the images before"] >= 6


def test_a_server_in_the_house_is_not_asked_unless_it_is_opened(site: Site, tmp_path: Path) -> None:
    site.pages["/a.jpg"] = answer(200, saved(scene(1)))
    address = f"http://{site.server}/a.jpg"

    closed = get([address], tmp_path / "closed")
    opened = get([address], tmp_path / "opened", doors=[parse_allowed_network(site.server)])

    assert (closed[address].outcome, opened[address].outcome) == ("refused", "stored")
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("ftp://a.example/a.jpg", "not an address on the web"),
        ("https:///a.jpg", "not an address on the web"),
        ("https://[::1/a.jpg", ""),
        ("https://name:password@a.example/a.jpg", "password"),
        ("http://127.1/a.jpg", ""),
        ("http://2130706433/a.jpg", ""),
    ],
)
def test_an_address_that_cannot_be_asked_for_is_refused(tmp_path: Path, address: str, error: str) -> None:
    known = get([address], tmp_path)

    assert known[address].outcome == "refused"
    assert error in known[address].error


def test_two_runs_at_a_time_do_not_get_in_each_others_way(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small_web(site, tmp_path, "a.jpg")

    with storing_in(tmp_path / "content/media"):
        status = fetch(tmp_path / "content", site)

    assert status == 1
    assert "another process is storing images here" in capsys.readouterr().err
    assert site.asked == []


def test_what_a_killed_run_left_half_written_goes(site: Site, tmp_path: Path) -> None:
    half = tmp_path / "content/media/ab/.abcdef.99.1.part"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    small_web(site, tmp_path, "a.jpg")

    fetch(tmp_path / "content", site)

    assert not half.exists()


def test_a_dry_run_names_hosts_and_asks_none(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small_web(site, tmp_path, "a.jpg", "b.jpg")

    fetch(tmp_path / "content", site, "--dry-run")

    assert capsys.readouterr().out == "2 images of 1 hosts would be fetched\n       2 img0.images.example\n"
    assert site.asked == []
    assert not (tmp_path / "content/media").exists()


@pytest.mark.parametrize(
    "wrong", [["--allow-address", "house"], ["--resolve", "*.example.org"], ["--resolve", "a=127.0.0.1"]]
)
def test_a_wrong_option_is_told_with_its_repair(
    tmp_path: Path, wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "content").mkdir()

    status = main(["images", str(tmp_path / "content"), *wrong])

    assert status == 1
    assert f"{wrong[0]} {wrong[1]}: " in capsys.readouterr().err


def test_where_the_extra_is_missing_the_command_says_how_to_get_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in [name for name in sys.modules if name.startswith(("newsarchive.fetch.", "newsarchive.net."))]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "aiohttp", None)

    status = main(["images", str(tmp_path)])

    assert status == 1
    assert "pip install 'newsarchive[images]'" in capsys.readouterr().err


def get(addresses: list[str], media: Path, doors: Sequence[AllowedNetwork] = ()) -> dict[str, StoredImage]:
    """What becomes of addresses, without articles."""
    how = Downloader(PolitenessPolicy(delay=0, retry_delay=0, attempts=2), DownloadLimits(), doors)
    with GrowingManifest(media) as manifest:
        asyncio.run(fetch_images(addresses, manifest, how, lambda image: None))
    return read_manifest(media)


def test_a_host_without_tls_is_asked_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    async def ask(self: Client, address: str, url: URL, *_: object) -> StoredImage:
        asked.append(str(url))
        if url.scheme == "https":
            raise self._connection_error(url, aiohttp.ClientConnectorError(None, OSError(111, "refused")))
        return StoredImage(address=address, outcome="gone", status=404)

    monkeypatch.setattr(Client, "_request", ask)
    address = "https://old.example/a.jpg"

    known = get([address], tmp_path)

    assert asked == [address, "http://old.example/a.jpg"]
    assert known[address].final_address == "http://old.example/a.jpg"


def test_what_grows_when_it_is_unpacked_counts_as_it_grows(site: Site, tmp_path: Path) -> None:
    addresses = small_web(site, tmp_path, "bomb.jpg", "packed.jpg")
    site.pages["/bomb.jpg"] = answer(200, gzip.compress(bytes(100_000_000)), Content_Encoding="gzip")
    site.pages["/packed.jpg"] = answer(200, gzip.compress(saved(scene(1))), Content_Encoding="gzip")

    fetch(tmp_path / "content", site)

    assert outcomes(tmp_path, addresses) == ["too-large", "stored"]


def test_a_full_disk_ends_the_run_and_no_image_gets_a_wrong_end(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    addresses = small_web(site, tmp_path, "a.jpg", "b.jpg")
    site.pages = {"/a.jpg": answer(200, saved(scene(1))), "/b.jpg": answer(200, saved(scene(2)))}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("newsarchive.images.blob_store.write_atomically", full)
        status = fetch(tmp_path / "content", site)

    assert status == 1
    assert "media: cannot be written: [Errno 28] No space left on device" in capsys.readouterr().err
    assert outcomes(tmp_path, addresses) == ["", ""]
    assert fetch(tmp_path / "content", site) == 0
    assert outcomes(tmp_path, addresses) == ["stored", "stored"]
