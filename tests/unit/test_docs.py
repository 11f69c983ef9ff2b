"""The documents say what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import Environment

from newsarchive.clean.rule_files import _KEYS
from newsarchive.clean.rules import FACTS
from newsarchive.cli import main
from newsarchive.render.environment import filters_for, make_environment
from newsarchive.render.words import load_words
from newsarchive.settings import settings_table

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
