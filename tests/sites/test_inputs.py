"""Input files that go, come back and change under a build's hands, and clocks that do not agree."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from newsarchive.build import article_stages, tasks
from newsarchive.read.find import FoundFile

from .editing import EditedSite
from .test_incremental import differences

YEAR = 365 * 24 * 3_600 * 1_000_000_000  # nanoseconds


@pytest.fixture
def site(tmp_path: Path) -> EditedSite:
    """A small site, built once."""
    site = EditedSite(tmp_path, seed=13)
    assert site.build().exit_code == 0
    return site


def an_article(site: EditedSite) -> Path:
    """One of its files."""
    return min(path for path in site.content.rglob("*.md") if "pages" not in path.parts)


def say_otherwise(path: Path) -> None:
    """Change a file, and leave it its size."""
    text = path.read_text("utf-8")
    changed = text.replace("从来没有", "一向没有").replace("重新开张", "关门大吉")
    assert changed != text
    path.write_text(changed, "utf-8")


def when_read(monkeypatch: pytest.MonkeyPatch, path: Path, act: Callable[[], object]) -> None:
    """Do something after a file was found, and whenever it is read."""
    read = tasks.read_bytes

    def read_late(found: FoundFile, most: int) -> bytes:
        if Path(found.path) == path:
            act()
        return read(found, most)

    for reader in (article_stages, tasks):
        monkeypatch.setattr(reader, "read_bytes", read_late)


def test_a_file_that_goes_before_it_is_read_is_rejected_and_the_rest_goes_on(
    site: EditedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = an_article(site)
    say_otherwise(path)
    with monkeypatch.context() as patched:
        when_read(patched, path, lambda: path.unlink(missing_ok=True))
        built = site.build()

    row = built.ledger[path.relative_to(site.content).as_posix()]
    assert built.exit_code == 0
    assert (row["status"], "No such file" in row["reason"]) == ("rejected", True)
    assert differences(site.build(), site.build("clean")) == []


def test_a_file_that_cannot_be_read_once_is_there_again_the_next_time(
    site: EditedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = an_article(site)
    before = site.build().tree()
    os.utime(path)

    def fail() -> None:
        raise tasks.RejectedFile(tasks.Diagnostic("unreadable", "x", os.strerror(errno.EIO), "check the disk"))

    with monkeypatch.context() as patched:
        when_read(patched, path, fail)
        built = site.build()

    assert built.ledger[path.relative_to(site.content).as_posix()]["status"] == "rejected"
    assert site.build().tree() == before


def test_what_is_told_of_a_file_that_was_too_large_is_what_is_wrong_with_it_now(
    site: EditedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = an_article(site)
    name = path.relative_to(site.content).as_posix()
    too_large = tasks.Diagnostic("too-large", name, "file is too large", "make it smaller")
    unreadable = tasks.Diagnostic("unreadable", name, "file cannot be read", "check the disk")
    reasons = []
    for number, diagnostic in enumerate([too_large, unreadable]):
        os.utime(path, (1_600_000_000 + number, 1_600_000_000 + number))

        def fail(diagnostic: tasks.Diagnostic = diagnostic) -> None:
            raise tasks.RejectedFile(diagnostic)

        with monkeypatch.context() as patched:
            when_read(patched, path, fail)
            reasons.append(site.build().ledger[name]["reason"])

    assert ["too large" in reasons[0], "cannot be read" in reasons[1]] == [True, True]


def test_a_file_that_changes_while_it_is_read_is_read_again_by_the_next_build(
    site: EditedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = an_article(site)
    os.utime(path)
    with monkeypatch.context() as patched:
        when_read(patched, path, lambda: say_otherwise(path))
        site.build()
    path.write_text(path.read_text("utf-8").replace("关门大吉", "重新开张"), "utf-8")

    assert differences(site.build(), site.build("clean")) == []


@pytest.mark.parametrize("moved", [0, 60_000_000_000, YEAR, -YEAR])
def test_a_change_that_leaves_size_and_time_is_found(site: EditedSite, moved: int) -> None:
    path = an_article(site)
    modified = time.time_ns() + moved
    os.utime(path, ns=(modified, modified))
    site.build()

    say_otherwise(path)
    os.utime(path, ns=(modified, modified))
    built = site.build()

    assert differences(built, site.build("clean")) == []
    assert "关门大吉" in built.page(path.relative_to(site.content).as_posix())


@pytest.mark.parametrize("wrong", [-YEAR, YEAR])
def test_a_clock_that_was_wrong_during_the_last_build_costs_no_change(
    site: EditedSite, monkeypatch: pytest.MonkeyPatch, wrong: int
) -> None:
    path = an_article(site)
    os.utime(path)
    with monkeypatch.context() as patched:
        patched.setattr(article_stages.time, "time_ns", lambda now=time.time_ns: now() + wrong)
        site.build()

    say_otherwise(path)

    assert differences(site.build(), site.build("clean")) == []


@pytest.mark.parametrize("moved", [-YEAR, YEAR])
def test_an_output_of_another_time_is_the_same_output(site: EditedSite, moved: int) -> None:
    for path in (site.folder / "kept/output").rglob("*.html"):
        modified = path.stat().st_mtime_ns + moved
        os.utime(path, ns=(modified, modified))
    site.add_article()
    site.delete_article()

    assert differences(site.build(), site.build("clean")) == []


def test_a_static_file_that_goes_before_it_is_copied_is_told_and_the_rest_goes_on(
    site: EditedSite, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write("images/gone.txt", "gone")
    gone, opened = site.content / "images/gone.txt", os.open
    site.build()
    gone.write_text("changed, so that it is copied again", "utf-8")

    def open_late(path: object, *given: int) -> int:
        if path == gone:
            gone.unlink(missing_ok=True)
        return opened(path, *given)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", open_late)
        built = site.build()

    assert built.exit_code == 0
    assert "images/gone.txt: file cannot be read, and is not published: No such file" in caplog.text
    assert not (built.output / "images/gone.txt").exists()
    assert differences(site.build(), site.build("clean")) == []
