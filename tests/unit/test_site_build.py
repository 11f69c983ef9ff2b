"""`build_site` builds a site in this process, without Pelican, and each build writes only what changed."""

from __future__ import annotations

import inspect
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

import newsarchive
from conftest import article, write_files
from newsarchive import build_site
from newsarchive.build.custom_targets import CustomPage, StaticFile
from newsarchive.build.output_writer import OutputError
from newsarchive.build.site_build import BuildReport
from newsarchive.build.targets import FILE_LIST
from newsarchive.cache.build_cache import BuildCache, CacheInUse
from newsarchive.config import BuildConfig, load_config

pytestmark = pytest.mark.slow

CUSTOM_PAGE = CustomPage("pages/about.html", "关于", "about.html", {"words": "我们是谁"})


@pytest.fixture
def site(tmp_path: Path) -> BuildConfig:
    """A site of three articles, not built yet, with a template and a lunr.js of its own."""
    write_files(
        tmp_path,
        "-- templates/about.html --\n<title>{{ title }}</title><p>{{ words }}</p>\n"
        "-- lunr.js --\n// lunr\n"
        "-- content/images/dot.txt --\nstatic\n",
    )
    for name in ("甲", "乙", "丙"):
        write_article(tmp_path / "content", name, f"{name}的正文。")
    settings = {
        "PATH": str(tmp_path / "content"),
        "OUTPUT_PATH": str(tmp_path / "output"),
        "CACHE_PATH": str(tmp_path / "cache"),
        "SITENAME": "新闻档案",
        "DEFAULT_LANG": "zh-CN",
        "TIMEZONE": "Asia/Shanghai",
        "THEME_TEMPLATES_OVERRIDES": [str(tmp_path / "templates")],
        "NEWSARCHIVE_EXECUTOR": "serial",
        "NEWSARCHIVE_LUNR_PATH": str(tmp_path / "lunr.js"),
    }
    return load_config(settings)


def write_article(content: Path, name: str, body: str) -> None:
    """Write an article whose file has its name."""
    content.mkdir(exist_ok=True)
    (content / f"{name}.md").write_text(article(f"标题{name}", f"<p>{body}</p>"), "utf-8")


def tree(config: BuildConfig) -> dict[str, bytes]:
    """Every file of the output, by path."""
    files = [path for path in config.output.rglob("*") if path.is_file()]
    return {path.relative_to(config.output).as_posix(): path.read_bytes() for path in files}


def page_of(config: BuildConfig, source: str) -> Path:
    """The page of an article."""
    rows = map(json.loads, (config.cache / "ledger.jsonl").read_text("utf-8").splitlines())
    return config.output / next(row["url"] for row in rows if row["source"] == source)


def clean_tree(config: BuildConfig, folder: Path, *given: object) -> dict[str, bytes]:
    """What a build makes that knows nothing of earlier ones."""
    clean = replace(config, output=folder / "clean/output", cache=folder / "clean/cache")
    build_site(clean, *given)  # type: ignore[arg-type]
    return tree(clean)


def test_a_site_is_built_with_a_report_of_what_was_done(site: BuildConfig) -> None:
    report = build_site(site)

    files = tree(site)
    assert report.summary == "3 files: 3 published, 0 merged, 0 rejected, 0 withheld"
    assert (report.articles, report.written, report.removed) == (3, len(files), 0)
    assert report.size == sum(map(len, files.values())) - len(files[FILE_LIST])
    assert {"index.html", "404.html", "search/manifest.js", "search/lunr.js"} <= files.keys()
    assert "甲的正文。" in page_of(site, "甲.md").read_text("utf-8")


def test_a_profile_says_how_long_each_stage_took(site: BuildConfig) -> None:
    report = build_site(replace(site, settings=replace(site.settings, profile=True)))

    lines = "\n".join(report.profile)
    assert all(f" s  {stage}" in lines for stage in ("clean", "describe", "collect", "render articles", "render lists"))


@pytest.mark.parametrize("executor", ["serial", "processes"])
def test_a_second_build_writes_nothing(site: BuildConfig, executor: str) -> None:
    given = ([CUSTOM_PAGE], [StaticFile("images/dot.txt", site.content / "images/dot.txt")])
    site = replace(site, settings=replace(site.settings, executor=executor))
    first = build_site(site, *given)
    before = {path: (site.output / path).stat().st_mtime_ns for path in tree(site)}

    second = build_site(site, *given)

    assert (second.written, second.removed) == (0, 0)
    assert (second.summary, second.messages, second.articles, second.size) == (
        first.summary,
        first.messages,
        first.articles,
        first.size,
    )
    assert {path: (site.output / path).stat().st_mtime_ns for path in tree(site)} == before


