"""Rendering, piece by piece: calendars, words, languages, citations, sitemaps, and the way to every article."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urljoin

import pytest

from newsarchive.build.collect_site import CollectedSite
from newsarchive.build.site_targets import RenderedSite, page_targets
from newsarchive.build.targets import File, Target
from newsarchive.cache.serialization import from_bytes
from newsarchive.collect import Archive, collect_archive
from newsarchive.collect.days import group_by_day
from newsarchive.config.settings import Settings
from newsarchive.describe.languages import detect_language
from newsarchive.diagnostics import ConfigurationError
from newsarchive.i18n import Translations, load_translations
from newsarchive.images.image_selection import ImageSelection
from newsarchive.models import CleanHtml, Facts, Image
from newsarchive.render.annotate import annotate
from newsarchive.render.article_pages import ArticlePage, ArticlePages, foreign_language, join_page_inputs, page_of
from newsarchive.render.calendar import calendar_of
from newsarchive.render.citations import bibliographies, cite
from newsarchive.render.environment import make_environment
from newsarchive.render.home import home_page
from newsarchive.render.page import PageGroup, render_page
from newsarchive.render.pages import pages_of
from newsarchive.render.render_context import RenderContext
from newsarchive.render.site import Site, describe_site
from newsarchive.render.sitemap import sitemap_files
from newsarchive.render.statistics import figures_page
from newsarchive.render.structured_data import news_article
from unit.factories import bodies_of, make_article, moment

THEME = Path(__file__).resolve().parents[2] / "theme"
WORDS = load_translations(THEME / "translations", "zh-CN")
ENGLISH = load_translations(THEME / "translations", "en")


def site_of(archive: Archive, url: str = "https://archive.example", words: Translations = WORDS) -> Site:
    """The site of an archive."""
    return describe_site(archive, "新闻档案", "", url, words, ())


def render_archive(archive: Archive) -> dict[str, str]:
    """Every file that is made of an archive whose articles' bodies are empty, by its path."""
    environment, site, bodies = make_environment([THEME / "templates"], WORDS), site_of(archive), bodies_of(archive)
    context = RenderContext((THEME / "templates",), THEME / "translations", "zh-CN", site)
    collected = CollectedSite(archive, archive.articles, (), {}, bodies, ImageSelection())
    lists = page_targets(RenderedSite.of(collected, context), Settings()).targets
    made_of = (from_bytes(join_page_inputs(*each), ArticlePage) for each in ArticlePages(archive))
    pages = (page_of(each, bodies[each.article.source], site, WORDS) for each in made_of)
    return {
        **{page.path: render_page(page, site, environment) for page in pages},
        **{file.path: str(file.data) for each in lists for file in files_of(each)},
    }


def files_of(target: Target) -> Iterator[File]:
    """The files of a target, and of the finer ones that it consists of."""
    for part in target.make():
        if isinstance(part, Target):
            yield from files_of(part)
        else:
            yield part


# --- Calendars


def test_a_calendar_has_every_day_of_a_month_in_its_week() -> None:
    [year] = calendar_of(group_by_day([make_article(date="2021-10-10")]), first_weekday=0)
    october = year.months[9]

    assert [len(week) for week in october.weeks] == [7, 7, 7, 7, 7]
    assert [cell.date.day if cell else 0 for cell in october.weeks[0]] == [0, 0, 0, 0, 1, 2, 3]
    assert [cell.date.day for week in october.weeks for cell in week if cell] == list(range(1, 32))
    assert [cell.url for week in october.weeks for cell in week if cell and cell.count] == ["2021/10/10/index.html"]


@pytest.mark.parametrize(("count", "level"), [(1, 1), (2, 1), (3, 2), (9, 2), (10, 3), (30, 4), (100, 5), (500, 5)])
def test_levels_are_fixed_numbers_so_that_old_calendars_stay(count: int, level: int) -> None:
    articles = [make_article(f"{n}.md") for n in range(count)] + [make_article("b.md", date="2021-10-11")]

    cells = [cell for week in calendar_of(group_by_day(articles), 0)[0].months[9].weeks for cell in week if cell]
    assert [(cell.count, cell.level) for cell in cells if cell.count] == [(count, level), (1, 1)]


def test_the_undated_stand_in_no_calendar() -> None:
    assert calendar_of(group_by_day([make_article(date="")]), 0) == []


# --- Words


def test_dates_are_written_as_the_language_writes_them() -> None:
    day = date(2022, 7, 27)

    assert WORDS.write_date(day, "EEEE, d MMMM y") == "2022年7月27日 星期三"
    assert ENGLISH.write_date(day, "EEEE, d MMMM y") == "Wednesday, 27 July 2022"
    assert WORDS.filters()["month_and_year"](day) == "2022年7月"
    assert [name for _, name in WORDS.weekdays()] == list("一二三四五六日")


def test_a_time_at_the_stroke_of_midnight_is_no_time() -> None:
    clock = WORDS.filters()["clock"]

    assert clock(moment("2022-07-27 10:31")) == "10:31"
    assert clock(moment("2022-07-27")) == ""


