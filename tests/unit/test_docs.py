"""The documents say what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import Environment

from newsarchive.articles import CleanHtml
from newsarchive.clean.rule_files import _KEYS
from newsarchive.clean.rules import FACTS
from newsarchive.cli import main
from newsarchive.collect import collect_archive
from newsarchive.records import from_bytes
from newsarchive.render.article_pages import ArticlePage, ArticlePages, page_of
from newsarchive.render.environment import filters_for, make_environment
from newsarchive.render.page import PageGroup
from newsarchive.render.pages import pages_of
from newsarchive.render.site import describe_site
from newsarchive.render.words import load_words
from newsarchive.settings import Settings, settings_table

from .making import make_article

PROJECT = Path(__file__).resolve().parent.parent.parent
THEME = PROJECT / "theme"


def _read(name: str) -> str:
    return (PROJECT / name).read_text("utf-8")


def test_the_table_of_settings_is_the_programs_own() -> None:
    assert settings_table() in _read("docs/settings.md")


@pytest.mark.parametrize("word", [*_KEYS, *FACTS])
def test_every_word_of_a_rule_file_is_explained(word: str) -> None:
    assert re.search(rf"\b{word}\b", _read("docs/rules.md"))


@pytest.mark.parametrize("template", sorted(path.name for path in (PROJECT / "theme/templates").glob("*.html")))
def test_every_template_is_explained(template: str) -> None:
    assert f"`{template}`" in _read("docs/theme.md")


@pytest.mark.parametrize("partial", sorted(path.name for path in (PROJECT / "theme/templates/partials").glob("*")))
def test_every_partial_is_explained(partial: str) -> None:
    assert f"`{partial}`" in _read("docs/theme.md")


def names_given() -> set[tuple[str, str]]:
    """(template, name) for all that templates get beside what every one gets."""
    words = load_words(THEME / "translations", "en")
    archive = collect_archive([make_article(f"{n}.md", tags=("甲",)) for n in range(5)], Settings())
    site = describe_site(archive, "", "", "", words, (), searchable=True)
    pages = [page_of(from_bytes(data, ArticlePage), CleanHtml(""), site, words) for _, data in ArticlePages(archive)]
    for each in pages_of(archive, site, Settings(), words):
        pages += each.pages() if isinstance(each, PageGroup) else [each]
    return {(page.template, name) for page in pages for name in page.context}


@pytest.mark.parametrize(("template", "name"), sorted(names_given()))
def test_every_name_that_a_template_is_given_is_explained(template: str, name: str) -> None:
    rows = [line for line in _read("docs/theme.md").splitlines() if line.startswith("|") and f"`{template}`" in line]

    assert [row for row in rows if f"`{name}`" in row]


def test_every_function_that_templates_call_is_explained() -> None:
    own = make_environment([THEME / "templates"], load_words(THEME / "translations", "en")).globals.keys()

    names = own - Environment(extensions=["jinja2.ext.i18n"]).globals.keys() - {"gettext", "pgettext", "npgettext"}

    assert names
    assert [name for name in sorted(names) if f"{name}(" not in _read("docs/theme.md")] == []


@pytest.mark.parametrize("name", filters_for(load_words(THEME / "translations", "en")))
def test_every_filter_is_explained(name: str) -> None:
    assert re.search(rf"`{name}[`(]", _read("docs/theme.md"))


@pytest.mark.parametrize("command", re.findall(r"newsarchive ([a-z-]+(?: new)?) ", _read("docs/commands.md")))
def test_every_command_in_the_documents_exists(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([*command.split(), "--help"])

    assert left.value.code == 0
    assert "usage: newsarchive" in capsys.readouterr().out


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)\)", _read("README.md")))))
def test_every_file_the_readme_points_to_exists(link: str) -> None:
    assert (PROJECT / link).is_file()


def test_no_locked_requirement_names_a_registry() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = _read(name)

        assert "://" not in text
        assert text.count("--hash=sha256:") > 20
