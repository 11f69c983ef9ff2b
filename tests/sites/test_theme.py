"""The theme keeps its promises: to those who write templates, to translators, and to slow lines."""

from __future__ import annotations

import gzip
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from bs4 import BeautifulSoup, Tag

from collecting import gather
from conftest import PROJECT, SAMPLE, Built, article, build_site, write_files
from newsarchive.cache.serialization import from_bytes
from newsarchive.config.settings import Settings
from newsarchive.i18n import load_translations
from newsarchive.render.article_pages import ArticlePage, ArticlePages, join_page_inputs, page_of
from newsarchive.render.page import PageGroup
from newsarchive.render.pages import pages_of
from newsarchive.render.site import base_context, describe_site

THEME = PROJECT / "theme"
CATALOGUES = sorted((THEME / "translations").glob("*.po"))
Build = Callable[..., Built]


def _gather_contexts() -> tuple[set[str], dict[str, set[frozenset[str]]]]:
    """What every template is given, and by template what it is given beside that."""
    content, settings = SAMPLE, Settings(per_page=5)
    gathered = gather(content, settings)
    words = load_translations(THEME / "translations", "zh-CN")
    site = describe_site(gathered.archive, "名", "", "https://archive.example", words, (), searchable=True)
    given: dict[str, set[frozenset[str]]] = {}
    article, beside = next(iter(ArticlePages(gathered.archive)))
    article_page, body = from_bytes(join_page_inputs(article, beside), ArticlePage), gathered.bodies[article.source]
    pages = [page_of(article_page, body, site, words)]
    for each in pages_of(gathered.archive, site, settings, words):
        pages += each.pages() if isinstance(each, PageGroup) else [each]
    for page in pages:
        given.setdefault(page.template, set()).add(frozenset(page.context))
    return set(base_context("index.html", "", site)), given


def test_templates_are_given_exactly_what_the_documents_say() -> None:
    text = (PROJECT / "docs/theme.md").read_text("utf-8")
    documented: dict[str, frozenset[str]] = {}
    for names, keys in re.findall(r"^\| (`\w+\.html`(?:, `\w+\.html`)*) \| [^|]* \| ([^|]*)\|$", text, re.MULTILINE):
        for template in re.findall(r"`([^`]+)`", names):
            documented[template] = frozenset(re.findall(r"`(\w+)`", keys))
    base, given = _gather_contexts()

    hand_made = {"page.html": {frozenset(["page"])}}
    assert given | hand_made == {template: {keys} for template, keys in documented.items()}
    every = text[text.index("Every template gets") :].partition("\n\n")[0]
    assert base <= set(re.findall(r"`(\w+)`", every))


def test_one_template_and_one_token_can_be_changed(build: Build, tmp_path: Path) -> None:
    partials = tmp_path / "mine" / "partials"
    partials.mkdir(parents=True)
    (partials / "head.html").write_text('<link rel="stylesheet" href="{{ root }}images/mine.css">', "utf-8")
    token = ":root { --accent: light-dark(#1f5fb3, #8ab8ff); }"

    built = build(
        f"-- a.md --\n{article('甲', '<p>正文在这里。</p>')}-- images/mine.css --\n{token}\n",
        "-e",
        f'THEME_TEMPLATES_OVERRIDES=["{tmp_path / "mine"}"]',
    )

    assert built.exit_code == 0, built.said
    assert '<link rel="stylesheet" href="../../../images/mine.css">' in built.page("a.md")
    assert (built.output / "images/mine.css").read_text("utf-8").strip() == token
    assert "<h1" in built.page("a.md")


# --- Filters, globals and tests of the site's own

ADDITIONS = """\
from pelicanconf import *
import newsarchive
PLUGINS = [newsarchive]


def shout(text):
    return text.upper() + "!"


def motto():
    return "motto"


def loud(text):
    return text.endswith("!")


"""
SHOWS = '<b>{{ "a"|shout }} {{ motto() }} {{ greeting }} {{ "a!" is loud }}</b>'