def test_a_theme_without_catalogues_speaks_english(tmp_path: Path) -> None:
    assert load_translations(tmp_path, "fr").gettext("Tags") == "Tags"


def test_a_language_is_one_file_and_needs_no_compiling(tmp_path: Path) -> None:
    (tmp_path / "fr.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "Tags"\nmsgstr "Étiquettes"\n', "utf-8")

    assert load_translations(tmp_path, "fr").gettext("Tags") == "Étiquettes"
    assert load_translations(tmp_path, "fr-CA").gettext("Tags") == "Étiquettes"
    with pytest.raises(ConfigurationError, match="use one of fr"):
        load_translations(tmp_path, "de")
    with pytest.raises(ConfigurationError, match="the theme has no 'nonsense!'"):
        load_translations(tmp_path, "nonsense!")


def test_words_are_translated_when_a_template_is_read_and_escaped_like_any_text(tmp_path: Path) -> None:
    (tmp_path / "words.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "Tags"\nmsgstr "<b>&"\n', "utf-8")
    (tmp_path / "words.po").rename(tmp_path / "fr.po")
    (tmp_path / "t.html").write_text('{{ _("Tags") }}|{% if _ %}{{ (1) }}{% endif %}|{{ _("Tags")|upper }}', "utf-8")

    environment = make_environment([tmp_path], load_translations(tmp_path, "fr"))

    assert environment.get_template("t.html").render() == "&lt;b&gt;&amp;|1|&lt;B&gt;&amp;"


@pytest.mark.parametrize(
    ("text", "site", "language"),
    [
        ("这是一篇关于城市图书馆的文章，今天开放。", "zh-CN", ""),
        ("這是一篇關於城市圖書館的文章，今天開放。", "zh-CN", "zh-Hant"),
        ("這是一篇關於城市圖書館的文章，今天開放。", "zh-TW", ""),
        ("这是一篇关于城市图书馆的文章，今天开放。", "en", "zh-Hans"),
        ("The night train returns to the coast, and the town is glad of it.", "zh-CN", "en"),
        ("The night train returns to the coast, and the town is glad of it.", "en", ""),
        ("Le train de nuit revient sur la côte après dix ans", "zh-CN", "und"),
        ("図書館が今日から開きました。これはうれしい。", "zh-CN", "ja"),
        ("도서관이 오늘 다시 문을 열었습니다", "zh-CN", "ko"),
        ("iPhone 15 Pro Max 与 MacBook Air 的新闻：苹果公司今天发布", "zh-CN", ""),
        ("", "zh-CN", ""),
    ],
)
def test_a_text_tells_its_language(text: str, site: str, language: str) -> None:
    assert foreign_language(detect_language(text), site) == language


# --- Articles


def test_headings_get_anchors_players_a_mark_and_wide_things_the_focus() -> None:
    text = CleanHtml(
        '<h2>一 &amp; <em>二</em></h2>\n<p><a href="https://v.example/1">▶ v.example</a></p>\n<h3>三</h3>\n'
        "<table><tbody><tr><td>x</td></tr></tbody></table>\n<h2>四</h2>"
    )

    page, contents = annotate(text, "图片")

    assert contents == [("s1", "一 & 二"), ("s2", "三"), ("s3", "四")]
    assert '<h2 id="s1">一 &amp; <em>二</em></h2>' in page
    assert '<p class="player"><a href="https://v.example/1">' in page
    assert '<table tabindex="0">' in page


def test_a_citation_leads_to_the_original_and_tex_reads_it_to_the_letter() -> None:
    facts = Facts(byline="张三", original_url="https://a.example/{1}")
    article = make_article(title="100% & _一_ #2 {甲}", facts=facts)
    archive = collect_archive([article], Settings())

    assert cite(article, site_of(archive)) == "张三. 《100% & _一_ #2 {甲}》. 晨报. 2021-10-10. https://a.example/{1}"
    [file] = bibliographies(archive, site_of(archive))
    entry = file.make()
    assert file.path == "2021/10/10/cite.bib"
    assert "  title = {100\\% \\& \\_一\\_ \\#2 \\{甲\\}},\n" in entry
    assert "  url = {https://a.example/%7B1%7D},\n" in entry


def test_structured_data_leaves_out_what_is_not_known() -> None:
    undated = make_article(date="", author="", categories=())

    assert news_article(undated).keys() == {"@context", "@type", "headline"}


# --- Home and figures


def test_the_lead_is_the_newest_story_with_a_image() -> None:
    days = [
        make_article("a.md", "2021-10-10 08:00", lead_candidates=(Image("https://a.example/a.jpg"),), summary="一"),
        make_article("b.md", "2021-10-11 08:00", lead_candidates=(Image("https://a.example/b.jpg"),), summary="二"),
        make_article("c.md", "2021-10-11 09:00"),
    ]
    archive = collect_archive(days, Settings())

    home = home_page(archive, calendar_of(archive.days, 0), Settings(), WORDS).context

    assert home["lead"].source == "b.md"
    assert [article.source for article in home["beside"]] == ["c.md"]
    assert [(str(day.date), len(articles)) for day, articles in home["days"]] == [("2021-10-10", 1)]


@pytest.mark.parametrize("dates", [[], [""], ["", "2021-10-10"], ["2016-02-29", "2020-02-29", "2020-03-01"]])
def test_archives_of_any_size_have_all_their_pages(dates: list[str]) -> None:
    archive = collect_archive([make_article(f"{n}.md", date) for n, date in enumerate(dates)], Settings())

    pages = render_archive(archive)

    assert {"index.html", "404.html", "figures/index.html", "on-this-day/index.html", "tags/index.html"} <= pages.keys()
    assert all("None" not in text for path, text in pages.items() if path.endswith(".html"))
    assert ("on-this-day/02-29.html" in pages) == (dates.count("2016-02-29") == 1)


def test_bars_stand_for_months_from_the_first_to_the_last() -> None:
    dates = ["2021-11-01", "2022-02-01", "2022-02-02"]
    archive = collect_archive([make_article(f"{n}.md", date, title=date) for n, date in enumerate(dates)], Settings())

    bars = figures_page(archive, calendar_of(archive.days, 0), WORDS).context["months"]

    assert [bar.month.count for bar in bars] == [1, 0, 0, 2]
    assert [bar.largest for bar in bars] == [False, False, False, True]
    assert [bar.label for bar in bars] == ["", "", "2022", ""]


# --- Sitemap


def test_a_sitemap_that_would_be_too_long_is_split_and_indexed() -> None:
    site = site_of(collect_archive([], Settings()))

    files = {file.path: file.make() for file in sitemap_files(site, [f"{n}.html" for n in range(5)], max_urls=2)}

    assert list(files) == ["sitemap.xml", "sitemap-1.xml", "sitemap-2.xml", "sitemap-3.xml"]
    assert "<sitemap><loc>https://archive.example/sitemap-3.xml</loc></sitemap>" in files["sitemap.xml"]
    assert files["sitemap-3.xml"].count("<loc>") == 1


# --- Lists


def test_what_lists_show_of_an_article_is_made_once_and_leads_there_from_every_folder(tmp_path: Path) -> None:
    (tmp_path / "line.html").write_text('[{{ article.url.count("/") }} {{ root }}{{ article.url }}]', "utf-8")
    environment = make_environment([tmp_path], WORDS)
    article = make_article("a.md", "2021-10-10", title="甲")
    archive = collect_archive([article], Settings())
    fragments, name = environment.globals["fragments"], archive.articles[0].url.rpartition("/")[2]

    made = {
        path: str(fragments("line.html", archive.articles, path))
        for path in ("index.html", "tags/a/index.html", "2021/10/index.html", "2021/10/10/index.html")
    }

    assert made == {
        "index.html": f"[3 2021/10/10/{name}]",
        "tags/a/index.html": f"[3 ../../2021/10/10/{name}]",
        "2021/10/index.html": f"[3 10/{name}]",
        "2021/10/10/index.html": f"[3 {name}]",
    }


def test_pages_are_written_as_their_templates_are(tmp_path: Path) -> None:
    text = '<ul class="a">\n<li id="b">1</li>\n<li class="c d">\n</ul>\n<b>1</b>\n<i>2</i>'
    (tmp_path / "t.html").write_text(text, "utf-8")

    assert make_environment([tmp_path], WORDS).get_template("t.html").render() == text


# --- Four clicks


@pytest.mark.slow
def test_every_one_of_ten_thousand_articles_is_four_clicks_from_home() -> None:
    """As a reader without script goes: along the links of lists. One day, and the undated, hold thousands."""
    first = moment("2019-01-01")
    articles = [make_article(f"{n}.md", "", title=f"无{n}") for n in range(500)]
    articles += [make_article(f"d{n}.md", "2021-10-10", title=f"同{n}") for n in range(4_000)]
    articles += [
        make_article(f"n{n}.md", (first + timedelta(hours=5 * n)).isoformat(" ")[:16], title=f"第{n}")
        for n in range(5_500)
    ]
    archive = collect_archive(articles, Settings(related_articles=0))
    environment = make_environment([THEME / "templates"], WORDS)
    site = site_of(archive, "")
    links: dict[str, set[str]] = {}
    for each in pages_of(archive, site, Settings(), WORDS):
        for page in each.pages() if isinstance(each, PageGroup) else [each]:
            hrefs = re.findall(r'<a href="([^"#]+)"', render_page(page, site, environment))
            links[page.path] = {urljoin(f"https://e/{page.path}", href).removeprefix("https://e/") for href in hrefs}

    clicks = {"index.html": 0}
    queue = deque(clicks)
    while queue:
        here = queue.popleft()
        for there in links.get(here, set()) - clicks.keys():
            clicks[there] = clicks[here] + 1
            queue.append(there)

    assert len(archive.articles) == 10_000
    assert max(clicks.get(article.url, 99) for article in archive.articles) <= 4
