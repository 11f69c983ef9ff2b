"""Whole tiny sites, built by the `pelican` command."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import SAMPLE, Built, article, build_site

Build = Callable[..., Built]

TWO = (
    f"-- a.md --\n{article('甲', '<p>第一篇文章的正文。</p>')}-- b.md --\n{article('乙', '<p>第二篇文章的正文。</p>')}"
)


def test_every_file_is_accounted_for_and_a_bad_one_stops_no_other(build: Build) -> None:
    built = build(TWO + "-- empty.md --\n-- notes.docx --\nno article\n")

    assert built.exit_code == 0
    assert {source: row["status"] for source, row in built.ledger.items()} == {
        "a.md": "published",
        "b.md": "published",
        "empty.md": "rejected",
        "notes.docx": "rejected",
    }
    assert "4 files: 2 published, 0 merged, 2 rejected" in built.said
    assert "build.sqlite" not in built.said
    assert "rejected: empty.md: file is empty — delete it, or crawl the article again" in built.said


def test_fatal_errors_turn_a_rejected_file_into_a_failure_after_the_site_is_written(build: Build) -> None:
    built = build(TWO + "-- empty.md --\n", "--fatal", "errors")

    assert built.exit_code != 0
    assert "甲" in (built.output / "index.html").read_text("utf-8")
    assert built.ledger["empty.md"]["status"] == "rejected"


def test_the_same_article_through_two_channels_is_one_page_that_names_both(build: Build) -> None:
    text = "<p>同一篇文章在两个频道各出现一次，正文完全相同，只应有一页，并列出两个频道的名字，不多也不少。</p>"
    one = article("重复", text, ("财经", "晨报", "要闻"), "2021-10-10")
    other = article("重复", text, ("财经", "晨报", "滚动"), "2021-10-11")

    built = build(f"-- one.md --\n{one}-- other.md --\n{other}")

    assert built.ledger["one.md"]["status"] == "published"
    assert built.ledger["other.md"]["status"] == "merged"
    assert built.ledger["other.md"]["url"] == built.ledger["one.md"]["url"]
    assert ">要闻</a>" in built.page("one.md")
    assert ">滚动</a>" in built.page("one.md")


def test_two_articles_with_one_title_have_two_pages(build: Build) -> None:
    one, other = article("早报", "<p>周一的早报内容。</p>"), article("早报", "<p>周二的早报内容。</p>")

    built = build(f"-- x/a.md --\n{one}-- y/a.md --\n{other}")

    urls = {row["url"] for row in built.ledger.values()}
    assert len(urls) == 2
    assert all((built.output / url).is_file() for url in urls)


def test_an_undated_article_is_published_as_undated(build: Build) -> None:
    built = build(
        f"-- none.md --\n{article('无', '<p>没有日期的文章。</p>', date='')}"
        f"-- epoch.md --\n{article('零', '<p>年份弄错的文章。</p>', date='Tue, 20 Jan 1970 05:08:34 GMT')}"
    )

    assert {row["url"].split("/")[0] for row in built.ledger.values()} == {"undated"}
    assert "<time" not in built.body("none.md")
    assert "未注明日期" in built.page("epoch.md")
    assert [warning["code"] for warning in built.ledger["epoch.md"]["warnings"]] == ["date"]


def test_a_wrong_setting_and_a_wrong_rule_are_told_together_and_the_last_good_site_stays(tmp_path: Path) -> None:
    content = tmp_path / "content"
    content.mkdir()
    (content / "a.md").write_text(article("甲", "<p>正文在这里。</p>"), "utf-8")
    good = build_site(content, tmp_path)
    before = good.tree()
    (content / "rules").mkdir()
    (content / "rules" / "mine.toml").write_text('[match]\nsource = ["晨报"]\n[[dorp_if]]\n', "utf-8")

    bad = build_site(content, tmp_path, "-e", "NEWSARCHIVE_PER_PAGES=3", "NEWSARCHIVE_HOME_ARTICLES=0")

    assert bad.exit_code == 1
    assert "NEWSARCHIVE_PER_PAGES: there is no such setting — did you mean NEWSARCHIVE_PER_PAGE?" in bad.said
    assert "NEWSARCHIVE_HOME_ARTICLES: 0 is not a whole number from 1 to 500" in bad.said
    assert "mine.toml:3: unknown key `dorp_if` — did you mean `drop_if`?" in bad.said
    assert "Traceback" not in bad.said
    assert bad.tree() == before


def test_a_second_build_writes_nothing_and_a_deleted_article_takes_its_page_along(tmp_path: Path) -> None:
    content = tmp_path / "content"
    content.mkdir()
    for name in ("甲", "乙", "丙"):
        (content / f"{name}.md").write_text(article(name, f"<p>{name}的正文，各不相同。</p>"), "utf-8")
    first = build_site(content, tmp_path)
    (first.output / "keep.txt").write_text("the user's own", "utf-8")
    gone = first.ledger["丙.md"]["url"]

    second = build_site(content, tmp_path)
    (content / "丙.md").unlink()
    third = build_site(content, tmp_path)

    assert "0 pages written, 0 removed" in second.said
    assert not (third.output / gone).exists()
    assert (third.output / "keep.txt").read_text("utf-8") == "the user's own"
    fresh = build_site(content, tmp_path / "fresh") if (tmp_path / "fresh").mkdir() is None else third
    assert {path: data for path, data in third.tree().items() if path != "keep.txt"} == fresh.tree()


def test_two_builds_differ_in_nothing_whatever_the_zone_locale_and_hash_seed(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "elsewhere").mkdir()
    there = {"TZ": "America/Los_Angeles", "LC_ALL": "C", "PYTHONHASHSEED": "7"}

    one = build_site(SAMPLE, tmp_path / "here", environment={"PYTHONHASHSEED": "1"})
    other = build_site(SAMPLE, tmp_path / "elsewhere", environment=there)

    assert one.tree() == other.tree()
    assert (one.cache / "ledger.jsonl").read_bytes() == (other.cache / "ledger.jsonl").read_bytes()


def test_hand_made_pages_and_static_files_stand_beside_the_articles(build: Build) -> None:
    about = "Title: 关于\nSave_as: about.html\n\n这是 **手写** 的一页。\n"
    built = build(TWO + f"-- pages/about.md --\n{about}-- images/dot.txt --\nstatic\n")

    page = (built.output / "about.html").read_text("utf-8")
    assert "<strong>手写</strong>" in page
    assert 'href="about.html">关于</a>' in (built.output / "index.html").read_text("utf-8")
    assert (built.output / "images/dot.txt").read_text("utf-8") == "static\n"
    assert set(built.ledger) == {"a.md", "b.md"}


def test_metadata_that_pelican_would_obey_has_no_effect(build: Build) -> None:
    text = article("藏不住", "<p>这一页不会被藏起来。</p>").replace(
        "comments: false",
        'save_as: ../evil.html\nurl: "javascript:alert(1)"\ntemplate: ../../etc/passwd',
    )

    built = build(f"-- a.md --\n{text}")

    assert built.ledger["a.md"]["status"] == "published"
    assert not (built.output.parent / "evil.html").exists()
    assert "javascript:" not in built.page("a.md")


def test_a_plugin_that_cannot_load_stops_the_build(build: Build, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "nh3.py").write_text("raise ImportError('no nh3 here')", "utf-8")

    built = build(TWO, environment={"PYTHONPATH": str(broken)})

    assert built.exit_code != 0
    assert not (built.output / "index.html").exists()


def test_an_output_folder_that_holds_the_content_is_refused(tmp_path: Path) -> None:
    content = tmp_path / "output" / "content"
    content.mkdir(parents=True)
    (content / "a.md").write_text(article("甲", "<p>正文。</p>"), "utf-8")

    built = build_site(content, tmp_path)

    assert built.exit_code == 1
    assert "OUTPUT_PATH" in built.said
    assert [path.name for path in (tmp_path / "output").iterdir()] == ["content"]


def test_page_three_today_is_page_three_when_more_has_come(tmp_path: Path) -> None:
    content = tmp_path / "content"
    content.mkdir()
    for number in range(23):
        text = article(f"第{number}篇", f"<p>第 {number} 篇的正文。</p>", date=f"2021-10-{number + 1:02} 08:00:00")
        (content / f"{number}.md").write_text(text, "utf-8")
    options = ("-e", "NEWSARCHIVE_PER_PAGE=5")
    before = build_site(content, tmp_path, *options).tree()
    (content / "new.md").write_text(article("新", "<p>最新的一篇。</p>", date="2021-11-01 08:00:00"), "utf-8")

    after = build_site(content, tmp_path, *options).tree()

    listed = "sections/cai-jing/chen-bao"
    assert f"{listed}/page-3.html" in before
    assert after[f"{listed}/page-2.html"] == before[f"{listed}/page-2.html"]
    assert after[f"{listed}/index.html"] != before[f"{listed}/index.html"]


@pytest.mark.parametrize("fence", ["---", "+++"])
def test_a_body_without_html_goes_through_markdown_and_any_other_never(build: Build, fence: str) -> None:
    title = "title: 手写" if fence == "---" else "title = '手写'"
    built = build(
        f"-- hand.md --\n{fence}\n{title}\n{fence}\n\n第一段有**重点**。\n\n- 一\n- 二\n"
        f"-- html.md --\n{article('抓取', '<p>数字 **.*% 与 _下划线_ 照旧。</p>')}"
    )

    assert "<strong>重点</strong>" in built.body("hand.md")
    assert "<li>一</li>" in built.body("hand.md")
    assert "数字 **.*% 与 _下划线_ 照旧。" in built.body("html.md")


def test_a_build_tells_where_its_time_went_when_asked(build: Build) -> None:
    told = build(TWO, "-e", "NEWSARCHIVE_PROFILE=true").said

    for stage in ("find", "clean 2", "describe 2", "collect", "render articles 2", "render lists", "index"):
        assert re.search(rf"^ +\d+\.\d\d s  {stage}", told, re.MULTILINE), stage
    assert re.search(r"slowest to clean and describe:\n +\d+\.\d ms [ab]\.md\n +\d+\.\d ms [ab]\.md\n", told)
