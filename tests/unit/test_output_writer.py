"""The output folder: each file is whole, is written only when its bytes change, and stays below the folder."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from newsarchive.build.output_writer import OutputError, OutputWriter
from newsarchive.fs.atomic_files import SourceError, write_atomically
from newsarchive.fs.locks import FolderInUse


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """An output folder that is not there yet."""
    return tmp_path / "output"


@pytest.fixture
def writer(output: Path) -> Iterator[OutputWriter]:
    """The open output folder, which is empty."""
    with closing(OutputWriter(output)) as writer:
        yield writer


def write(output: Path, files: dict[str, str]) -> int:
    """Write files in a build of their own; returns how many changed."""
    with closing(OutputWriter(output)) as writer:
        for path, text in files.items():
            writer.write(path, text.encode())
        return writer.written


def tree(folder: Path) -> dict[str, str]:
    """Every file below `folder` and what it holds."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_text("utf-8") for name, path in files.items()}


def test_files_are_written_into_folders_of_their_own(output: Path) -> None:
    assert write(output, {"index.html": "家", "2021/10/10/a.html": "甲"}) == 2

    assert tree(output) == {"index.html": "家", "2021/10/10/a.html": "甲"}


def test_a_file_that_did_not_change_is_not_written_again(output: Path) -> None:
    write(output, {"a.html": "甲", "b.html": "乙"})
    os.utime(output / "a.html", (0, 0))

    assert write(output, {"a.html": "甲", "b.html": "丙"}) == 1

    assert (output / "a.html").stat().st_mtime == 0
    assert tree(output) == {"a.html": "甲", "b.html": "丙"}


def test_a_file_of_the_same_length_but_other_words_is_written(output: Path) -> None:
    write(output, {"a.html": "甲"})

    assert write(output, {"a.html": "乙"}) == 1

    assert tree(output) == {"a.html": "乙"}


def test_a_written_file_is_as_it_was_left_until_it_changes(output: Path) -> None:
    with closing(OutputWriter(output)) as writer:
        file = writer.write("a.html", "甲".encode())
    with closing(OutputWriter(output)) as writer:
        assert writer.is_as_left(file)
        assert writer.size_of("a.html") == 3
        assert writer.size_of("b.html") == -1

    for change in (lambda path: os.utime(path, (0, 0)), lambda path: path.write_text("long", "utf-8"), Path.unlink):
        change(output / "a.html")
        with closing(OutputWriter(output)) as writer:
            assert not writer.is_as_left(file)


def test_a_file_is_copied_only_when_its_bytes_change(output: Path, tmp_path: Path) -> None:
    source = tmp_path / "logo.svg"
    source.write_text("<svg/>", "utf-8")
    for written in (1, 0):
        with closing(OutputWriter(output)) as writer:
            copy = writer.copy("theme/logo.svg", source)
            assert (writer.written, copy.size) == (written, 6)

    source.write_text("<SVG/>", "utf-8")
    with closing(OutputWriter(output)) as writer:
        writer.copy("theme/logo.svg", source)

    assert tree(output) == {"theme/logo.svg": "<SVG/>"}


def test_a_source_that_cannot_be_read_is_not_copied(writer: OutputWriter, output: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        writer.copy("a.txt", tmp_path / "gone.txt")
    with pytest.raises(SourceError):
        writer.copy("a.txt", tmp_path)

    assert tree(output) == {}


@pytest.mark.parametrize("path", ["../a.html", "a/../../b.html", "/etc/a.html", "a/..", "", ".", "C:\\a", "x\0y"])
def test_a_path_that_leads_out_of_the_output_folder_is_not_safe(writer: OutputWriter, path: str) -> None:
    assert not writer.is_safe(path)


@pytest.mark.parametrize("path", ["index.html", "2021/10/10/a.html", "a..b/...html", ".nojekyll"])
def test_a_path_below_the_output_folder_is_safe(writer: OutputWriter, path: str) -> None:
    assert writer.is_safe(path)


def test_nothing_is_written_or_deleted_behind_a_symbolic_link(output: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.html").write_text("mine", "utf-8")
    output.mkdir()
    (output / "link").symlink_to(outside)

    with closing(OutputWriter(output)) as writer:
        with pytest.raises(OutputError, match=r"link: is a symbolic link, and nothing is written there — remove it"):
            writer.write("link/b.html", b"")
        writer.delete("link/a.html")

    assert tree(outside) == {"a.html": "mine"}


def test_a_link_is_deleted_and_what_it_leads_to_is_not(output: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    output.mkdir()
    (output / "link").symlink_to(tmp_path / "outside")

    with closing(OutputWriter(output)) as writer:
        writer.delete("link")

    assert not (output / "link").is_symlink()
    assert (tmp_path / "outside").is_dir()


def test_a_file_is_deleted_with_the_folders_that_are_empty_then(output: Path) -> None:
    write(output, {"2021/10/10/a.html": "", "2021/11/b.html": ""})
    (output / "folder").mkdir()

    with closing(OutputWriter(output)) as writer:
        for path in ("2021/10/10/a.html", "gone.html", "folder", "x" * 300, "2021/11/b.html/x"):
            writer.delete(path)

    assert set(tree(output)) == {"2021/11/b.html"}
    assert not (output / "2021/10").exists()
    assert (output / "folder").is_dir()


def test_half_a_file_is_never_seen(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(output, {"a.html": "甲"})
    monkeypatch.setattr(os, "write", fill_up(4))

    with pytest.raises(OSError, match="No space left"):
        write_atomically(output / "a.html", "乙乙乙乙".encode())

    assert tree(output) == {"a.html": "甲"}


def fill_up(room: int) -> Callable[[int, bytes], int]:
    """`os.write` on a disk that has room for so many bytes."""
    write, left = os.write, room

    def write_some(file: int, data: bytes) -> int:
        nonlocal left
        if not left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = write(file, data[:left])
        left -= taken
        return taken

    return write_some


def test_what_a_build_that_was_killed_left_half_written_is_deleted(output: Path) -> None:
    output.mkdir()
    (output / ".newsarchive-1.part").write_text("half", "utf-8")

    write(output, {"a.html": ""})

    assert set(tree(output)) == {"a.html"}


def test_two_builds_do_not_write_into_one_folder(writer: OutputWriter, output: Path) -> None:
    with pytest.raises(FolderInUse):
        OutputWriter(output)
