"""From a commit to the published site, step by step as the workflow has them; and a bad commit changes nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import article, write_files
from newsarchive.verify import verify_site

from .runner import Runner, clone, share_environment

SITE = "https://user.github.io/repo"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """Some articles of a content repository."""
    texts = "".join(
        f"-- 财经/晨报/{n}.md --\n{article(f'第{n}篇', f'<p>第 {n} 篇的正文。</p>', date=f'2021-10-{n + 1:02}')}"
        for n in range(12)
    )
    return write_files(tmp_path / "content", texts)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A runner that has never run."""
    (tmp_path / "store").mkdir()
    return Runner(tmp_path / "store", tmp_path / "published")


def commit(content: Path, folder: Path) -> Path:
    """A fresh clone of the repository with these articles, where GitHub has it each time: at the same place."""
    shutil.rmtree(folder, ignore_errors=True)
    repository = clone(folder)
    shutil.rmtree(repository / "content")
    shutil.copytree(content, repository / "content")
    share_environment(repository)
    return repository


def tree(folder: Path) -> dict[str, bytes]:
    """Every file by its path."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def steps(repository: Path, workflow: str) -> list[str]:
    """The commands of a workflow."""
    return re.findall(r"run: (.*)", (repository / ".github/workflows" / workflow).read_text("utf-8"))


def rows(summary: str) -> dict[str, str]:
    """The summary's table."""
    return dict(re.findall(r"^\| (.+?) \| (.+?) \|$", summary, re.MULTILINE))


def test_a_commit_with_one_more_article_is_published_as_if_built_from_nothing(
    content: Path, runner: Runner, tmp_path: Path
) -> None:
    first = runner.run(commit(content, tmp_path / "repo"), SITE)
    write_files(content, f"-- 财经/晨报/new.md --\n{article('新来的', '<p>新来的正文。</p>', date='2021-11-01')}")
    second = runner.run(commit(content, tmp_path / "repo"), SITE)
    (tmp_path / "empty").mkdir()
    fresh = Runner(tmp_path / "empty", tmp_path / "fresh")
    fresh.run(commit(content, tmp_path / "repo"), SITE)

    assert first, runner.said
    assert second, runner.said
    assert tree(runner.published) == tree(fresh.published)
    assert verify_site(runner.published).diagnostics == []
    assert verify_site(runner.published).articles == 13
    table = rows(runner.summary)
    assert (table["published"], table["new"], table["changed"], table["gone"]) == ("13", "1", "0", "0")
    assert {"build", "check-site", "site", "search"} <= table.keys()


@pytest.mark.parametrize(
    ("path", "text", "is_built"),
    [
        ("content/rules/mine.toml", "[[dorp_if]]\n", False),  # the build refuses it
        ("content/images/aux.txt", "x", True),  # the build takes it, and check-site does not
    ],
)
def test_a_commit_that_breaks_something_does_not_replace_the_good_site(
    content: Path, runner: Runner, tmp_path: Path, path: str, text: str, is_built: bool
) -> None:
    assert runner.run(commit(content, tmp_path / "repo"), SITE), runner.said
    before = tree(runner.published)
    broken = commit(content, tmp_path / "repo")
    write_files(broken, f"-- {path} --\n{text}")

    runner.summary = ""
    assert not runner.run(broken, SITE)

    assert tree(runner.published) == before
    assert bool(runner.summary) is is_built  # a build that failed has nothing to tell of but the last one
    assert runner.run(commit(content, tmp_path / "repo"), SITE), runner.said
    assert tree(runner.published) == before


def test_a_rejected_file_stops_nothing_and_its_reason_stands_in_the_summary(
    content: Path, runner: Runner, tmp_path: Path
) -> None:
    (content / "财经/晨报/empty.md").write_text("", "utf-8")

    assert runner.run(commit(content, tmp_path / "repo"), SITE), runner.said

    assert rows(runner.summary)["rejected"] == "1"
    assert "财经/晨报/empty.md: file is empty — delete it, or crawl the article again" in runner.summary


def test_a_pull_request_is_told_what_is_wrong_with_what_it_brings_and_with_nothing_else(
    content: Path, tmp_path: Path
) -> None:
    repository = commit(content, tmp_path / "repo")
    git = ["git", "-c", "user.name=You", "-c", "user.email=you@example.org"]
    (repository / "content/old.md").write_text("", "utf-8")
    subprocess.run([*git, "init", "--quiet"], cwd=repository, check=True)
    subprocess.run([*git, "add", "content"], cwd=repository, check=True)
    subprocess.run([*git, "commit", "--quiet", "-m", "before"], cwd=repository, check=True)
    write_files(repository / "content", f"-- 新.md --\n{article('新', '<p>正文。</p>', date='someday')}")
    (repository / "content/空.md").write_text("", "utf-8")
    subprocess.run([*git, "add", "content"], cwd=repository, check=True)
    subprocess.run([*git, "commit", "--quiet", "-m", "brought"], cwd=repository, check=True)
    (step,) = (each for each in steps(repository, "content-check.yml") if "check-content" in each)

    # Under `make test`, make would say which folders it enters; a workflow's step is under nobody.
    alone = {name: value for name, value in os.environ.items() if name not in {"MAKELEVEL", "MAKEFLAGS"}}

    done = subprocess.run(["bash", "-c", step], cwd=repository, env=alone, capture_output=True, text=True, check=False)
    lost = subprocess.run(
        ["bash", "-c", step.replace("HEAD^1", "none")], cwd=repository, capture_output=True, check=False
    )

    lines = done.stdout.splitlines()
    assert done.returncode != 0
    assert lines[0].startswith("::error file=content/空.md,title=empty::")
    assert lines[1].startswith("::warning file=content/新.md,line=10,title=date::")
    assert lines[2] == "2 files: 1 errors, 1 warnings, 0 withheld"
    assert lost.returncode != 0  # a commit that is not there must not pass for one that changes nothing
