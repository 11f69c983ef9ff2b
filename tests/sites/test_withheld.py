"""Drafts and locked posts: no page, no line of a list, not a byte of them in the output; and no say in the rest."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZipFile

import pytest

from conftest import Built, article, build_site, write_files
from newsarchive.commands.main import main

from .editing import MARKS, EditedSite
from .test_incremental import differences

SECRET = "琥珀色保险箱"
"""No public article holds these words."""

LOCKED = {
    "财经/晨报/要闻/draft.md": "draft: true",
    "财经/晨报/要闻/published.md": "published: 'False'",
    "财经/晨报/要闻/status.md": "Status: Private",
    "财经/晨报/要闻/hidden.md": "hidden: yes",
    "财经/晨报/要闻/password.md": "password: abracadabra",
    "财经/晨报/_drafts/draft.md": "author: 晨报",
    "_Drafts/notes.docx": "author: 晨报",
    "_drafts/deeper/empty.md": "",
}


def public_site(content: Path) -> Path:
    """A source that repeats a line, with a hand-made page and a static file."""
    for number in range(8):
        body = f"<p>第 {number} 天，码头的灯塔重新亮了。</p><p>晨报每日傍晚与读者见面，编辑部同人敬上</p>"
        write_files(content, f"-- 财经/晨报/要闻/{number}.md --\n{article(f'灯塔 {number}', body)}")
    return write_files(content, "-- pages/about.md --\nTitle: 关于\n\n手写的一页。\n-- images/dot.txt --\nstatic\n")


def lock_away(content: Path) -> None:
    """Add what is withheld. It repeats other lines, shares a tag, has images, and one text is published elsewhere."""
    for source, mark in LOCKED.items():
        body = (
            f"<p>{SECRET}，{source}。</p><p>{SECRET}之前的一行</p><p><img src='https://example.org/{SECRET}.png'></p>"
        )
        text = article(f"{SECRET} {source}", body, ("财经", "晨报", SECRET)).replace("comments: false", mark)
        write_files(content, f"-- {source} --\n{text if mark else ''}")
    copy = (content / "财经/晨报/要闻/0.md").read_text("utf-8").replace("date: 2021", "draft: true\ndate: 2009")
    write_files(content, f"-- copy.md --\n{copy}-- pages/_drafts/plan.md --\nTitle: {SECRET}\n\n{SECRET}\n")
    write_files(content, f"-- images/_drafts/plan.txt --\n{SECRET}\n")


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> tuple[Built, Built]:
    """A site, and the same with files that are withheld."""
    work = tmp_path_factory.mktemp("withheld")
    options = ("-e", 'SITEURL="https://archive.example"')
    public_site(work / "without/content")
    lock_away(public_site(work / "with/content"))
    return (
        build_site(work / "without/content", work / "without", *options),
        build_site(work / "with/content", work / "with", *options),
    )


def test_the_output_is_that_of_a_site_without_them(sites: tuple[Built, Built]) -> None:
    without, with_them = sites

    assert with_them.exit_code == 0
    assert with_them.tree() == without.tree()


def test_no_file_of_the_output_holds_a_word_of_them(sites: tuple[Built, Built], tmp_path: Path) -> None:
    built = sites[1]
    assert main(["pack", str(built.output), "--zip", str(tmp_path / "site.zip")]) == 0

    with ZipFile(tmp_path / "site.zip") as packed:
        files = {**built.tree(), **{name: packed.read(name) for name in packed.namelist()}}

    words = [SECRET, SECRET[:2], SECRET[-3:], json.dumps(SECRET).strip('"'), "abracadabra"]
    assert [path for path, data in files.items() for word in words if word.encode() in path.encode() + data] == []


def test_the_ledger_has_a_line_and_a_reason_for_each(sites: tuple[Built, Built]) -> None:
    ledger = sites[1].ledger

    withheld = [row for row in ledger.values() if row["status"] == "withheld"]
    publish, move = "take that line out to publish it", "move it to another folder to publish it"
    assert {row["source"]: row["reason"].removeprefix(f"{row['source']}: ") for row in withheld} == {
        "财经/晨报/要闻/draft.md": f"draft: true — {publish}",
        "财经/晨报/要闻/published.md": f"published: false — {publish}",
        "财经/晨报/要闻/status.md": f"status: private — {publish}",
        "财经/晨报/要闻/hidden.md": f"hidden: true — {publish}",
        "财经/晨报/要闻/password.md": f"password — {publish}",
        "财经/晨报/_drafts/draft.md": f"in _drafts/ — {move}",
        "_Drafts/notes.docx": f"in _drafts/ — {move}",
        "_drafts/deeper/empty.md": f"in _drafts/ — {move}",
        "copy.md": f"draft: true — {publish}",
    }
    assert {(row["url"], row["title"]) for row in withheld} == {("", "")}


def test_a_build_counts_them_and_does_not_fail_for_them(sites: tuple[Built, Built]) -> None:
    said = sites[1].said

    assert "17 files: 8 published, 0 merged, 0 rejected, 9 withheld; " in said
    assert "9 withheld, first: _Drafts/notes.docx: in _drafts/ — move it to another folder to publish it" in said


def test_fatal_errors_do_not_mean_them(tmp_path: Path) -> None:
    content = write_files(
        tmp_path / "content", f"-- a.md --\n{article('甲', '<p>正文。</p>')}-- b.md --\n---\ndraft: 1\n---\n正文\n"
    )

    assert build_site(content, tmp_path, "--fatal", "errors").exit_code == 0


def test_the_summary_shows_them(sites: tuple[Built, Built], capsys: pytest.CaptureFixture[str]) -> None:
    built = sites[1]

    assert main(["summary", str(built.content), str(built.output), "--cache", str(built.cache)]) == 0

    said = capsys.readouterr().out
    assert "| withheld | 9 |" in said
    assert "Withheld:\n\n````\n_Drafts/notes.docx: in _drafts/ — " in said
    assert "Rejected:" not in said


def test_check_tells_of_them_at_their_lines_and_does_not_fail(
    sites: tuple[Built, Built], capsys: pytest.CaptureFixture[str]
) -> None:
    content = sites[1].content

    assert main(["check-content", str(content), "--fail-on", "warning"]) == 0
    said = capsys.readouterr().out
    assert main(["check-content", str(content), "--format", "github"]) == 0
    annotations = capsys.readouterr().out

    assert f"{content}/财经/晨报/要闻/draft.md:9: notice: draft: true — take that line out to publish it\n" in said
    assert f"{content}/财经/晨报/_drafts/draft.md: notice: in _drafts/ — " in said
    assert said.endswith("\n17 files: 0 errors, 0 warnings, 9 withheld\n")
    assert f"::notice file={content}/财经/晨报/要闻/hidden.md,line=9,title=withheld::hidden: true — " in annotations


@pytest.mark.parametrize("mark", MARKS)
def test_an_article_that_is_withheld_later_disappears_and_one_that_is_published_appears(
    tmp_path: Path, mark: str
) -> None:
    site = EditedSite(tmp_path, seed=5)
    source = site.add_article()
    text = (site.content / source).read_text("utf-8")
    before = site.build()
    url = before.ledger[source]["url"]

    site.write(source, text.replace("date: ", f"{mark}\ndate: ", 1))
    withheld = site.build()
    clean = site.build("clean")

    assert withheld.ledger[source]["status"] == "withheld"
    assert not (withheld.output / url).exists()
    assert differences(withheld, clean) == []

    site.write(source, text)
    again = site.build()

    assert again.ledger[source]["url"] == url
    assert differences(again, site.build("clean")) == []
