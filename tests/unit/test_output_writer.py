"""The output folder holds what the last build wrote, each file whole, and everything that is somebody else's."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from newsarchive.build.output_writer import FILE_LIST, OutputError, OutputWriter
from newsarchive.cache.build_cache import BuildCache, CacheInUse, OutputRecord
from newsarchive.cache.database import CorruptCache
from newsarchive.fs.atomic_files import write_atomically


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """An output folder that is not there yet."""
    return tmp_path / "output"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """The folder of the build's memory."""
    return tmp_path / "cache"


@dataclass
class Done:
    """A whole build, in numbers."""

    written: int
    removed: int


def build(output: Path, cache: Path, files: dict[str, str], adopted: Sequence[str] = ()) -> Done:
    """One whole build; `adopted` are written by somebody else."""
    with closing(BuildCache(cache)) as state:
        publisher = OutputWriter(output, state)
        for path, text in files.items():
            publisher.write(path, text)
        for path in adopted:
            publisher.claim(path)
        done = Done(removed=publisher.finish(), written=publisher.written)
        publisher.close()
        return done


@pytest.fixture
def publisher(output: Path, cache: Path) -> Iterator[OutputWriter]:
    """A build under way."""
    with closing(BuildCache(cache)) as state:
        yield OutputWriter(output, state)