def test_a_changed_article_rewrites_its_page_and_no_other_articles(site: BuildConfig, tmp_path: Path) -> None:
    build_site(site)
    others = [page_of(site, name) for name in ("乙.md", "丙.md")]
    for page in others:
        os.utime(page, (0, 0))
    build_site(site)  # other times make them written, or compared, once
    times = [page.stat().st_mtime_ns for page in others]
    write_article(site.content, "甲", "另一段正文。")

    report = build_site(site)

    assert "另一段正文。" in page_of(site, "甲.md").read_text("utf-8")
    assert [page.stat().st_mtime_ns for page in others] == times
    assert 0 < report.written < len(tree(site))
    assert tree(site) == clean_tree(site, tmp_path)


def test_a_deleted_article_disappears(site: BuildConfig, tmp_path: Path) -> None:
    build_site(site)
    page = page_of(site, "甲.md")
    (site.content / "甲.md").unlink()

    report = build_site(site)

    assert not page.exists()
    assert report.removed >= 1
    assert report.articles == 2
    assert "标题甲" not in b"\n".join(tree(site).values()).decode("utf-8", "replace")
    assert tree(site) == clean_tree(site, tmp_path)


def test_the_owners_pages_and_static_files_are_published_and_updated(site: BuildConfig) -> None:
    dot = StaticFile("images/dot.txt", site.content / "images/dot.txt")
    build_site(site, [CUSTOM_PAGE], [dot])
    first = tree(site)
    assert first["pages/about.html"].decode() == "<title>关于</title><p>我们是谁</p>"
    assert first["images/dot.txt"] == b"static\n"
    assert "关于" in first["index.html"].decode()  # in the navigation

    dot.source.write_text("another", "utf-8")
    edited = CUSTOM_PAGE._replace(context={"words": "改了"})
    report = build_site(site, [edited], [dot])
    assert report.written == 2 + len([FILE_LIST])
    assert tree(site)["pages/about.html"].decode() == "<title>关于</title><p>改了</p>"
    assert tree(site)["images/dot.txt"] == b"another"

    assert build_site(site).removed == 2
    assert not {"pages/about.html", "images/dot.txt"} & tree(site).keys()


def test_a_static_file_that_cannot_be_read_is_reported_and_the_rest_is_published(site: BuildConfig) -> None:
    gone = StaticFile("images/gone.txt", site.content / "images/gone.txt")

    for _ in range(2):
        report = build_site(site, [CUSTOM_PAGE], [gone])

        (error,) = [line for level, line in report.messages if level == "error"]
        assert error.startswith("images/gone.txt: file cannot be read, and is not published: No such file")
        assert report.removed == 0
        assert "pages/about.html" in tree(site)
        assert "images/gone.txt" not in tree(site)


@pytest.mark.parametrize("path", ["index.html", "pages/about.html", "images/dot.txt", "search/manifest.js"])
def test_two_pages_of_one_path_are_refused_with_their_path(site: BuildConfig, path: str) -> None:
    dot = StaticFile("images/dot.txt", site.content / "images/dot.txt")
    build_site(site, [CUSTOM_PAGE], [dot])
    second = CUSTOM_PAGE._replace(path=path)

    for _ in range(2):
        with pytest.raises(OutputError, match=f"^{path}: two pages want this file — give one of them another address"):
            build_site(site, [CUSTOM_PAGE, second], [dot])


def test_a_page_outside_the_output_folder_is_refused(site: BuildConfig, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"^\.\./x\.html: leads out of the output folder"):
        build_site(site, [CUSTOM_PAGE._replace(path="../x.html")])

    assert not (tmp_path / "x.html").exists()


def test_a_site_without_lunr_has_no_search(site: BuildConfig, caplog: pytest.LogCaptureFixture) -> None:
    build_site(site)
    Path(site.settings.lunr_path).unlink()

    build_site(site)

    assert not [path for path in tree(site) if path.startswith("search")]
    assert "lunr.js is not there, so the site has no search" in caplog.text


def test_a_cache_that_another_build_holds_ends_the_build(site: BuildConfig) -> None:
    cache = BuildCache(site.cache)

    with pytest.raises(CacheInUse):
        build_site(site)

    cache.close()
    assert build_site(site).articles == 3


def test_a_damaged_cache_is_replaced_within_the_build(site: BuildConfig, caplog: pytest.LogCaptureFixture) -> None:
    build_site(site)
    page = page_of(site, "甲.md")
    (site.content / "甲.md").unlink()
    database = site.cache / "build.sqlite"
    data = database.read_bytes()
    database.write_bytes(data[:40_000] + b"\xaa" * (len(data) - 40_000))

    assert build_site(site).articles == 2

    assert not page.exists()
    assert "starting with a new one" in caplog.text


def test_the_umask_of_the_process_is_as_it_was(site: BuildConfig) -> None:
    before = os.umask(0o077)
    try:
        build_site(site)
        assert os.umask(0o077) == 0o077
        assert (site.output / "index.html").stat().st_mode & 0o777 == 0o644
    finally:
        os.umask(before)


def test_build_site_can_be_imported_from_the_package_and_has_types() -> None:
    assert list(inspect.signature(newsarchive.build_site).parameters) == ["config", "pages", "static", "out"]
    assert inspect.signature(newsarchive.build_site).return_annotation == BuildReport.__name__
    assert (Path(newsarchive.__path__[0]) / "py.typed").exists()
