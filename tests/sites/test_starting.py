"""`newsarchive new` and `newsarchive import hexo`: a site's repository out of nothing, or out of another program's."""

from __future__ import annotations

import json
import os
import runpy
import tomllib
from pathlib import Path
from typing import Any

import pytest

from conftest import PROJECT, article, build_site, write_files
from newsarchive import __version__, theme_path
from newsarchive.commands.main import main
from newsarchive.importers.hexo import address_of, language_of
from newsarchive.scaffold import TEMPLATE

CONFIG = """title: 海风 "日报"
subtitle: '每天一页 \\d'
description: x
language: zh-Hans
timezone: Asia/Tokyo
url: https://user.github.io
root: /repo/
"""


def settings_of(site: Path) -> dict[str, Any]:
    """What a site's settings come to, published."""
    return runpy.run_path(str(site / "publishconf.py"))


@pytest.fixture(autouse=True)
def no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """`SITEURL` of the machine must not win over the settings under test."""
    monkeypatch.delenv("SITEURL", raising=False)


@pytest.fixture(autouse=True)
def fresh_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """publishconf.py imports pelicanconf.py by name: each site its own."""
    import sys

    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.delitem(sys.modules, "pelicanconf", raising=False)


@pytest.fixture
def hexo(tmp_path: Path) -> Path:
    """A Hexo site of two posts, with an image between them."""
    folder = tmp_path / "hexo"
    posts = (
        f"-- 财经/晨报/a.md --\n{article('甲', '<p>甲的正文。</p>')}-- b.md --\n{article('乙', '<p>乙的正文。</p>')}"
    )
    write_files(folder / "source/_posts", posts + "-- b.png --\nimage\n")
    (folder / "source/CNAME").write_text("news.example\n", "utf-8")
    (folder / "_config.yml").write_text(CONFIG, "utf-8")
    return folder


def test_a_new_site_has_everything_a_repository_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["new", str(tmp_path / "demo")])

    written = {path.relative_to(tmp_path / "demo").as_posix() for path in (tmp_path / "demo").rglob("*")}
    assert status == 0
    assert {"pyproject.toml", "pelicanconf.py", "publishconf.py", "content/welcome.md", "Makefile"} <= written
    assert {".gitignore", "package-lock.json", ".github/workflows/publish.yml"} <= written
    assert "next: cd" in capsys.readouterr().out


def test_a_new_site_is_called_as_it_was_told(tmp_path: Path) -> None:
    name = 'Ο "τίτλος" \\n @URL@ 报'
    main(["new", str(tmp_path / "My Site"), "--name", name, "--url", "https://a.example", "--language", "en"])

    settings = settings_of(tmp_path / "My Site")
    project = tomllib.loads((tmp_path / "My Site/pyproject.toml").read_text("utf-8"))["project"]
    assert settings["SITENAME"] == name
    assert settings["SITEURL"] == "https://a.example"
    assert settings["DEFAULT_LANG"] == "en"
    assert settings["THEME"] == theme_path()
    assert project["name"] == "my-site"
    assert project["dependencies"] == [f"newsarchive=={__version__}"]


def test_a_new_site_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")

    status = main(["new", str(tmp_path)])

    assert status == 1
    assert "exists already" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("name", ["publish.yml", "content-check.yml"])
def test_a_new_site_is_published_as_this_repository_is(name: str) -> None:
    own = PROJECT / ".github/workflows" / name

    assert (TEMPLATE / "dot-github/workflows" / name).read_bytes() == own.read_bytes()


def test_a_new_site_has_the_settings_of_this_repository_and_its_lunr() -> None:
    ours, theirs = (json.loads((folder / "package-lock.json").read_text()) for folder in (PROJECT, TEMPLATE))
    publishconf = (TEMPLATE / "publishconf.py.in").read_text("utf-8").replace("@URL@", '"https://example.org"')

    assert theirs["packages"]["node_modules/lunr"] == ours["packages"]["node_modules/lunr"]
    assert publishconf == (PROJECT / "publishconf.py").read_text("utf-8")


def test_a_domain_of_ones_own_is_the_address_and_is_published(tmp_path: Path) -> None:
    main(["new", str(tmp_path / "demo")])
    (tmp_path / "demo/content/CNAME").write_text("news.example\n", "utf-8")

    settings = settings_of(tmp_path / "demo")
    built = build_site(tmp_path / "demo/content", tmp_path)

    assert settings["SITEURL"] == "https://news.example"
    assert (built.output / "CNAME").read_text("utf-8") == "news.example\n"
    assert set(built.ledger) == {"welcome.md"}


