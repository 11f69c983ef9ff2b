"""Every command that the documents show works, in their order, as a reader types it who has just cloned the project."""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from conftest import PROJECT, article, write_files

from .runner import clone, share_environment

DOCUMENTS = ("README.md", *sorted(path.relative_to(PROJECT).as_posix() for path in (PROJECT / "docs").glob("*.md")))

# Commands that are not run here, and who runs them.
ELSEWHERE = {"make test": "this is it", "make test-fast": "a part of it"}

# A clone makes itself an environment at its first `make`, in a minute: give it this one.
MAKE = """#!/usr/bin/env bash
if [ -f requirements-dev.txt ] && [ ! -e .venv ]; then
  ln -s {project}/.venv .venv
  ln -s {project}/node_modules node_modules
  touch -d @0 requirements*.txt pyproject.toml package-lock.json
  printf '.venv\\nnode_modules\\n' >> .git/info/exclude
fi
exec {make} "$@"
"""


@dataclass(frozen=True)
class Section:
    """A heading of a document and the commands below it, each with the output that is shown."""

    document: str
    heading: str
    commands: tuple[tuple[str, tuple[str, ...]], ...]

    def __str__(self) -> str:
        return f"{self.document}: {self.heading}"


def sections() -> Iterator[Section]:
    """All sections that show commands."""
    for document in DOCUMENTS:
        text = (PROJECT / document).read_text("utf-8")
        for part in re.split(r"^##? ", text, flags=re.MULTILINE)[1:]:
            commands = tuple(
                command for block in re.findall(r"```console\n(.*?)```", part, re.DOTALL) for command in cut(block)
            )
            commands = tuple(command for command in commands if command[0] not in ELSEWHERE)
            if commands:
                yield Section(document, part.partition("\n")[0], commands)


def cut(block: str) -> list[tuple[str, tuple[str, ...]]]:
    """A block's commands with their output."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [(lines[0], tuple(lines[1:])) for lines in (part.splitlines() for part in parts)]


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """What stands at https://github.com/you/news.git: a bare repository that was made from this one."""
    folder = tmp_path / "origin"
    clone(folder / "work")
    for command in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "--all"),
        ("commit", "--quiet", "--message=x"),
        ("clone", "--quiet", "--bare", ".", str(folder / "news.git")),
    ):
        subprocess.run(["git", *command], cwd=folder / "work", env={**os.environ, **IDENTITY}, check=True)
    return folder / "news.git"


IDENTITY = {
    f"GIT_{role}_{fact}": value
    for role in ("AUTHOR", "COMMITTER")
    for fact, value in (("NAME", "You"), ("EMAIL", "you@example.org"))
}


@pytest.fixture
def reader(tmp_path: Path, origin: Path) -> dict[str, str]:
    """The environment of somebody who has crawled some articles, and has a Hexo site."""
    home = tmp_path / "home"
    write_files(home / "crawled/晨报/要闻", f"-- 早报.md --\n{article('早报', '<p>今天的早报正文在这里。</p>')}")
    write_files(
        home / "blog", f"-- _config.yml --\ntitle: 日报\n-- source/_posts/a.md --\n{article('甲', '<p>甲。</p>')}"
    )
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/make").write_text(MAKE.format(project=PROJECT, make=shutil.which("make")), "utf-8")
    (tmp_path / "bin/make").chmod(0o755)
    return {
        **{name: value for name, value in os.environ.items() if name not in {"SITEURL", "PYTHONPATH"}},
        **IDENTITY,
        "HOME": str(home),
        "PATH": f"{tmp_path / 'bin'}:{PROJECT / '.venv/bin'}:{os.environ['PATH']}",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{origin}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/you/news.git",
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of the project in which the sample articles are built."""
    work = clone(tmp_path_factory.mktemp("project") / "news")
    share_environment(work)
    subprocess.run(["make", "html"], cwd=work, check=True, capture_output=True)
    return work


def spell(line: str) -> str:
    """A line of output without what differs between machines and days."""
    return " ".join(re.sub(r"\d+", "0", line).split())


@pytest.mark.parametrize("section", list(sections()), ids=str)
def test_the_commands_of_a_section_work_and_say_what_is_shown(
    section: Section, tmp_path: Path, project: Path, reader: dict[str, str]
) -> None:
    work = tmp_path / "work"
    if section.document == "docs/start.md":
        work.mkdir()
    else:  # further on, readers have the project and have built it
        shutil.copytree(project, work, symlinks=True)
    script = "\n".join(f"echo '$$$ {number}'\n{command}" for number, (command, _) in enumerate(section.commands))

    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script], cwd=work, env=reader, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    said = re.split(r"^\$\$\$ \d+\n", done.stdout, flags=re.MULTILINE)[1:]
    for (command, shown), output in zip(section.commands, said, strict=True):
        if command.startswith("newsarchive"):  # what `make` and Pelican say is drawn for a terminal's width
            assert {spell(line) for line in shown} <= {spell(line) for line in output.splitlines()}, command


def test_the_examples_of_the_python_api_print_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    articles = f"-- content/a.md --\n{article('甲', '<p>甲。</p>')}-- content/b.md --\n{article('乙', '<p>乙。</p>')}"
    settings = 'PATH = "content"\nSITENAME = "晨报"\nTIMEZONE = "Asia/Shanghai"\n'
    write_files(tmp_path, f"{articles}-- content/empty.md --\n-- notes.txt --\nx\n-- pelicanconf.py --\n{settings}")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```pycon\n(.*?)```", (PROJECT / "docs/api.md").read_text("utf-8"), re.DOTALL)
    examples = doctest.DocTestParser().get_doctest("".join(blocks), {}, "docs/api.md", "docs/api.md", 0)
    printed: list[str] = []

    result = doctest.DocTestRunner().run(examples, out=printed.append)

    assert result.attempted > 10
    assert result.failed == 0, "".join(printed)


def test_there_are_commands_to_run() -> None:
    assert len(list(sections())) > 10
