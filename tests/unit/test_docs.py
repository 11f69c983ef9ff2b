"""The documents say what the program does."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

import pytest
from jinja2 import Environment

from newsarchive.clean.rule_files import _KEYS
from newsarchive.clean.rules import FACTS
from newsarchive.commands.main import COMMANDS, main, make_parser
from newsarchive.commands.options import OPTIONS
from newsarchive.config.settings import settings_table
from newsarchive.i18n import load_translations
from newsarchive.render.environment import filters_for, make_environment

PROJECT = Path(__file__).resolve().parent.parent.parent
THEME = PROJECT / "theme"

_DOCUMENTS = sorted(path.relative_to(PROJECT).as_posix() for path in (PROJECT / "docs").glob("*.md"))


def _read(name: str) -> str:
    return (PROJECT / name).read_text("utf-8")


def _kinds_of_verify() -> set[str]:
    """The kinds of problems of `check-site`; those of `check-content` are the ledger's."""
    modules = (PROJECT / "plugins/newsarchive/verify").glob("*.py")
    sources = (path.read_text("utf-8") for path in modules if path.name != "content.py")
    return {kind for source in sources for kind in re.findall(r'Diagnostic\(\s*"([a-z-]+)"', source)}


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
    own = make_environment([THEME / "templates"], load_translations(THEME / "translations", "en")).globals.keys()

    names = own - Environment(extensions=["jinja2.ext.i18n"]).globals.keys() - {"gettext", "pgettext", "npgettext"}

    assert names
    assert [name for name in sorted(names) if f"{name}(" not in _read("docs/theme.md")] == []


@pytest.mark.parametrize("name", filters_for(load_translations(THEME / "translations", "en")))
def test_every_filter_is_explained(name: str) -> None:
    assert re.search(rf"`{name}[`(]", _read("docs/theme.md"))


def test_the_table_of_rooms_is_the_packages_own(tmp_path: Path) -> None:
    copy = tmp_path / "architecture.md"
    copy.write_text(_read("docs/architecture.md"), "utf-8")

    subprocess.run([sys.executable, str(PROJECT / "tools/write_architecture_table.py"), str(copy)], check=True)

    assert copy.read_text("utf-8") == _read("docs/architecture.md"), "run: make docs"


def test_the_reference_describes_every_command_and_every_option_as_they_are(tmp_path: Path) -> None:
    copy = tmp_path / "commands.md"
    copy.write_text(_read("docs/commands.md"), "utf-8")

    subprocess.run([sys.executable, str(PROJECT / "tools/write_commands_table.py"), str(copy)], check=True)

    assert copy.read_text("utf-8") == _read("docs/commands.md"), "run: make docs"


def _options_of(command: str) -> set[str]:
    """Long options in the help of a command, of all its actions."""
    parsers = [make_parser(command)]
    options: set[str] = set()
    while parsers:
        parser = parsers.pop()
        options |= {name for name in parser._option_string_actions if name.startswith("--")}
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                parsers += [action.choices[command]] if command in action.choices else action.choices.values()
    return options - {"--help", "--version"}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_and_option_is_in_the_reference_and_no_other(command: str) -> None:
    sections = re.findall(rf"^### `newsarchive {command}\b.*?(?=^###|^<!--)", _read("docs/commands.md"), re.M | re.S)

    assert sections
    assert set(re.findall(r"^\| `(--[a-z-]+)", "".join(sections), re.MULTILINE)) == _options_of(command)


def test_every_entry_of_the_table_of_options_is_used() -> None:
    assert {name for command in COMMANDS for name in _options_of(command)} == {
        name for name in OPTIONS if name.startswith("--")
    }


@pytest.mark.parametrize("kind", sorted(_kinds_of_verify()))
def test_every_kind_of_problem_that_verify_tells_is_explained(kind: str) -> None:
    assert f"| `{kind}` |" in _read("docs/publishing.md")


@pytest.mark.parametrize("key", ["title", "url", "date", "categories", "tags", "source"])
def test_every_key_of_the_catalogue_is_explained(key: str) -> None:
    assert f"| `{key}` |" in _read("docs/ledger.md").partition("## The catalogue")[2]


@pytest.mark.parametrize("command", re.findall(r"newsarchive ([a-z-]+(?: new)?) ", _read("docs/commands.md")))
def test_every_command_in_the_documents_exists(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([*command.split(), "--help"])

    assert left.value.code == 0
    assert "usage: newsarchive" in capsys.readouterr().out


@pytest.mark.parametrize("document", ["README.md", *_DOCUMENTS])
def test_every_file_and_heading_a_document_points_to_exists(document: str) -> None:
    for link, heading in re.findall(r"\]\(([^)#:]*)(?:#([^)]+))?\)", _read(document)):
        target = (PROJECT / document).parent / link if link else PROJECT / document

        assert target.is_file(), f"{document}: {link}"
        if heading:
            headings = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE)
            assert heading in {each.lower().replace(" ", "-") for each in headings}, f"{document}: #{heading}"


@pytest.mark.parametrize("document", _DOCUMENTS)
def test_the_readme_leads_to_every_document(document: str) -> None:
    assert f"({document})" in _read("README.md")


def test_no_document_names_a_registry() -> None:
    for document in ("README.md", *_DOCUMENTS):
        assert not re.search(r"pypi\.org|npmjs\.", _read(document)), document


def test_no_locked_requirement_names_a_registry() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = _read(name)

        assert "://" not in text
        assert text.count("--hash=sha256:") > 20