@pytest.mark.parametrize("executor", ["serial", "processes"])
def test_filters_globals_and_tests_of_the_site_work_in_all_templates(
    build: Build, tmp_path: Path, executor: str
) -> None:
    names = ("partials/head.html", "article.html", "partials/line.html", "page.html")
    for name in names:
        text = (THEME / "templates" / name).read_text("utf-8")
        text = (
            text.replace("{% block main %}", "{% block main %}" + SHOWS) if "{% block main %}" in text else text + SHOWS
        )
        write_files(tmp_path / "mine", f"-- {name} --\n{text}")
    given = 'JINJA_FILTERS, JINJA_GLOBALS = {"shout": shout}, {"motto": motto, "greeting": "hello"}\n'
    (tmp_path / "ownconf.py").write_text(f'{ADDITIONS}{given}JINJA_TESTS = {{"loud": loud}}\n', "utf-8")
    articles = "".join(f"-- {n}.md --\n{article(f'第{n}篇', f'<p>正文{n}。</p>')}" for n in range(33))
    options = ('THEME_TEMPLATES_OVERRIDES=["mine"]', f'NEWSARCHIVE_EXECUTOR="{executor}"')

    built = build(
        f"{articles}-- pages/about.md --\nTitle: 关于\nSave_as: about.html\n\n手写。\n",
        "-s",
        str(tmp_path / "ownconf.py"),
        "-t",
        str(THEME),
        "-e",
        *options,
        environment={"PYTHONPATH": os.pathsep.join([str(PROJECT), str(PROJECT / "plugins")])},
    )

    assert built.exit_code == 0, built.said
    pages = {path: data.decode() for path, data in built.tree().items() if path.endswith(".html")}
    assert {pages[path].count("<b>A! motto hello True</b>") for path in ("404.html", "index.html")} == {1}
    assert pages["about.html"].count("<b>A! motto hello True</b>") == 2
    assert built.page("0.md").count("<b>A! motto hello True</b>") == 2
    assert pages["2021/10/index.html"].count("<b>A! motto hello True</b>") > 2


def test_a_global_that_is_a_plain_value_renders_pages_again_only_when_it_changes(build: Build, tmp_path: Path) -> None:
    write_files(tmp_path / "mine", "-- partials/head.html --\n<!-- {{ greeting.words[0] }} -->")
    built = {}
    for step, word in enumerate(["one", "one", "two"]):
        options = ('THEME_TEMPLATES_OVERRIDES=["mine"]', f'JINJA_GLOBALS={{"greeting": {{"words": ["{word}"]}}}}')
        built[step] = build(f"-- a.md --\n{article('甲', '<p>正文。</p>')}", "-e", *options)
        assert f"<!-- {word} -->" in built[step].page("a.md")

    assert "; 0 pages written" in built[1].said
    assert "; 0 pages written" not in built[2].said


# --- Errors in templates

MISTAKES = [
    ("article.html", "{{ greeting }}", "'greeting' is undefined — define it, or use a name that docs/theme.md lists"),
    ("article.html", "{{ article.titel }}", "object' has no attribute 'titel' — define it, or use a name that"),
    ("article.html", "{{ title|shout }}", "No filter named 'shout' — add it to JINJA_FILTERS, or use one that docs"),
    ("article.html", '{% include "none.html" %}', "there is no template 'none.html' — correct the name, or add"),
    ("article.html", "{{ title|short_date }}", "AttributeError: 'str' object has no attribute 'year' — correct the"),
    ("home.html", "{% iff site %}", "Encountered unknown tag 'iff'"),
    ("list.html", "{{ title is loud }}", "No test named 'loud' — add it to JINJA_TESTS, or use one that docs"),
    ("page.html", "{{ greeting }}", "'greeting' is undefined — "),
    ("page.html", "{{ page.title|shout }}", "No filter named 'shout' — "),
    ("partials/masthead.html", "{{ greeting }}", "'greeting' is undefined — "),
    ("partials/story.html", "{{ greeting }}", "'greeting' is undefined — "),
    ("partials/colophon.html", "{{ 1 // 0 }}", "ZeroDivisionError: "),
]


