"""Whatever becomes of a build, the last output stays usable: every file is the old one or the new one, and whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import PROJECT, Built, article, build_site
from newsarchive.verify import verify_site

MANY = 150


def write_articles(content: Path, word: str, count: int = MANY) -> None:
    """Articles that all say `word`."""
    content.mkdir(exist_ok=True)
    for number in range(count):
        text = article(
            f"第{number}篇{word}", f"<p>{word}，第 {number} 篇的正文。</p>", date=f"2021-10-{number % 28 + 1}"
        )
        (content / f"{number}.md").write_text(text, "utf-8")


def start(content: Path, work: Path, *options: str) -> subprocess.Popen[str]:
    """A build that is under way."""
    command = [sys.executable, "-m", "pelican", str(content), "-s", str(PROJECT / "pelicanconf.py")]
    command += ["-o", str(work / "output"), "--cache-path", str(work / "cache"), *options]
    return subprocess.Popen(
        command, cwd=work, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    )


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder with a built site, a file of the user's in it, and other articles that wait to be built."""
    write_articles(tmp_path / "content", "旧文")
    assert build_site(tmp_path / "content", tmp_path).exit_code == 0
    (tmp_path / "output" / "2021" / "mine.txt").write_text("the user's own", "utf-8")
    write_articles(tmp_path / "content", "新闻")
    return tmp_path


@pytest.fixture
def new_tree(work: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a build of the other articles writes where nothing was before."""
    return build_site(work / "content", tmp_path_factory.mktemp("clean")).tree()


def tree(work: Path) -> dict[str, bytes]:
    """The output, by path."""
    return Built(work / "content", work / "output", work / "cache", 0, "").tree()


def watch(work: Path, process: subprocess.Popen[str], look: Callable[[], bool]) -> None:
    """Look at the output again and again while a build runs, until `look` says that it is enough."""
    while process.poll() is None and not look():
        pass


def kill(process: subprocess.Popen[str]) -> None:
    """As a machine that is switched off: the build and all processes it started."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_a_build_that_is_killed_leaves_whole_files_and_the_next_one_makes_everything_good(
    work: Path, new_tree: dict[str, bytes]
) -> None:
    old_tree = tree(work)
    page = next(path for path in old_tree if path.startswith("2021/10/01/") and new_tree.get(path) != old_tree[path])

    process = start(work / "content", work)
    watch(work, process, lambda: (work / "output" / page).read_bytes() != old_tree[page])
    kill(process)

    left = {path: data for path, data in tree(work).items() if not path.rpartition("/")[2].startswith(".")}
    assert old_tree.keys() <= left.keys()
    assert [path for path, data in left.items() if data not in (old_tree.get(path), new_tree.get(path))] == []

    assert build_site(work / "content", work).exit_code == 0
    assert tree(work) == {**new_tree, "2021/mine.txt": b"the user's own"}
    assert verify_site(work / "output").diagnostics == []


def test_while_a_build_runs_no_page_that_stays_is_missing(work: Path, new_tree: dict[str, bytes]) -> None:
    pages = [work / "output" / path for path in tree(work) if path in new_tree]
    missing: list[Path] = []

    def look() -> bool:
        missing.extend(page for page in pages if not page.exists())
        return bool(missing)

    process = start(work / "content", work)
    watch(work, process, look)
    process.wait()

    assert len(pages) > MANY
    assert missing == []
    assert process.returncode == 0


def test_a_build_that_fails_half_way_takes_nothing_away(work: Path, tmp_path: Path) -> None:
    old_tree = tree(work)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "article.html").write_text("{{ no_such_name }}", "utf-8")

    failed = build_site(work / "content", work, "-e", f'THEME_TEMPLATES_OVERRIDES=["{tmp_path / "mine"}"]')

    assert failed.exit_code != 0
    assert old_tree.keys() <= tree(work).keys()
    assert tree(work)["2021/mine.txt"] == b"the user's own"
    assert build_site(work / "content", work).exit_code == 0
    assert verify_site(work / "output").diagnostics == []


def test_what_the_user_put_there_stays_when_every_page_around_it_goes(work: Path) -> None:
    for path in (work / "content").iterdir():
        path.unlink()
    write_articles(work / "content", "唯一", count=1)

    built = build_site(work / "content", work)

    assert (work / "output/2021/mine.txt").read_text("utf-8") == "the user's own"
    assert len([row for row in built.ledger.values() if row["status"] == "published"]) == 1
    assert verify_site(work / "output").diagnostics == []
