"""The `newsarchive` command."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from pathlib import Path

import pytest

from conftest import PROJECT, article, build_site, write_files
from newsarchive.build import tasks as tasks_module
from newsarchive.build.tasks import FileOutcome, FileTask
from newsarchive.cache.build_cache import BuildCache
from newsarchive.clean.rule_files import load_rules
from newsarchive.commands.main import COMMANDS, RENAMED_COMMANDS, main
from newsarchive.commands.options import RENAMED_OPTIONS, format_size, parse_size
from newsarchive.config import BuildConfig

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


@pytest.fixture
def site(content: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a site whose own rules drop a line, named by its settings; it is the working folder."""
    rule = '[match]\nsource = ["晨报"]\n[[drop_if]]\nselect = "p"\ntext = "独有的开头"\n'
    write_files(content, f"-- my-rules/mine.toml --\n{rule}")
    settings = 'PATH = "content"\nTIMEZONE = "Asia/Shanghai"\nNEWSARCHIVE_RULES_PATH = "my-rules"\n'
    (content.parent / "pelicanconf.py").write_text(settings, "utf-8")
    monkeypatch.chdir(content.parent)
    return content.parent


def test_explain_reports_what_the_rules_of_the_sites_settings_remove(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["explain", "content/0.md"])

    assert "- 第 0 篇独有的开头，各不相同。    [mine: p ~ 独有的开头]" in capsys.readouterr().out


def test_clean_report_counts_what_the_rules_of_the_sites_settings_remove(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["clean-report"])

    assert "4 × mine: p ~ 独有的开头" in capsys.readouterr().out