def tree(folder: Path) -> dict[str, str]:
    """Every file below `folder` and what it holds; the list of them aside."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_text("utf-8") for name, path in files.items() if name != FILE_LIST}


def test_pages_are_written_into_folders_of_their_own(output: Path, cache: Path) -> None:
    done = build(output, cache, {"index.html": "家", "2021/10/10/a.html": "甲"})

    assert tree(output) == {"index.html": "家", "2021/10/10/a.html": "甲"}
    assert done.written == 2 + len([FILE_LIST])


def test_large_files_do_not_wait_until_there_are_many(publisher: OutputWriter, output: Path) -> None:
    publisher.write("small.webp", b"x")
    assert not (output / "small.webp").exists()

    for number in range(4):
        publisher.write(f"{number}.webp", b"x" * 5_000_000)

    assert (output / "0.webp").exists()


def test_a_page_that_did_not_change_is_not_written_again(output: Path, cache: Path) -> None:
    build(output, cache, {"a.html": "甲", "b.html": "乙"})
    os.utime(output / "a.html", (0, 0))

    done = build(output, cache, {"a.html": "甲", "b.html": "丙"})

    assert done.written == 1
    assert (output / "a.html").stat().st_mtime == 0


def test_a_page_of_the_same_length_but_other_words_is_written(output: Path, cache: Path) -> None:
    build(output, cache, {"a.html": "甲"})

    build(output, cache, {"a.html": "乙"})

    assert tree(output) == {"a.html": "乙"}


def test_what_this_build_no_longer_has_is_deleted_with_its_folders(output: Path, cache: Path) -> None:
    build(output, cache, {"index.html": "", "2021/10/10/a.html": "", "2021/11/b.html": ""})

    build(output, cache, {"index.html": "", "2021/11/b.html": ""})

    assert set(tree(output)) == {"index.html", "2021/11/b.html"}
    assert not (output / "2021/10").exists()


def test_the_number_of_deleted_files_is_said(output: Path, cache: Path) -> None:
    build(output, cache, {"a.html": "", "b.html": "", "c.html": ""})

    assert build(output, cache, {}).removed == 3


def test_a_file_of_the_users_is_never_deleted(output: Path, cache: Path) -> None:
    build(output, cache, {"a/1.html": ""})
    (output / "a/CNAME").write_text("news.example", "utf-8")

    build(output, cache, {})

    assert tree(output) == {"a/CNAME": "news.example"}


def test_a_file_written_by_somebody_else_is_kept_once_it_is_adopted(output: Path, cache: Path) -> None:
    build(output, cache, {"a.html": ""})
    (output / "site.css").write_text("", "utf-8")

    build(output, cache, {}, adopted=["site.css"])

    assert set(tree(output)) == {"site.css"}


def test_a_file_that_the_user_deleted_already_is_no_problem(output: Path, cache: Path) -> None:
    build(output, cache, {"a.html": ""})
    (output / "a.html").unlink()

    assert build(output, cache, {}).removed == 1


def test_two_output_folders_of_one_cache_do_not_clean_each_other(tmp_path: Path, cache: Path) -> None:
    build(tmp_path / "one", cache, {"a.html": "甲"})
    (tmp_path / "two").mkdir()
    (tmp_path / "two/a.html").write_text("the user's", "utf-8")

    build(tmp_path / "two", cache, {"b.html": "乙"})

    assert tree(tmp_path / "one") == {"a.html": "甲"}
    assert tree(tmp_path / "two") == {"a.html": "the user's", "b.html": "乙"}


@pytest.mark.parametrize("path", ["../a.html", "a/../../b.html", "/etc/a.html", "a/..", "", "."])
def test_a_page_outside_the_output_folder_is_refused(output: Path, publisher: OutputWriter, path: str) -> None:
    with pytest.raises(OutputError, match="leads out of the output folder — give the page another address"):
        publisher.write(path, "")
    publisher.finish()

    assert tree(output) == {}


def test_two_pages_at_one_address_are_refused_and_the_first_stays(output: Path, publisher: OutputWriter) -> None:
    publisher.write("a.html", "甲")

    with pytest.raises(OutputError, match=r"^a\.html: two pages want this file — give one of them another address$"):
        publisher.write("a.html", "乙")
    publisher.flush()

    assert tree(output) == {"a.html": "甲"}


def test_half_a_page_is_never_seen(output: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(output, cache, {"a.html": "甲"})
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


def test_a_text_that_is_no_unicode_does_not_stop_the_build(output: Path, cache: Path) -> None:
    build(output, cache, {"a.html": "甲\ud800"})

    assert tree(output) == {"a.html": "甲?"}


def corrupt_header(state: Path) -> None:
    """Not a database at all."""
    state.write_bytes(b"not a database" * 1_000)


def corrupt_pages(state: Path) -> None:
    """A database whose first page alone is whole."""
    state.write_bytes(state.read_bytes()[:4_096] + b"\xaa" * (state.stat().st_size - 4_096))


def cut_off(state: Path) -> None:
    """What a crash may leave."""
    state.write_bytes(state.read_bytes()[:5_000])


def empty(state: Path) -> None:
    """What a full disk may leave."""
    state.write_bytes(b"")


def write_other_table(state: Path) -> None:
    """A database as another version of the program may have it."""
    state.unlink()
    with closing(sqlite3.connect(state)) as connection, connection:
        connection.execute("CREATE TABLE outputs (name TEXT)")


@pytest.mark.parametrize("damage", [corrupt_header, corrupt_pages, cut_off, empty, write_other_table])
def test_a_memory_that_is_damaged_costs_no_build(output: Path, cache: Path, damage: Callable[[Path], None]) -> None:
    build(output, cache, {f"{number}/{'x' * 50}.html": "" for number in range(200)})
    damage(cache / "build.sqlite")

    build(output, cache, {"a.html": "甲"})
    build(output, cache, {"b.html": "乙"})

    assert "a.html" not in tree(output)
    assert tree(output)["b.html"] == "乙"


def kill_a_build(output: Path, cache: Path, files: dict[str, str]) -> None:
    """A build that is killed when it has written some of its files."""
    with closing(BuildCache(cache)) as state:
        publisher = OutputWriter(output, state)
        for path, text in files.items():
            publisher.write(path, text)
        publisher.flush()
        publisher.close()


def test_without_its_memory_a_build_that_is_killed_leaves_no_stale_file_for_ever(output: Path, cache: Path) -> None:
    build(output, cache, {"deleted.html": "", "kept.html": ""})
    shutil.rmtree(cache)

    kill_a_build(output, cache, {"added.html": ""})

    assert build(output, cache, {"kept.html": "", "added.html": ""}).removed == 1
    assert set(tree(output)) == {"kept.html", "added.html"}


def test_a_page_that_changed_before_the_build_was_killed_is_ours_still(output: Path, cache: Path) -> None:
    build(output, cache, {"a.html": "", "b.html": ""})
    shutil.rmtree(cache)

    kill_a_build(output, cache, {"a.html": "longer than before"})

    assert build(output, cache, {"b.html": ""}).removed == 1


def test_in_a_folder_that_was_renamed_a_build_that_is_killed_leaves_no_stale_file_for_ever(
    tmp_path: Path, cache: Path
) -> None:
    build(tmp_path / "output", cache, {"deleted.html": "", "kept.html": ""})
    (tmp_path / "output").rename(tmp_path / "public")

    kill_a_build(tmp_path / "public", cache, {"added.html": ""})

    assert build(tmp_path / "public", cache, {"kept.html": "", "added.html": ""}).removed == 1
    assert set(tree(tmp_path / "public")) == {"kept.html", "added.html"}


def test_a_folder_in_the_place_of_one_that_is_known_is_known_by_its_list(tmp_path: Path, cache: Path) -> None:
    output = tmp_path / "output"
    build(tmp_path / "other", tmp_path / "others", {"deleted.html": "", "kept.html": ""})
    build(output, cache, {"kept.html": ""})
    shutil.rmtree(output)
    (tmp_path / "other").rename(output)

    build(output, cache, {"kept.html": ""})

    assert set(tree(output)) == {"kept.html"}


def test_a_build_that_has_nothing_to_do_does_so_only_where_every_file_is_known(output: Path, cache: Path) -> None:
    build(output, cache, {"a.html": "", "b.html": ""})
    with closing(BuildCache(cache)) as state:
        whole = OutputWriter(output, state)
        was_intact = whole.is_intact()
        whole.close()
        state.forget_outputs(output, ["a.html"])
        publisher = OutputWriter(output, state)

        assert was_intact
        assert not publisher.is_intact()


def test_the_list_of_files_is_right_though_the_memory_was_damaged_at_the_end(tmp_path: Path) -> None:
    lists = []
    for name in ("damaged", "clean"):
        build_in = tmp_path / name / "output", tmp_path / name / "cache"
        with closing(BuildCache(build_in[1])) as state:
            publisher = OutputWriter(build_in[0], state)
            publisher.write("a.html", "甲", b"made from")
            publisher.finish()
            publisher.close()
        with closing(BuildCache(build_in[1])) as state:
            publisher = OutputWriter(build_in[0], state)
            publisher.keep("a.html", b"made from")
            if name == "damaged":
                publisher.restart(state, keeping=publisher.current_paths)
            publisher.finish()
            lists.append((build_in[0] / FILE_LIST).read_text("utf-8"))

    assert lists[0] == lists[1] == "3 a.html\n"


@pytest.mark.parametrize("path", ["../victim.txt", "a/../../victim.txt", "{outside}", "x\0y", ""])
def test_a_memory_whose_paths_lead_out_of_the_output_is_not_believed(
    tmp_path: Path, output: Path, cache: Path, path: str
) -> None:
    victim = tmp_path / "victim.txt"
    victim.write_text("mine", "utf-8")
    output.mkdir()
    with closing(BuildCache(cache)) as state:
        state.store_outputs(output, {path.format(outside=victim): OutputRecord(b"", 4, 0)})

        with pytest.raises(CorruptCache, match="leads out of it"):
            OutputWriter(output, state)

    assert victim.read_text("utf-8") == "mine"


@pytest.mark.parametrize("path", ["x" * 300, "index.html/x", "folder"])
def test_a_path_at_which_no_file_can_be_stops_no_build(output: Path, cache: Path, path: str) -> None:
    build(output, cache, {"index.html": ""})
    (output / "folder").mkdir()
    with closing(BuildCache(cache)) as state:
        state.store_outputs(output, {path: OutputRecord(b"", -1, -1)})
        state.commit()

    build(output, cache, {"index.html": ""})

    assert set(tree(output)) == {"index.html"}
    assert (output / "folder").is_dir()


@pytest.mark.parametrize("change", ["path = 'b.html'", "record = zeroblob(30)", "record = 'x'", "path = x'00'"])
def test_a_row_of_the_memory_that_was_changed_is_noticed(output: Path, cache: Path, change: str) -> None:
    build(output, cache, {"a.html": ""})
    with closing(sqlite3.connect(cache / "build.sqlite")) as connection, connection:
        connection.execute(f"UPDATE outputs SET {change} WHERE path = 'a.html'")

    with closing(BuildCache(cache)) as state, pytest.raises(CorruptCache):
        state.outputs(output)


def test_a_row_of_the_memory_that_is_missing_is_made_good_by_the_list(output: Path, cache: Path) -> None:
    build(output, cache, {"a.html": "", "b.html": ""})
    with closing(BuildCache(cache)) as state:
        state.forget_outputs(output, ["a.html"])
        state.commit()

    assert build(output, cache, {"b.html": ""}).removed == 1
    assert set(tree(output)) == {"b.html"}


def test_a_damaged_memory_is_said(output: Path, cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    build(output, cache, {"a.html": ""})
    corrupt_header(cache / "build.sqlite")

    with caplog.at_level(logging.WARNING):
        build(output, cache, {"a.html": ""})

    assert "build.sqlite: not a build state of this version — starting with a new one" in caplog.text


def test_a_first_build_has_nothing_to_complain_about(
    output: Path, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    build(output, cache, {"a.html": ""})

    assert caplog.text == ""


def test_a_memory_that_another_build_is_using_is_not_thrown_away(output: Path, cache: Path) -> None:
    build(output, cache, {"a.html": ""})

    with closing(BuildCache(cache)), pytest.raises(CacheInUse, match="another build is at work here — wait"):
        BuildCache(cache)

    with closing(BuildCache(cache)) as state:
        assert set(state.outputs(output)) == {"a.html", FILE_LIST}
