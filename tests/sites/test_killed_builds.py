"""A build that is killed at any moment harms nothing: the next one ends as a clean one does."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import pelican_command

from .editing import EditedSite
from .test_incremental import differences

Moment = Callable[[Path], bool]
"""Whether a build into a folder has come so far."""

PATIENCE = 60  # seconds until a build is killed wherever it is: the law holds for every moment


def exists(path: str) -> Moment:
    """A file is there."""
    return lambda work: (work / path).exists()


def has_files(count: int) -> Moment:
    """So many files of the output are there."""
    return lambda work: sum(len(files) for _, _, files in os.walk(work / "output")) >= count


def has_fewer_files_than(count: int) -> Moment:
    """Files of the output have gone."""
    return lambda work: sum(len(files) for _, _, files in os.walk(work / "output")) < count


MOMENTS = {
    "when the state is there": exists("cache/build.sqlite"),
    "when there is something to save": exists("cache/build.sqlite-wal"),
    "after the first page": has_files(1),
    "after 40 files": has_files(40),
    "after 120 files": has_files(120),
    "after 200 files": has_files(200),
    "after 300 files": has_files(300),
    "within the search": exists("output/search/lunr.js"),
    "when the search stands": exists("output/search/manifest.js"),
    "within the theme's files": exists("output/theme/css/site.css"),
    "when the ledger is there": exists("cache/ledger.jsonl"),
}


@pytest.fixture
def site(tmp_path: Path) -> EditedSite:
    """Some 80 articles."""
    site = EditedSite(tmp_path, seed=7)
    for _ in range(56):
        site.add_article()
    return site


def kill_a_build(site: EditedSite, when: Moment) -> None:
    """Start a build, and kill it with all its processes when it has come so far."""
    work = site.folder / "kept"
    work.mkdir(exist_ok=True)
    with subprocess.Popen(
        pelican_command(site.content, work, *site.options()),
        cwd=work,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        end = time.monotonic() + PATIENCE
        while process.poll() is None and not when(work) and time.monotonic() < end:
            time.sleep(0.001)  # between two looks: a file that appears in a folder tells nobody
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def leftovers(folder: Path) -> list[str]:
    """Files that are half of something."""
    return [path.name for path in folder.rglob("*") if path.name.endswith((".part", "-journal"))]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_first_build_that_is_killed_leaves_nothing_that_the_next_does_not_put_right(
    site: EditedSite, moment: str
) -> None:
    kill_a_build(site, MOMENTS[moment])
    site.delete_article()  # its page may stand already

    built = site.build()

    assert differences(built, site.build("clean")) == []
    assert leftovers(site.folder / "kept") == []


@pytest.mark.parametrize("moment", ["after a page", "after a stale file", "when the state changed"])
def test_a_later_build_that_is_killed_leaves_nothing_that_the_next_does_not_put_right(
    site: EditedSite, moment: str
) -> None:
    before = site.build()
    for _ in range(5):
        site.delete_article()
        site.change_article()
        site.add_article()
    site.override_template()
    pages = len(before.tree())
    moments = {
        "after a page": has_files(pages + 1),
        "after a stale file": has_fewer_files_than(pages),
        "when the state changed": exists("cache/build.sqlite-wal"),
    }

    kill_a_build(site, moments[moment])
    site.delete_article()
    built = site.build()

    assert differences(built, site.build("clean")) == []
    assert leftovers(site.folder / "kept") == []