def test_explain_takes_settings_by_name(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (site / "other.py").write_text("PATH = 'content'\n", "utf-8")

    main(["explain", "content/0.md", "--settings", "other.py"])

    assert "  第 0 篇独有的开头，各不相同。\n" in capsys.readouterr().out


@pytest.fixture
def repeating(tmp_path: Path) -> Path:
    """Ten articles of one source with a line that nothing but repetition gives away, and one of another source."""
    line = "<p>本栏目每天傍晚更新，感谢一路同行的老朋友们。</p>"

    def text(number: int) -> str:
        paragraphs = (f"<p>第 {number} 篇的第 {part} 段有自己的话要说，别处读不到。</p>" for part in range(12))
        return "".join(paragraphs) + line

    files = "".join(f"-- {n}.md --\n{article(f'第{n}篇', text(n))}" for n in range(10))
    other = article("别的", text(10), ("财经", "晚报"))
    return write_files(tmp_path / "content", f"{files}-- other.md --\n{other}")


REPEATED = "- 本栏目每天傍晚更新，感谢一路同行的老朋友们。    [repeated in the source's other articles]"


def test_explain_marks_what_the_source_repeats_before_anything_is_built(
    repeating: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["explain", str(repeating / "3.md"), "--content", str(repeating)])
    own = capsys.readouterr().out
    main(["explain", str(repeating / "other.md"), "--content", str(repeating)])

    assert REPEATED in own
    assert REPEATED not in capsys.readouterr().out


def test_explain_asks_the_build_cache_what_repeats_and_cleans_no_other_article(
    repeating: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from newsarchive.build import clean_content

    built = build_site(repeating, tmp_path)
    command = ["explain", str(repeating / "3.md"), "--content", str(repeating), "--cache", str(built.cache)]
    monkeypatch.setattr(clean_content, "clean_files", lambda *_: pytest.fail("cleaned other articles"))

    main([*command, "--settings", str(PROJECT / "pelicanconf.py")])

    assert REPEATED in capsys.readouterr().out


@pytest.mark.parametrize("change", ["file", "rules", "settings", "publication", "in use", "damaged", "damaged row"])
def test_explain_does_without_a_build_cache_that_may_be_outdated(
    repeating: Path,
    tmp_path: Path,
    change: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from newsarchive.build import clean_content

    built = build_site(repeating, tmp_path)
    settings = tmp_path / "conf.py"
    lines = 'TIMEZONE = "Asia/Shanghai"\nNEWSARCHIVE_EXECUTOR = "serial"\n'
    settings.write_text(lines, "utf-8")
    before = (built.cache / "build.sqlite").read_bytes()
    held = None
    if change == "file":
        text = (repeating / "3.md").read_text("utf-8")
        (repeating / "3.md").write_text(text.replace("第 3 篇", "新的第 3 篇"), "utf-8")
    elif change == "rules":
        write_files(repeating, '-- rules/mine.toml --\ndrop = ["nav"]\n[match]\nsource = ["晨报"]\n')
    elif change == "settings":
        settings.write_text(f"{lines}NEWSARCHIVE_SUMMARY_CHARACTERS = 99\n", "utf-8")
    elif change == "publication":
        text = (repeating / "3.md").read_text("utf-8")
        (repeating / "3.md").write_text(text.replace("晨报", "晚报"), "utf-8")
    elif change == "in use":
        held = BuildCache(built.cache)
    elif change == "damaged":
        (built.cache / "build.sqlite").write_bytes(b"not a database" * 1000)
    elif change == "damaged row":
        with closing(sqlite3.connect(built.cache / "build.sqlite")) as connection, connection:
            connection.execute("UPDATE articles SET repeated_marks = x'00'")
    monkeypatch.chdir(repeating)
    cleaned: list[str] = []

    def clean_files(config: BuildConfig, tasks: list[FileTask]) -> list[FileOutcome]:
        cleaned.extend(task.file.source for task in tasks)
        return tasks_module.clean_files(config, tasks)

    monkeypatch.setattr(clean_content, "clean_files", clean_files)

    status = main(["explain", "3.md", "--content", ".", "--cache", str(built.cache), "--settings", str(settings)])

    said = capsys.readouterr().out
    assert status == 0
    assert (REPEATED in said) is (change != "publication")
    assert cleaned == (["3.md", "other.md"] if change == "publication" else [f"{n}.md" for n in range(10)])
    if held:
        held.close()
    if change not in {"damaged", "damaged row", "in use"}:
        assert (built.cache / "build.sqlite").read_bytes() == before


def test_explain_makes_no_cache(content: Path, tmp_path: Path) -> None:
    main(["explain", str(content / "0.md"), "--content", str(content), "--cache", str(tmp_path / "cache")])

    assert not (tmp_path / "cache").exists()


def test_explain_says_what_the_ledger_says(repeating: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    built = build_site(repeating, tmp_path)

    main(["explain", str(repeating / "3.md"), "--content", str(repeating), "--cache", str(built.cache)])

    (why,) = built.ledger["3.md"]["removed"]
    assert f"removed: 1 × {why}" in capsys.readouterr().out


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
    hidden = (
        f"<p>{'看得见的话。' * 5}</p><div hidden>{'藏起来的话。' * 9}</div><div hidden>{'另一段藏起来的话。' * 6}</div>"
    )
    content = write_files(tmp_path / "content", f"-- a.md --\n{article('藏', hidden)}")

    built = build_site(content, tmp_path)

    assert [warning["code"] for warning in built.ledger["a.md"]["warnings"]] == ["loss"]


@pytest.mark.parametrize(("old", "new"), RENAMED_COMMANDS.items())
def test_a_renamed_command_is_refused_with_its_new_name(old: str, new: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([old, "content"])

    assert ended.value.code == 2
    assert f"{old}: there is no such command — did you mean {new}?" in capsys.readouterr().err
    assert new in COMMANDS


@pytest.mark.parametrize(("old", "new"), RENAMED_OPTIONS.items())
@pytest.mark.parametrize("joint", [" ", "="])
def test_a_renamed_option_is_refused_with_its_new_name(
    old: str, new: str, joint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["images", *f"{old}{joint}3".split()])

    assert ended.value.code == 2
    assert f"{old}: there is no such option — did you mean {new}?" in capsys.readouterr().err


def test_a_misspelt_command_or_option_is_refused_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["explian", "x.md"], ["rules", "new", "晨报", "--contnt", "x"], ["search", "a", "b", "--jso"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2

    said = capsys.readouterr().err
    assert "did you mean explain?" in said
    assert "did you mean --content?" in said
    assert "did you mean --json?" in said


def test_python_runs_the_package_as_the_command(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "plugins")}
    command = [sys.executable, "-m", "newsarchive", "check-content", "nowhere"]

    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "there is no such folder" in done.stdout


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("500", 500), ("500K", 500_000), ("500kB", 500_000), ("20 MB", 20_000_000), ("1.5g", 1_500_000_000)],
)
def test_a_size_may_have_a_unit(text: str, size: int) -> None:
    assert parse_size(text) == size
    assert parse_size(format_size(size)) == size