@pytest.mark.parametrize(("template", "mistake", "message"), MISTAKES)
def test_a_mistake_in_a_template_is_one_line_with_its_file_and_line(
    build: Build, tmp_path: Path, template: str, mistake: str, message: str
) -> None:
    opening, text = "{% block main %}", (THEME / "templates" / template).read_text("utf-8")
    text = text.replace(opening, opening + mistake) if opening in text else f"{text}{mistake}\n"
    write_files(tmp_path / "mine", f"-- {template} --\n{text}")
    line = text[: text.index(mistake)].count("\n") + 1
    # More articles than a worker renders at a time: fewer are rendered in this process.
    articles = "".join(f"-- {n}.md --\n{article(f'第{n}篇', f'<p>正文{n}。</p>')}" for n in range(33))
    page = "-- pages/about.md --\nTitle: 关于\n\n手写的一页。\n"

    built = build(articles + page, "-e", 'THEME_TEMPLATES_OVERRIDES=["mine"]', 'NEWSARCHIVE_EXECUTOR="processes"')

    assert built.exit_code == 1
    assert "Traceback" not in built.said
    [reported] = [each for each in built.said.splitlines() if " — " in each]
    assert re.search(rf"(^|[ /])mine/{template}:{line}: ", reported), reported
    assert message in reported


def test_a_mistake_is_reported_the_same_by_one_process(build: Build, tmp_path: Path) -> None:
    write_files(tmp_path / "mine", "-- article.html --\n\n{{ greeting }}\n")
    options = ('THEME_TEMPLATES_OVERRIDES=["mine"]', 'NEWSARCHIVE_EXECUTOR="serial"')

    built = build(f"-- a.md --\n{article('甲', '<p>正文。</p>')}", "-e", *options)

    assert built.exit_code == 1
    assert "mine/article.html:2: 'greeting' is undefined — " in built.said
    assert "Traceback" not in built.said


def test_a_template_that_is_not_utf_8_is_named(build: Build, tmp_path: Path) -> None:
    (tmp_path / "mine/partials").mkdir(parents=True)
    (tmp_path / "mine/partials/head.html").write_bytes("<!--\n一二 -->".encode("gb18030"))

    built = build(f"-- a.md --\n{article('甲', '<p>正文。</p>')}", "-e", 'THEME_TEMPLATES_OVERRIDES=["mine"]')

    assert built.exit_code == 1
    assert "mine/partials/head.html:2: the file is not UTF-8 — correct the template" in built.said
    assert "Traceback" not in built.said


def _used_messages() -> Catalog:
    sys.path.insert(0, str(PROJECT / "tools"))
    try:
        from write_catalogues import messages
    finally:
        sys.path.pop(0)
    return messages()


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_every_catalogue_has_every_word_and_no_other(path: Path) -> None:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem.replace("-", "_"))
    used = {(message.id, message.context) for message in _used_messages() if message.id}
    held = {(message.id, message.context): message for message in catalogue if message.id}

    untranslated = [
        key for key, each in held.items() if not each.string or (each.pluralizable and not all(each.string))
    ]
    holes = [key for key, each in held.items() if list(each.check(catalogue))]
    assert held.keys() == used
    assert untranslated == []
    assert holes == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-cn", "跳到正文"),
        ("zh-tw", "跳到正文"),
        ("en", "Skip to the text"),
        ("en-GB", "Skip to the text"),
        ("zh-hk", "標籤"),
    ],
)
def test_the_language_is_a_setting(build: Build, language: str, words: str) -> None:
    built = build(f"-- a.md --\n{article('甲', '<p>正文在这里。</p>')}", "-e", f'DEFAULT_LANG="{language}"')

    home = (built.output / "index.html").read_text("utf-8")
    assert words in home
    assert f'<html lang="{language.partition("-")[0]}' in home


