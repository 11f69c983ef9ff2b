"""`newsarchive pack`: a site as one file, the same bytes from the same site."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from newsarchive.commands.main import main
from newsarchive.pack.icon import draw_icon


@pytest.fixture(scope="module")
def packed(sample_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample site as zip and as ZIM."""
    folder = tmp_path_factory.mktemp("packed")
    assert pack(sample_site, folder) == 0
    return folder


def pack(site: Path, folder: Path) -> int:
    """Both packages of a site."""
    return main(["pack", str(site), "--zip", str(folder / "archive.zip"), "--zim", str(folder / "archive.zim")])


def digests(folder: Path) -> dict[str, str]:
    """What stands in a folder, by its hash."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_zip_holds_every_file_below_one_folder(packed: Path, sample_site: Path) -> None:
    wanted = {
        f"archive/{path.relative_to(sample_site).as_posix()}": path.read_bytes()
        for path in sample_site.rglob("*")
        if path.is_file()
    }

    with zipfile.ZipFile(packed / "archive.zip") as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == wanted


def test_the_same_site_gives_the_same_bytes_whenever_and_wherever_it_lies(
    packed: Path, sample_site: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(sample_site, tmp_path / "elsewhere" / "site"))
    for path in copy.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(0o700)

    pack(copy, tmp_path / "again")

    assert digests(tmp_path / "again") == digests(packed)


def test_another_site_is_another_package(packed: Path, sample_site: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(sample_site, tmp_path / "site"))
    (copy / "images").mkdir(exist_ok=True)
    (copy / "images" / "new.txt").write_text("new", "utf-8")

    pack(copy, tmp_path / "again")

    assert not set(digests(tmp_path / "again").values()) & set(digests(packed).values())


@pytest.fixture(scope="module")
def zim(packed: Path) -> Any:
    """The ZIM file, opened as readers open it."""
    from libzim.reader import Archive

    return Archive(packed / "archive.zim")


def test_the_zim_file_is_sound_and_says_what_it_is(zim: Any) -> None:
    assert zim.check()
    assert zim.has_fulltext_index
    assert zim.has_title_index
    assert zim.get_metadata("Title").decode() == "新闻档案"
    assert zim.get_metadata("Language").decode() == "zho"
    assert zim.get_metadata("Date").decode() == "2022-09-14"
    assert zim.get_illustration_item(48).content.tobytes() == draw_icon(48)
    assert zim.main_entry.get_item().path == "index.html"


def test_every_file_of_the_site_is_in_the_zim_file(zim: Any, sample_site: Path) -> None:
    for path in (each for each in sample_site.rglob("*") if each.is_file()):
        item = zim.get_entry_by_path(path.relative_to(sample_site).as_posix()).get_item()

        assert item.content.tobytes() == path.read_bytes()
        assert (path.suffix != ".html") or item.mimetype.startswith("text/html")


@pytest.mark.parametrize("query", ["图书馆", "量子计算", "marbles"])
def test_readers_of_the_zim_file_find_articles_by_their_text(zim: Any, sample_site: Path, query: str) -> None:
    from libzim.search import Query, Searcher

    search = Searcher(zim).search(Query().set_query(query))
    found = list(search.getResults(0, search.getEstimatedMatches()))

    assert found
    for path in found:
        assert path.startswith(("20", "undated/"))  # articles, and no list of them
    assert any(query in (sample_site / path).read_text("utf-8") for path in found)


def test_readers_of_the_zim_file_find_articles_by_their_titles(zim: Any) -> None:
    from libzim.suggestion import SuggestionSearcher

    suggested = SuggestionSearcher(zim).suggest("图书馆")
    titles = [zim.get_entry_by_path(path).title for path in suggested.getResults(0, 10)]

    assert titles
    assert all("图书馆" in title for title in titles)


def test_a_package_that_cannot_be_written_leaves_the_last_one(
    packed: Path, sample_site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(packed / "archive.zip", tmp_path)
    before = digests(tmp_path)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)

    with pytest.raises(OSError, match="No space"):
        main(["pack", str(sample_site), "--zip", str(tmp_path / "archive.zip")])

    assert digests(tmp_path) == before


def test_without_libzim_the_command_says_how_to_get_it(
    sample_site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "libzim.writer", None)

    status = main(["pack", str(sample_site), "--zim", str(tmp_path / "archive.zim")])

    assert status == 1
    assert "run: pip install 'newsarchive[zim]'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
