"""`newsarchive why PAGE` names the inputs of a page that changed since the last build."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import PROJECT, Built, article, build_site, write_files
from newsarchive.commands.main import main

TEXT = "港口昨天开放了新的码头，第一天就有三艘船靠岸。"
SITE = f"-- a.md --\n{article('一', f'<p>{TEXT}</p>')}-- b.md --\n{article('二', '<p>另一篇文章的正文。</p>')}"


@pytest.fixture
def built(tmp_path: Path) -> Built:
    return build_site(write_files(tmp_path / "content", SITE), tmp_path)


def folders_of(built: Built) -> list[str]:
    """The options that name the site."""
    folders = ["--content", str(built.content), "--cache", str(built.cache), "--output", str(built.output)]
    return [*folders, "--settings", str(PROJECT / "pelicanconf.py")]


def why(built: Built, page: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines that the command prints."""
    main(["why", page, *folders_of(built)])
    return capsys.readouterr().out.splitlines()


def test_after_a_build_nothing_is_said_to_have_changed(built: Built, capsys: pytest.CaptureFixture[str]) -> None:
    page = built.ledger["a.md"]["url"]

    assert why(built, page, capsys) == [f"{page}: none of its inputs changed (article, links, template)"]
    assert why(built, "index.html", capsys)[0].startswith("index.html: none of its inputs changed")


def test_a_changed_text_is_named_as_the_reason_and_the_cache_stays_as_it_was(
    built: Built, capsys: pytest.CaptureFixture[str]
) -> None:
    page = built.ledger["a.md"]["url"]
    source = built.content / "a.md"
    source.write_text(source.read_text("utf-8").replace("三艘船", "五艘船"), "utf-8")
    before = (built.cache / "build.sqlite").read_bytes()

    assert why(built, page, capsys) == [
        f"{page}: the next build makes it again",
        "changed: article",
        "same: links, template",
    ]
    assert (built.cache / "build.sqlite").read_bytes() == before
    assert sorted(each.name for each in built.output.parent.iterdir() if each.name.startswith(".news")) == []


def test_pages_that_come_and_go_are_named_as_such(built: Built, capsys: pytest.CaptureFixture[str]) -> None:
    page = built.ledger["b.md"]["url"]
    (built.content / "b.md").unlink()

    assert why(built, page, capsys) == [f"{page}: the next build deletes it, because nothing makes it any more"]


def test_a_file_changed_by_hand_is_reported(built: Built, capsys: pytest.CaptureFixture[str]) -> None:
    page = built.ledger["a.md"]["url"]
    (built.output / page).write_text("changed by hand", "utf-8")

    assert why(built, page, capsys)[1:] == [
        "the file itself was changed or deleted since the last build: the next one writes it again"
    ]


def test_a_path_that_nothing_makes_is_refused_with_a_hint(built: Built, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["why", "nowhere.html", *folders_of(built)])

    assert status == 1
    assert "nowhere.html: neither the last build nor the next one makes this file" in capsys.readouterr().err
