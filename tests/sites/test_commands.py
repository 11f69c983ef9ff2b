"""The `newsarchive` command."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from conftest import article, write_files
from newsarchive.clean.rule_files import load_rules
from newsarchive.commands.main import main

TAIL = "<p>扫描二维码关注我们</p>"
BODY = (
    "<p>正文的第一段，说了许多话，足够长。</p>"
    + "<p>正文的又一段，也说了许多话，同样足够长，好让这一篇不止几十个字。</p>" * 3
)


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """Four articles of one source, with a tail that repeats."""
    share = '<div class="share-bar">分享到微博和微信</div>'
    files = "".join(
        f"-- {n}.md --\n{article(f'第{n}篇', f'<p>第 {n} 篇独有的开头，各不相同。</p>{BODY}{share}{TAIL}')}"
        for n in range(4)
    )
    return write_files(tmp_path / "content", files)


def test_explain_marks_each_line_that_went_with_its_reason(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["explain", str(content / "0.md"), "--content", str(content)])

    said = capsys.readouterr().out
    assert status == 0
    assert "  第 0 篇独有的开头，各不相同。" in said
    assert "- 扫描二维码关注我们    [line: follow us or scan]" in said


def test_explain_writes_a_page_in_which_scraped_markup_cannot_run(content: Path, tmp_path: Path) -> None:
    (content / "evil.md").write_text(article("<script>1</script>", f"{BODY}<script>alert(1)</script>{TAIL}"), "utf-8")

    main(["explain", str(content / "evil.md"), "--content", str(content), "--html", str(tmp_path / "out.html")])

    page = (tmp_path / "out.html").read_text("utf-8")
    assert "<script" not in page
    assert "扫描二维码关注我们 <b>line: follow us or scan</b>" in page


def test_explain_says_so_when_the_file_is_no_article(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["explain", str(content / "none.md"), "--content", str(content)])

    assert status == 1
    assert "name the content folder by --content" in capsys.readouterr().err


def test_clean_report_names_sources_outliers_and_dead_rules(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rule = '[match]\nsource = ["晨报"]\ndrop = []\n[[drop_if]]\nselect = "p.never-there"\ntext = "x"\n'
    write_files(content, f"-- rules/mine.toml --\n{rule}".replace("drop = []\n", ""))

    main(["clean-report", str(content)])

    said = capsys.readouterr().out
    assert "晨报: 4, " in said
    assert "of " in said
    assert "mine.toml: p.never-there" in said


def test_rules_new_starts_a_file_that_loads_and_names_what_repeats(
    content: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["rules", "new", "晨报", "--content", str(content)])

    text = capsys.readouterr().out
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "new.toml").write_text(text, "utf-8")
    assert "div.share-bar" in text
    assert "in 4 articles" in text
    assert tomllib.loads(text)["match"] == {"source": ["晨报"]}
    assert load_rules([tmp_path / "rules"]).rules[0].name == "晨报"


def test_an_article_that_loses_most_of_its_text_is_named_in_the_ledger(tmp_path: Path) -> None:
    from conftest import build_site

    hidden = (
        f"<p>{'看得见的话。' * 5}</p><div hidden>{'藏起来的话。' * 9}</div><div hidden>{'另一段藏起来的话。' * 6}</div>"
    )
    content = write_files(tmp_path / "content", f"-- a.md --\n{article('藏', hidden)}")

    built = build_site(content, tmp_path)

    assert [warning["code"] for warning in built.ledger["a.md"]["warnings"]] == ["loss"]
