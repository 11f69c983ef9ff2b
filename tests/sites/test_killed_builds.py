"""A build that is killed or interrupted at any moment harms nothing: the next one ends as a clean one does."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from conftest import PROJECT, article, pelican_command, write_files
from newsarchive.cache.build_cache import BuildCache

from .editing import EditedSite
from .test_incremental import differences

Moment = Callable[[Path], bool]
"""Whether a build into a folder has come so far."""

PATIENCE = 60  # seconds until a build is killed wherever it is: the property holds at every moment


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
    end_a_build(site, when, lambda build: os.killpg(build, signal.SIGKILL))


def end_a_build(site: EditedSite, when: Moment, end_it: Callable[[int], None]) -> tuple[int, str]:
    """Start a build, and end it when it has come so far: `end_it` takes its process id, which is its group's too.
    Returns its exit status and what it printed as errors."""
    work = site.folder / "kept"
    work.mkdir(exist_ok=True)
    with subprocess.Popen(
        pelican_command(site.content, work, *site.options()),
        cwd=work,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        end = time.monotonic() + PATIENCE
        while process.poll() is None and not when(work) and time.monotonic() < end:
            time.sleep(0.001)  # between two looks: a file that appears in a folder tells nobody
        if process.poll() is None:
            end_it(process.pid)
        _, said = process.communicate()
    if (work / "output").exists():
        folder = os.open(work / "output", os.O_RDONLY)
        fcntl.flock(folder, fcntl.LOCK_EX)  # its workers hold it too, until the last of them has ended
        os.close(folder)
    return process.returncode, said


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


@pytest.fixture
def interruptible() -> Iterator[None]:
    """What a shell starts in the background ignores SIGINT, and so would all that it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("end_it", [os.killpg, os.kill], ids=["terminal", "one process"])
@pytest.mark.parametrize("moment", ["when there is something to save", "after the first page", "after 200 files"])
def test_ctrl_c_ends_a_build_with_exit_status_130_and_the_next_build_continues(
    site: EditedSite, moment: str, end_it: Callable[[int, int], None]
) -> None:
    status, said = end_a_build(site, MOMENTS[moment], lambda build: end_it(build, signal.SIGINT))
    built = site.build()

    assert (status, "Traceback" in said) == (130, False), said
    assert differences(built, site.build("clean")) == []
    assert leftovers(site.folder / "kept") == []


def test_sigterm_ends_a_build_and_the_next_build_continues(site: EditedSite) -> None:
    status, _ = end_a_build(site, MOMENTS["after the first page"], lambda build: os.killpg(build, signal.SIGTERM))
    built = site.build()

    assert status == -signal.SIGTERM
    assert differences(built, site.build("clean")) == []


MANY = "".join(f"-- content/{n}.md --\n{article(str(n), f'<p>第 {n} 篇文章的正文。</p>')}" for n in range(40))
INTERRUPTING = f"""\
-- interrupting.py --
import os
import signal
from pelican import signals

def interrupt(*_, **__):
    os.kill(os.getpid(), signal.SIGINT)

def step(_):
    interrupt()

def register():
    if MOMENT == "in our code":
        return
    interrupt() if MOMENT == "register" else getattr(signals, MOMENT).connect(interrupt)

-- settings.py --
import sys
sys.path[:0] = [{str(PROJECT)!r}, "."]
from pelicanconf import *
import interrupting
PLUGINS = [*PLUGINS, interrupting]
THEME = {str(PROJECT / "theme")!r}
-- content/pages/about.md --
Title: 关于

手写的一页。
"""


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(
    "moment", ["register", "initialized", "get_generators", "page_generator_context", "get_writer", "finalized"]
)
def test_ctrl_c_ends_pelican_with_exit_status_130_outside_of_our_code_too(tmp_path: Path, moment: str) -> None:
    write_files(tmp_path, MANY + INTERRUPTING.replace("MOMENT", repr(moment)))

    status, said = build_with_own_settings(tmp_path)
    again = subprocess.run(pelican_command(tmp_path / "content", tmp_path), cwd=tmp_path, check=False)

    assert (status, "Traceback" in said) == (130, False), said
    assert again.returncode == 0


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("executor", ["serial", "processes"])
def test_ctrl_c_within_our_code_is_answered_in_one_line(tmp_path: Path, executor: str) -> None:
    rule = '-- content/rules/a.toml --\nsteps = ["interrupting:step"]\n\n[match]\nsource = ["晨报"]\n'
    write_files(tmp_path, MANY + INTERRUPTING.replace("MOMENT", "'in our code'") + rule)

    status, said = build_with_own_settings(tmp_path, "-e", f'NEWSARCHIVE_EXECUTOR="{executor}"')

    assert (status, said) == (130, "interrupted: the next build continues from here\n")


def build_with_own_settings(site: Path, *options: str) -> tuple[int, str]:
    """The exit status of a build by settings.py, and what it printed as errors."""
    command = [sys.executable, "-m", "pelican", "content", "-s", "settings.py", "--log-handler", "plain", *options]
    done = subprocess.run(command, cwd=site, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize("lost", ["the cache", "the name of the output"])
def test_a_build_that_is_killed_without_its_memory_leaves_no_page_of_a_deleted_article(
    site: EditedSite, lost: str
) -> None:
    pages = len(site.build().tree())
    work = site.folder / "kept"
    if lost == "the cache":
        shutil.rmtree(work / "cache")
    else:  # by which the state knows what is in it
        (work / "output").rename(work / "before")
        with closing(BuildCache(work / "cache")) as state:
            state.forget_targets(work / "output", state.targets(work / "output"))
            state.commit()
        (work / "before").rename(work / "output")
    site.delete_article()
    site.add_article()

    kill_a_build(site, has_files(pages + 1))
    built = site.build()

    assert differences(built, site.build("clean")) == []