def test_no_chinese_word_stands_in_a_template() -> None:
    found = [
        f"{path.name}: {match[0]}"
        for path in (THEME / "templates").rglob("*.html")
        for match in re.finditer("[\u3400-\u9fff]+", path.read_text("utf-8"))
    ]

    assert found == []


def test_an_english_site_says_no_chinese_word_of_its_own(build: Build) -> None:
    bare = article("Another title", "<p>Some other text.</p>", ())
    body = "<h3>One</h3><p>Text of the first part.</p><h3>Two</h3><p>More.</p><h3>Three</h3><p>End.</p>"
    text = f"-- a.md --\n{article('Title', body, ('World', 'Ledger', 'Ports'))}-- b.md --\n{bare}".replace(
        "晨报", "Ledger"
    )

    built = build(text, "-e", 'DEFAULT_LANG="en"', 'SITENAME="Archive"', 'SITESUBTITLE=""')

    chinese = {path for path, data in built.tree().items() if re.search("[\u3400-\u9fff]", data.decode())}
    assert {path for path in chinese if path.endswith(".html")} == set()


def test_a_language_without_a_catalogue_is_told_with_those_there_are(build: Build) -> None:
    built = build(f"-- a.md --\n{article('甲', '<p>正文。</p>')}", "-e", 'DEFAULT_LANG="fr"')

    assert built.exit_code == 1
    assert (
        "DEFAULT_LANG: the theme has no 'fr' — use one of en, zh-CN, zh-TW, or write translations/fr.po" in built.said
    )


# --- Budgets

