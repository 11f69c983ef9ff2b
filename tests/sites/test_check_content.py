"""`newsarchive check-content`: what is wrong with articles, at the file and line, without building."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from conftest import article, write_files
from newsarchive.commands.main import main

GOOD = article("甲", "<p>正文的第一段，足够长。</p>")


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site's folder, which commands are run in: a good file, one without a date, and an empty one."""
    monkeypatch.chdir(tmp_path)
    undated = article("乙", "<p>没有日期的文章。</p>", date="someday")
    write_files(tmp_path / "content", f"-- a.md --\n{GOOD}-- sub/b.md --\n{undated}")
    (tmp_path / "content" / "c.md").write_text("", "utf-8")
    return tmp_path


def check(*options: str) -> int:
    """Run the command on content/."""
    return main(["check-content", "content", *options])


def test_a_problem_is_told_at_its_file_and_line(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = check()

    said = capsys.readouterr().out.splitlines()
    assert status == 1
    assert said == [
        "content/c.md: error: file is empty — delete it, or crawl the article again",
        "content/sub/b.md:10: warning: “someday” is not a date: published as undated — add a date",
        "3 files: 1 errors, 1 warnings, 0 withheld",
    ]
    assert (work / "content/sub/b.md").read_text("utf-8").splitlines()[9] == "date: someday"


def test_nothing_is_built(work: Path) -> None:
    check()

    assert [path.name for path in work.iterdir()] == ["content"]


@pytest.mark.parametrize(
    ("fail_on", "files", "status"),
    [
        ("error", ["a.md", "sub/b.md", "c.md"], 1),
        ("error", ["a.md", "sub/b.md"], 0),
        ("warning", ["a.md", "sub/b.md"], 1),
        ("warning", ["a.md"], 0),
        ("never", ["a.md", "sub/b.md", "c.md"], 0),
    ],
)
def test_the_exit_status_tells_how_bad_it_is(work: Path, fail_on: str, files: list[str], status: int) -> None:
    for path in (work / "content").rglob("*.md"):
        if path.relative_to(work / "content").as_posix() not in files:
            path.unlink()

    assert check("--fail-on", fail_on) == status


def test_github_gets_annotations_errors_first(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "content/d,e%.md").write_text("", "utf-8")

    check("--format", "github")

    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("::error file=content/c.md,title=empty::file is empty")
    assert said[1].startswith("::error file=content/d%2Ce%25.md,title=empty::")
    assert said[2].startswith("::warning file=content/sub/b.md,line=10,title=date::")


def test_a_file_name_cannot_forge_an_annotation(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "content/x\n::error file=README.md::forged.md").write_text("", "utf-8")

    check("--format", "github")

    lines = capsys.readouterr().out.splitlines()
    assert not [line for line in lines if line.startswith("::error file=README")]


def test_programs_get_json(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check("--format", "json")

    told = json.loads(capsys.readouterr().out)
    assert told["files"] == 3
    assert told["findings"][1] == {
        "severity": "warning",
        "path": "content/sub/b.md",
        "line": 10,
        "code": "date",
        "message": "“someday” is not a date: published as undated",
        "hint": "add a date",
    }


@pytest.mark.parametrize("separator", ["\0", "\n"])
def test_only_the_files_that_are_named_are_told_of(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], separator: str
) -> None:
    names = f"content/a.md{separator}content/sub/b.md{separator}"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(names.encode())))

    status = check("--files-from", "-")

    assert status == 0
    assert capsys.readouterr().out.splitlines()[-1] == "2 files: 0 errors, 1 warnings, 0 withheld"


def test_the_sites_own_settings_count(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "pelicanconf.py").write_text("NEWSARCHIVE_ARTICLE_EXTENSIONS = ['txt']\nSTATIC_PATHS = ['sub']\n", "utf-8")

    check()

    said = capsys.readouterr().out
    assert "content/a.md: error: articles end in .txt" in said
    assert "sub/b.md" not in said


def test_wrong_settings_and_rules_are_findings_too(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "mine.py").write_text("NEWSARCHIVE_PER_PAGES = 3\n", "utf-8")

    status = check("--settings", "mine.py")

    assert status == 1
    assert "mine.py: error: there is no such setting — did you mean NEWSARCHIVE_PER_PAGE?" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["1/0", "(", "raise SystemExit"])
def test_a_settings_file_that_fails_is_told(work: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    (work / "pelicanconf.py").write_text(text, "utf-8")

    status = check()

    assert status == 1
    assert "pelicanconf.py: error: " in capsys.readouterr().out


def test_a_rule_file_with_a_fault_is_named(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_files(work / "content", '-- rules/mine.toml --\n[match]\nsource = ["晨报"]\n[[dorp_if]]\n')

    check("--format", "github")

    assert "::error file=content/rules/mine.toml,line=3," in capsys.readouterr().out
