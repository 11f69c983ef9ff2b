"""What builds remember costs time when it is lost, and nothing else: the next build is a clean one."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from conftest import pelican_command
from newsarchive.build.site_build import Build
from newsarchive.cache.build_cache import BuildCache
from newsarchive.fs.locks import FolderLock

from .editing import EditedSite
from .test_incremental import differences


@pytest.fixture
def site(tmp_path: Path) -> EditedSite:
    """A small site, built once."""
    site = EditedSite(tmp_path, seed=11)
    assert site.build().exit_code == 0
    return site


def state_of(site: EditedSite) -> Path:
    """The file that builds remember by."""
    return site.folder / "kept/cache/build.sqlite"


def another_version(state: Path) -> None:
    """What an older or a newer program left."""
    with closing(sqlite3.connect(state)) as connection, connection:
        connection.execute("UPDATE key_values SET value = x'00000000' WHERE name = 'format'")


def another_database(state: Path) -> None:
    """A database that somebody else made."""
    state.unlink()
    with closing(sqlite3.connect(state)) as connection, connection:
        connection.execute("CREATE TABLE pages (name TEXT)")


def no_database(state: Path) -> None:
    """Any other file."""
    state.write_bytes(b"not a database" * 1_000)


def cut_off(state: Path) -> None:
    """What a full disk or a broken download leaves."""
    state.write_bytes(state.read_bytes()[: state.stat().st_size // 2])


def damaged_at_its_end(state: Path) -> None:
    """Pages that SQLite cannot make sense of, behind a head that it can."""
    data = state.read_bytes()
    state.write_bytes(data[: len(data) // 3] + b"\xaa" * (len(data) - len(data) // 3))


@pytest.mark.parametrize("damage", [another_version, another_database, no_database, cut_off, damaged_at_its_end])
def test_a_state_that_cannot_be_used_is_told_of_and_the_build_is_a_clean_one(
    site: EditedSite, damage: Callable[[Path], None]
) -> None:
    damage(state_of(site))
    site.add_article()

    built = site.build(in_a_process_of_its_own=True)

    assert built.exit_code == 0, built.said
    assert "starting with a new one" in built.said
    assert "Traceback" not in built.said
    assert differences(built, site.build("clean")) == []


# Every column that holds what was made of input, and the setting that must change for it to be read.
COLUMNS = [
    ("articles", "fingerprints", "NEWSARCHIVE_REMOVE_REPEATED"),
    ("cards", "card", ""),
    ("articles", "rejection", ""),
    ("cleaned", "cleaned", "NEWSARCHIVE_REMOVE_REPEATED"),
    ("bodies", "body", ""),
    ("terms", "terms", ""),
    ("key_values", "value", ""),
]


def damage_values(state: Path, table: str, column: str) -> int:
    """Turn a bit of every value; returns how many there are."""
    with closing(sqlite3.connect(state)) as connection, connection:
        key = "name" if table == "key_values" else "source"
        rows = connection.execute(f"SELECT {key}, {column} FROM {table} WHERE {key} <> 'format'").fetchall()
        turned = [(data[:-1] + bytes([data[-1] ^ 1]), name) for name, data in rows if data]
        connection.executemany(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", turned)
        return len(turned)


@pytest.mark.parametrize(("table", "column", "setting"), COLUMNS)
def test_values_that_are_not_what_was_kept_are_never_used(
    site: EditedSite, table: str, column: str, setting: str
) -> None:
    site.write("empty.md", "")  # for a rejection
    site.build()
    assert damage_values(state_of(site), table, column)
    if setting:
        site.settings[setting] = False
    site.delete_article()
    site.add_article()

    built = site.build(in_a_process_of_its_own=True)

    assert built.exit_code == 0, built.said
    assert "starting with a new one" in built.said
    assert "Traceback" not in built.said
    assert differences(built, site.build("clean")) == []
    assert "0 pages written, 0 removed" in site.build(in_a_process_of_its_own=True).said


def test_a_value_that_is_damaged_when_nothing_changed_is_found_when_something_does(site: EditedSite) -> None:
    with closing(sqlite3.connect(state_of(site))) as connection, connection:
        connection.execute("UPDATE bodies SET body = body || x'20'")

    assert site.build().exit_code == 0
    site.settings["SITENAME"] = "别的名字"
    assert differences(site.build(), site.build("clean")) == []


def test_a_state_that_is_deleted_costs_time_alone(site: EditedSite) -> None:
    shutil.rmtree(state_of(site).parent)
    for _ in range(5):
        site.delete_article()
    site.delete_page()
    site.add_article()

    built = site.build(in_a_process_of_its_own=True)

    assert differences(built, site.build("clean")) == []


def test_without_its_state_a_build_deletes_what_a_build_wrote_and_nothing_of_anybody_elses(site: EditedSite) -> None:
    output = site.folder / "kept/output"
    users = {"CNAME": "news.example", ".git/HEAD": "ref: main", "2021/10/10/mine.html": "mine", "tags/a.txt": ""}
    for path, text in users.items():
        (output / path).parent.mkdir(parents=True, exist_ok=True)
        (output / path).write_text(text, "utf-8")
    page = next(path for path in output.rglob("*.html") if len(path.stem) == 16)
    page.write_text("what somebody put in the place of an article", "utf-8")
    shutil.rmtree(state_of(site).parent)
    for path in site.content.rglob("*.md"):
        path.unlink()
    site.add_article()

    built = site.build()

    theirs = {**{path: text.encode() for path, text in users.items()}, page.relative_to(output).as_posix(): b""}
    left = {path: data for path, data in built.tree().items() if path not in theirs}
    assert left == site.build("clean").tree()
    assert {path: (output / path).read_text("utf-8") for path in users} == users
    assert page.read_text("utf-8") == "what somebody put in the place of an article"


def test_a_disk_that_is_full_is_no_damage(site: EditedSite, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    kept = state_of(site).read_bytes()
    site.add_article()
    with monkeypatch.context() as patched:
        patched.setattr(BuildCache, "store_cleaned", fail)
        assert site.build().exit_code == 1

    assert state_of(site).read_bytes()[:100] == kept[:100]
    site.delete_article()
    assert differences(site.build(), site.build("clean")) == []


def test_a_state_that_is_taken_after_the_settings_were_checked_is_told(
    site: EditedSite, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before, begin = site.build().tree(), Build.begin
    site.add_article()

    def begin_late(build: Build) -> None:
        with closing(BuildCache(site.folder / "kept/cache")):
            begin(build)

    monkeypatch.setattr(Build, "begin", begin_late)
    late = site.build()

    assert late.exit_code == 1
    assert late.tree() == before
    assert "kept/cache: another build is at work here — wait for it to end" in caplog.text
    assert "Traceback" not in caplog.text


def test_two_builds_with_caches_of_their_own_do_not_write_into_one_folder_at_once(
    site: EditedSite, caplog: pytest.LogCaptureFixture
) -> None:
    before = site.build().tree()
    site.add_article()
    lock = FolderLock(site.folder / "kept/output")
    shutil.rmtree(state_of(site).parent)

    second = site.build()
    lock.close()

    assert second.exit_code == 1
    assert second.tree() == before
    assert "kept/output: another build is at work here — wait for it to end" in caplog.text
    assert differences(site.build(), site.build("clean")) == []


def test_of_builds_that_start_at_once_each_ends_well_or_is_told_to_wait(site: EditedSite) -> None:
    site.add_article()
    work = site.folder / "kept"
    processes = [
        subprocess.Popen(
            pelican_command(site.content, work, *site.options()),
            cwd=work,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(3)
    ]

    said = [process.communicate()[0] for process in processes]

    for process, text in zip(processes, said, strict=True):
        assert process.returncode == 0 or "another build is at work here — wait for it to end" in text, text
        assert "Traceback" not in text
    assert 0 in {process.returncode for process in processes}
    assert differences(site.build(), site.build("clean")) == []


def test_a_second_build_at_once_is_told_to_wait_and_harms_nothing(site: EditedSite) -> None:
    before = site.build()
    site.add_article()

    with closing(BuildCache(site.folder / "kept/cache")) as first:
        second = site.build(in_a_process_of_its_own=True)
        assert first.files()

    assert second.exit_code == 1
    assert "another build is at work here — wait for it to end" in second.said
    assert "Traceback" not in second.said
    assert second.tree() == before.tree()
    assert differences(site.build(), site.build("clean")) == []
