"""Every file of the content folder is found, in one order, and what cannot be an article says why."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from newsarchive.read.find import FoundFile, find_files

ARTICLES = ("md", "markdown")


def put(root: Path, *paths: str) -> None:
    """Files below `root`, each with a word in it."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("甲", "utf-8")


def kinds_of(found: Sequence[FoundFile]) -> dict[str, str]:
    """What is wrong with each file found, by its path."""
    return {file.source: file.diagnostic.code if file.diagnostic else "" for file in found}


def test_articles_are_found_at_any_depth_in_order_of_their_paths(tmp_path: Path) -> None:
    put(tmp_path, "b.md", "财经/晨报/要闻/甲.md", "a/z.MD", "a/b/c.markdown")

    found = find_files(tmp_path, ARTICLES)

    assert [file.source for file in found] == ["a/b/c.markdown", "a/z.MD", "b.md", "财经/晨报/要闻/甲.md"]
    assert {file.diagnostic for file in found} == {None}


def test_a_folder_without_files_has_none(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()

    assert find_files(tmp_path, ARTICLES) == []


def test_a_file_of_another_kind_is_told_how_articles_end(tmp_path: Path) -> None:
    put(tmp_path, "a.txt", "md", "b.md~")

    found = find_files(tmp_path, ARTICLES)

    assert kinds_of(found) == {"a.txt": "not-an-article", "b.md~": "not-an-article", "md": "not-an-article"}
    assert str(found[0].diagnostic).startswith("a.txt: articles end in .md, .markdown — rename it")


def test_a_folder_may_be_called_like_a_file(tmp_path: Path) -> None:
    put(tmp_path, "notes.txt/a.md", "b.md/c.md")

    assert kinds_of(find_files(tmp_path, ARTICLES)) == {"b.md/c.md": "", "notes.txt/a.md": ""}


def test_hidden_files_and_folders_are_nobodys_content(tmp_path: Path) -> None:
    put(tmp_path, ".a.md", ".git/b.md", "c/.DS_Store", "c/d.md")

    assert kinds_of(find_files(tmp_path, ARTICLES)) == {"c/d.md": ""}


def test_what_pelican_is_told_to_ignore_is_ignored(tmp_path: Path) -> None:
    put(tmp_path, "a.md", "b.md.part", "__pycache__/c.md", ".d.md")

    found = find_files(tmp_path, ARTICLES, ignore=["*.part", "**/__pycache__"])

    assert kinds_of(found) == {".d.md": "", "a.md": ""}


def test_folders_that_belong_to_somebody_else_are_left_out(tmp_path: Path) -> None:
    put(tmp_path, "pages/about.md", "extra/static/a.md", "extra/b.md", "news/pages/c.md", "rules/d.toml")

    found = find_files(tmp_path, ARTICLES, exclude=["pages/", "extra/static", "rules"])

    assert kinds_of(found) == {"extra/b.md": "", "news/pages/c.md": ""}


def test_a_link_to_a_file_inside_is_an_article(tmp_path: Path) -> None:
    put(tmp_path, "a/b.md")
    (tmp_path / "c.md").symlink_to("a/b.md")

    assert kinds_of(find_files(tmp_path, ARTICLES)) == {"a/b.md": "", "c.md": ""}


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "secret.md", "content/a.md")
    (tmp_path / "content/b.md").symlink_to("../secret.md")
    (tmp_path / "content/c.md").symlink_to("/etc/hostname")

    found = find_files(tmp_path / "content", ARTICLES)

    assert kinds_of(found) == {"a.md": "", "b.md": "symbolic-link", "c.md": "symbolic-link"}


def test_a_link_to_a_link_out_of_the_folder_is_refused_too(tmp_path: Path) -> None:
    put(tmp_path, "secret.md", "content/x.txt")
    (tmp_path / "content/a.md").symlink_to("b.md")
    (tmp_path / "content/b.md").symlink_to("../secret.md")

    assert kinds_of(find_files(tmp_path / "content", ARTICLES))["a.md"] == "symbolic-link"


@pytest.mark.parametrize("target", ["gone.md", "a.md", "b.md"])
def test_a_link_that_is_broken_or_turns_in_a_circle_is_refused(tmp_path: Path, target: str) -> None:
    (tmp_path / "a.md").symlink_to(target)
    (tmp_path / "b.md").symlink_to("a.md")

    assert kinds_of(find_files(tmp_path, ARTICLES)) == {"a.md": "symbolic-link", "b.md": "symbolic-link"}


def test_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    put(tmp_path, "a/b.md")
    (tmp_path / "a/again").symlink_to("..")

    found = find_files(tmp_path, ARTICLES)

    assert kinds_of(found) == {"a/again": "symbolic-link", "a/b.md": ""}


def test_a_pipe_is_no_file_and_nobody_waits_at_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.md")

    assert kinds_of(find_files(tmp_path, ARTICLES)) == {"a.md": "not-a-file"}


def test_a_name_that_is_no_utf8_is_written_so_that_it_can_be_printed(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode("北京".encode("gb18030") + b".md")).write_text("甲", "utf-8")

    found = find_files(tmp_path, ARTICLES)

    assert kinds_of(found) == {r"\xb1\xb1\xbe\xa9.md": ""}
    assert Path(found[0].path).read_text("utf-8") == "甲"


def test_two_spellings_of_one_name_are_two_files(tmp_path: Path) -> None:
    names = {unicodedata.normalize(form, "café.md") for form in ("NFC", "NFD")}
    put(tmp_path, *names)

    assert set(kinds_of(find_files(tmp_path, ARTICLES))) == names


def test_the_order_of_the_disk_makes_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, *(f"{name}.md" for name in "bca"), "d/f.md", "d/e.md")
    before = find_files(tmp_path, ARTICLES)
    monkeypatch.setattr(os, "scandir", BackwardsScan)

    assert find_files(tmp_path, ARTICLES) == before


def test_a_folder_that_cannot_be_listed_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a/b.md", "closed/c.md")
    monkeypatch.setattr(os, "scandir", refuse_closed)  # taking a permission away does not stop root

    assert kinds_of(find_files(tmp_path, ARTICLES)) == {"a/b.md": "", "closed": "unreadable"}


_scandir = os.scandir


class BackwardsScan:
    """`os.scandir`, in the other order."""

    def __init__(self, folder: str) -> None:
        with _scandir(folder) as entries:
            self.entries = sorted(entries, key=lambda entry: entry.name, reverse=True)

    def __enter__(self) -> Iterator[os.DirEntry[str]]:
        return iter(self.entries)

    def __exit__(self, *_: object) -> None:
        pass


def refuse_closed(folder: str) -> object:
    """`os.scandir`, but for a folder named "closed"."""
    if Path(folder).name == "closed":
        raise PermissionError(13, "Permission denied")
    return _scandir(folder)