SENTENCE = "海湾边的图书馆今天重新开放，读者沿着新修的木栈道走进大厅，在朝南的窗前找到了旧日的座位。"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Eleven articles of 1,500 characters on one subject, for an address."""
    work = tmp_path_factory.mktemp("budget")
    content = work / "content"
    content.mkdir()
    for number in range(11):
        body = "".join(f"<p>{SENTENCE * 7}</p>" for _ in range(5))
        text = article(f"海湾图书馆重新开放后的第{number + 1}个周末", body, date=f"2021-10-{number + 10} 08:00:00")
        text = text.replace(
            "comments: false", f"tags: [图书馆, 海湾, 木栈道, 栈道{number}, 座位{number}, 大厅{number}]"
        )
        (content / f"{number}.md").write_text(text, "utf-8")
    built = build_site(content, work, "-e", 'SITEURL="https://archive.example"')
    assert built.exit_code == 0, built.said
    return built


def test_an_article_page_adds_little_to_its_text(measured: Built) -> None:
    page, body = measured.page("8.md"), measured.body("8.md")

    assert len(BeautifulSoup(body, "html.parser").get_text()) >= 1_500
    assert page.count('rel="prev"') + page.count('rel="next"') == 2
    assert page.count("cite.bib") == 1
    assert len(page.encode()) - len(body.encode()) <= 3.5 * 1024


def test_an_article_is_transferred_in_twenty_kilobytes(measured: Built) -> None:
    page = measured.page("8.md")
    soup = BeautifulSoup(page, "html.parser")
    folder = (measured.output / measured.ledger["8.md"]["url"]).parent
    parts = [str(each.get("href") or each.get("src")) for each in soup.select("link[rel=stylesheet], script[src]")]

    sizes = [len(gzip.compress(page.encode()))] + [len(gzip.compress((folder / part).read_bytes())) for part in parts]
    assert [part.rpartition("/")[2] for part in parts] == ["site.css", "scheme.js", "search-box.js"]
    assert sum(sizes) <= 20_000


def test_the_style_sheet_is_small() -> None:
    assert len(gzip.compress((THEME / "static/css/site.css").read_bytes())) <= 12_000


def test_every_colour_is_a_token() -> None:
    rules = (THEME / "static/css/site.css").read_text("utf-8").partition("/* Ground */")[2]
    outside_print = rules.partition("@media print")[0]

    assert re.findall(r"#[0-9a-f]{3,8}\b|rgba?\(", outside_print) == []


# --- Articles

BODY = "<h3>起</h3><p>第一段文字。</p><h3>承</h3><p>第二段文字。</p><h3>转</h3><p>第三段文字。</p>"


def _soup(page: str) -> BeautifulSoup:
    return BeautifulSoup(page, "html5lib")


def test_a_long_article_has_a_contents_list_that_leads_to_its_headings(build: Build) -> None:
    page = _soup(build(f"-- a.md --\n{article('甲', BODY)}").page("a.md"))

    links = page.select(".contents a")
    assert [link.get_text() for link in links] == ["起", "承", "转"]
    for link in links:
        target = page.select_one(str(link["href"]))
        assert isinstance(target, Tag)
        assert target.get_text() == link.get_text()


def test_an_article_with_two_headings_has_none(build: Build) -> None:
    page = _soup(build(f"-- a.md --\n{article('甲', BODY.partition('<h3>转')[0])}").page("a.md"))

    assert not page.select(".contents, .text [id]")


def test_earlier_coverage_is_older_and_an_old_page_stays_when_a_new_article_comes(tmp_path: Path) -> None:
    content = tmp_path / "content"
    content.mkdir()

    def write(number: int, section: str) -> None:
        text = article(
            f"海湾图书馆扩建工程第{number}期", f"<p>第{number}期工程的新闻正文。</p>", (section, "晨报", "要闻")
        )
        text = text.replace("2021-10-10", f"2021-10-{number:02} 08:00:00").replace("comments: false", "tags: [图书馆]")
        (content / f"{number}.md").write_text(text, "utf-8")

    for number in range(1, 10):
        write(number, "财经")
    for number in range(30):
        text = article(f"别的事{chr(0x4E00 + number * 97)}{chr(0x5000 + number * 89)}", f"<p>{number} 无关的正文。</p>")
        (content / f"other-{number}.md").write_text(text, "utf-8")
    before = build_site(content, tmp_path)
    write(20, "文化")
    after = build_site(content, tmp_path)

    page = _soup(before.page("8.md"))
    titles = [link.get_text() for link in page.select("section.beyond a")]
    assert titles == ["海湾图书馆扩建工程第7期", "海湾图书馆扩建工程第6期", "海湾图书馆扩建工程第5期"]
    old = [source for source in before.ledger if before.page(source) != after.page(source)]
    assert old == []
    assert "海湾图书馆扩建工程第9期" in after.page("20.md")


def test_images_that_nobody_described_are_called_images(build: Build) -> None:
    images = '<p><img src="https://img.example/a.jpg"></p><p><img src="https://img.example/b.jpg" alt="海"></p>'
    body = f"<p>文字在这里。</p>{images}"
    built = build(f"-- a.md --\n{article('甲', body)}")

    alts = [str(image["alt"]) for image in _soup(built.page("a.md")).select(".text img")]
    assert alts == ["图片", "海"]


def test_an_article_in_another_language_says_so(build: Build) -> None:
    english = "<p>The night train returns to the coast line, and the town is glad that it has come back to it.</p>"
    built = build(f"-- a.md --\n{article('Night train', english)}-- b.md --\n{article('甲', '<p>这是正文。</p>')}")

    assert '<article class="article" itemscope lang="en">' in built.page("a.md")
    assert '<article class="article" itemscope>' in built.page("b.md")


def test_structured_data_cannot_end_its_own_script(build: Build) -> None:
    title = "甲</script><script>alert(1)</script>"
    built = build(f"-- a.md --\n{article(title, '<p>正文在这里。</p>')}")

    block = _soup(built.page("a.md")).select_one('script[type="application/ld+json"]')
    assert block is not None
    assert '"@type":"NewsArticle"' in str(block.string)
    assert "<" not in str(block.string)
    assert len(_soup(built.page("a.md")).select("script:not([src])")) == 1