def test_the_environment_has_the_last_word_on_the_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main(["new", str(tmp_path / "demo"), "--url", "https://a.example"])
    monkeypatch.setenv("SITEURL", "https://user.github.io/repo")

    assert settings_of(tmp_path / "demo")["SITEURL"] == "https://user.github.io/repo"


def test_posts_of_hexo_arrive_byte_for_byte_and_its_name_with_them(
    hexo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["import", "hexo", str(hexo), str(tmp_path / "site")])

    content = tmp_path / "site/content"
    settings = settings_of(tmp_path / "site")
    assert status == 0
    for name in ("财经/晨报/a.md", "b.md"):
        assert (content / name).read_bytes() == (hexo / "source/_posts" / name).read_bytes()
    assert not (content / "welcome.md").exists()
    assert settings["SITENAME"] == '海风 "日报"'
    assert settings["SITESUBTITLE"] == "每天一页 \\d"
    assert (settings["DEFAULT_LANG"], settings["TIMEZONE"]) == ("zh-CN", "Asia/Tokyo")
    assert settings["SITEURL"] == "https://news.example"  # its CNAME came along
    assert "skipped, because it is no post: b.png" in capsys.readouterr().out


def test_a_hexo_site_can_be_brought_into_a_site_that_stands(hexo: Path, tmp_path: Path) -> None:
    (hexo / "source/CNAME").unlink()
    main(["new", str(tmp_path / "site"), "--name", "old"])

    main(["import", "hexo", str(hexo), str(tmp_path / "site")])

    settings = settings_of(tmp_path / "site")
    assert settings["SITENAME"] == '海风 "日报"'
    assert settings["SITESUBTITLE"] == "每天一页 \\d"
    assert settings["SITEURL"] == "https://user.github.io/repo"
    assert (tmp_path / "site/content/welcome.md").is_file()


def test_importing_twice_brings_what_is_new_and_leaves_what_was_changed(
    hexo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["import", "hexo", str(hexo), str(tmp_path / "site")])
    (tmp_path / "site/content/b.md").write_text("mine", "utf-8")
    (hexo / "source/_posts/c.md").write_text("new", "utf-8")
    capsys.readouterr()

    status = main(["import", "hexo", str(hexo), str(tmp_path / "site")])

    said = capsys.readouterr().out
    assert status == 1
    assert "b.md: is there already, with another text — move one of the two elsewhere" in said
    assert "1 files copied, 2 there already, 1 in the way" in said
    assert (tmp_path / "site/content/b.md").read_text("utf-8") == "mine"


def test_an_imported_site_builds(hexo: Path, tmp_path: Path) -> None:
    main(["import", "hexo", str(hexo), str(tmp_path / "site")])

    built = build_site(tmp_path / "site/content", tmp_path)

    assert built.exit_code == 0
    assert {row["status"] for row in built.ledger.values()} == {"published"}


@pytest.mark.parametrize(
    ("text", "said"), [(None, "there is no _config.yml"), ("- a", "contains no settings"), ("a: [", "cannot be read")]
)
def test_what_is_no_hexo_site_is_told_and_nothing_is_made(
    tmp_path: Path, text: str | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "hexo").mkdir()
    if text:
        (tmp_path / "hexo/_config.yml").write_text(text, "utf-8")

    status = main(["import", "hexo", str(tmp_path / "hexo"), str(tmp_path / "site")])

    assert status == 1
    assert said in capsys.readouterr().err
    assert os.listdir(tmp_path) == ["hexo"]


@pytest.mark.parametrize(
    ("url", "root", "address"),
    [
        ("https://a.example/", "/", "https://a.example"),
        ("https://a.example", "/blog/", "https://a.example/blog"),
        ("https://a.example/blog", "/blog/", "https://a.example/blog"),
        ("http://example.com", "/", ""),
        ("http://yoursite.com", "", ""),
        ("", "", ""),
    ],
)
def test_the_address_of_a_hexo_site_is_url_and_root(url: str, root: str, address: str) -> None:
    assert address_of(url, root) == address


@pytest.mark.parametrize(
    ("tag", "language"),
    [("zh-CN", "zh-CN"), ("zh-Hans", "zh-CN"), ("zh_TW", "zh-TW"), ("zh-hk", "zh-TW"), ("en", "en"), ("fr", "en")],
)
def test_the_language_of_a_hexo_site_is_one_that_there_is(tag: str, language: str) -> None:
    assert language_of(tag) == language
