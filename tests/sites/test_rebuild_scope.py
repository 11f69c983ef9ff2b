"""A build does again what its input asks for, and no more."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import newsarchive
from conftest import article
from newsarchive.build import article_stages, tasks
from newsarchive.build.targets import FILE_LIST
from newsarchive.config import build_config
from newsarchive.config.settings import SETTINGS

from .editing import EditedSite

PACKAGE = Path(newsarchive.__path__[0])


@pytest.fixture
def site(tmp_path: Path) -> EditedSite:
    """Some 60 articles, built once, that nobody has touched for long."""
    site = EditedSite(tmp_path, seed=5)
    for _ in range(36):
        site.add_article()
    make_old(site)
    site.build()
    return site


def make_old(site: EditedSite) -> None:
    """Let all files of the content be from a time that is over."""
    for number, path in enumerate(sorted(site.content.rglob("*.md"))):
        os.utime(path, (1_600_000_000 + number, 1_600_000_000 + number))


class Done(list[str]):
    """The paths of files that something was done to."""

    def spy(self, monkeypatch: pytest.MonkeyPatch, module: object, function: str, source: Callable[..., str]) -> Done:
        """Take note of the calls that a module makes of a function."""
        real = getattr(module, function)

        def noted(*given: object) -> object:
            self.append(source(*given))
            return real(*given)

        monkeypatch.setattr(module, function, noted)
        return self


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Done:
    """Which files are read, to see whether they hold what they held."""
    return Done().spy(monkeypatch, article_stages, "read_bytes", lambda file, most: file.source)


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Done:
    """Which files are taken apart into front matter and body."""
    return Done().spy(monkeypatch, tasks, "parse_article", lambda data, source: source)


@pytest.fixture
def cleaned(monkeypatch: pytest.MonkeyPatch) -> Done:
    """Which articles are cleaned."""
    return Done().spy(monkeypatch, tasks, "clean_article", lambda raw, rules, depth: raw.source)


def written(site: EditedSite, change: Callable[[], object]) -> set[str]:
    """The pages and data files that a build writes after a change."""
    before = dict(_times(site.folder / "kept/output"))
    change()
    site.build()
    return {path for path, time in _times(site.folder / "kept/output") if before.get(path) != time}


def _times(output: Path) -> Iterator[tuple[str, int]]:
    for path in sorted(output.rglob("*")):
        name = path.relative_to(output).as_posix()
        if path.is_file() and name != FILE_LIST:  # which has the sizes of all
            yield name, path.stat().st_mtime_ns


def test_a_build_without_a_change_reads_no_article_and_writes_nothing(site: EditedSite, read: Done) -> None:
    assert written(site, lambda: None) == set()
    assert read == []


def test_a_fresh_checkout_is_read_and_neither_parsed_nor_cleaned_again(
    site: EditedSite, read: Done, parsed: Done, cleaned: Done
) -> None:
    def check_out() -> None:
        for path in site.content.rglob("*.md"):
            os.utime(path)

    assert written(site, check_out) == set()
    assert len(read) == 60
    assert parsed == cleaned == []


def test_a_file_that_changed_is_cleaned_alone(site: EditedSite, read: Done, cleaned: Done) -> None:
    path = site.change_article()
    site.build()

    assert read == cleaned == [path]


def test_a_rule_file_of_one_source_cleans_that_source_alone(site: EditedSite, cleaned: Done) -> None:
    site.write("rules/own.toml", 'drop = ["em"]\n\n[match]\nsource = ["量子日志"]\n')
    site.build()

    assert cleaned == [path for path in site._articles() if path.startswith("科技/量子日志/")]
    assert 0 < len(cleaned) < 60


def test_a_template_is_rendered_again_where_it_is_used(site: EditedSite) -> None:
    assert written(site, lambda: site.mark_template("home.html")) == {"index.html"}

    articles = written(site, lambda: site.mark_template("article.html"))
    assert len(articles) == 60
    assert all(is_article(path) for path in articles)

    everything = written(site, lambda: site.mark_template("partials/colophon.html"))
    assert everything == {path for path in site.build().tree() if path.endswith(".html") and "theme/" not in path}


def test_a_template_that_articles_do_not_use_leaves_them_alone(site: EditedSite) -> None:
    pages = written(site, lambda: site.mark_template("partials/story.html"))

    assert "index.html" in pages
    assert not any(map(is_article, pages))


def is_article(path: str) -> bool:
    """True for the page of an article."""
    return len(Path(path).stem) == 16


def test_a_new_article_of_today_rewrites_its_page_its_lists_and_little_else(site: EditedSite) -> None:
    def add() -> None:
        body = "<p>码头与灯塔都好，今天没有别的消息，明天再说。</p>"
        text = article("最新的一篇", body, ("财经", "晨报", "要闻"), "2022-08-15 08:00:00")
        site.write("财经/晨报/要闻/newest.md", text)

    pages = written(site, add)

    old = {path for path in pages if path.startswith(("2019", "2020", "2021"))}
    articles = set(filter(is_article, pages))
    assert old == set()
    assert len(articles) <= 2  # its own, and that of the one before it in its section, which now leads to it
    lists = pages - articles
    assert {"index.html", "2022/08/15/index.html", "sections/cai-jing/index.html"} <= lists
    assert len(lists) <= 60


def settings_read_by(*places: str) -> set[str]:
    """The settings that the code in some modules and folders looks at: `settings.name`, `plan.settings.name`."""
    names = {setting.name for setting in SETTINGS}
    files = [file for place in places for file in (PACKAGE / place).rglob("*.py")]
    files += [PACKAGE / f"{place}.py" for place in places if (PACKAGE / f"{place}.py").exists()]
    nodes = (node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8"))))
    return {
        node.attr for node in nodes if isinstance(node, ast.Attribute) and node.attr in names and _of_settings(node)
    }


def _of_settings(node: ast.Attribute) -> bool:
    owner = node.value
    return (isinstance(owner, ast.Name) and owner.id == "settings") or (
        isinstance(owner, ast.Attribute) and owner.attr == "settings"
    )


def test_what_is_kept_of_an_article_goes_when_a_setting_changes_that_it_was_made_by() -> None:
    of_cleaning = settings_read_by("read", "clean")
    of_describing = settings_read_by("describe")
    of_either = settings_read_by("build/tasks", "build/article_stages") - {
        "article_extensions"
    }  # which files there are: looked up every time

    assert of_cleaning <= set(build_config._CLEANING_SETTINGS)
    assert of_describing
    assert of_describing <= set(build_config._DESCRIBING_SETTINGS)
    assert of_cleaning | of_describing | of_either == {
        *build_config._CLEANING_SETTINGS,
        *build_config._DESCRIBING_SETTINGS,
    }
