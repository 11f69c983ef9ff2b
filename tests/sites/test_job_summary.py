"""`newsarchive summary`: what a build did, for the page of a run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conftest import Built, article, build_site, write_files
from newsarchive.commands.main import main


@pytest.fixture
def built(tmp_path: Path) -> Built:
    """Two articles, and a file that is none."""
    files = "".join(f"-- {name}.md --\n{article(name, f'<p>{name}的正文。</p>')}" for name in "甲乙")
    return build_site(write_files(tmp_path / "content", f"{files}-- |`a`|.docx --\nno article\n"), tmp_path)


def summary(built: Built, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """The table's rows."""
    assert main(["summary", str(built.content), str(built.output), "--cache", str(built.cache)]) == 0
    return dict(re.findall(r"^\| (.+?) \| (.+?) \|$", capsys.readouterr().out, re.MULTILINE))


def test_the_table_says_what_became_of_all_files(built: Built, capsys: pytest.CaptureFixture[str]) -> None:
    (built.cache / "times.txt").write_text("build 12\ncheck-site 3\n", "utf-8")

    rows = summary(built, capsys)

    assert (rows["files"], rows["published"], rows["merged"], rows["rejected"]) == ("3", "2", "0", "1")
    assert (rows["build"], rows["check-site"]) == ("12 s", "3 s")
    assert int(rows["pages"]) == len(list(built.output.rglob("*.html")))
    assert "new" not in rows  # nothing to compare with yet


def test_what_came_changed_and_went_is_counted(built: Built, capsys: pytest.CaptureFixture[str]) -> None:
    summary(built, capsys)
    (built.content / "甲.md").write_text(article("甲", "<p>改过的正文。</p>"), "utf-8")
    (built.content / "乙.md").unlink()
    (built.content / "丙.md").write_text(article("丙", "<p>新来的正文。</p>"), "utf-8")
    build_site(built.content, built.output.parent)

    rows = summary(built, capsys)

    assert (rows["new"], rows["changed"], rows["gone"]) == ("1", "1", "1")
    assert summary(built, capsys)["new"] == "0"


def test_reasons_stand_in_a_block_that_no_file_name_can_leave(built: Built, capsys: pytest.CaptureFixture[str]) -> None:
    main(["summary", str(built.content), str(built.output), "--cache", str(built.cache)])

    said = capsys.readouterr().out
    assert "Rejected:\n\n````\n|`a`|.docx: articles end in .md, .markdown" in said
    assert said.endswith("\n````\n")


def test_without_a_build_there_is_nothing_to_tell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["summary", "--cache", str(tmp_path)])

    assert status == 1
    assert "build the site first" in capsys.readouterr().err
