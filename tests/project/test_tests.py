"""tests/README.md names every folder and mark of the tests, and only commands that work."""

from __future__ import annotations

import re
import tomllib

import pytest

from conftest import MARKS, PROJECT

TESTS = PROJECT / "tests"
README = (TESTS / "README.md").read_text("utf-8")
FOLDERS = dict(re.findall(r"^\| `(\w+)/` \|.*\| (?:`(\w+)` )?\|$", README, re.MULTILINE))
COMMANDS = re.findall(r"^\$ \.venv/bin/python (.+)$", README, re.MULTILINE)


def test_every_folder_of_the_tests_is_in_the_readme_with_its_mark() -> None:
    folders = {path.name for path in TESTS.iterdir() if path.is_dir() and not path.name.startswith(("_", "."))}

    assert {folder: " ".join(MARKS.get(folder, [])) for folder in folders} == FOLDERS


def test_every_mark_is_in_the_readme() -> None:
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]
    marks = [mark.partition(":")[0] for mark in settings["markers"]]

    assert marks
    assert [mark for mark in marks if f"`-m {mark}`" not in README] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_readme_names_files_and_tests_that_exist(command: str) -> None:
    for path, test in re.findall(r"(tests/[\w/]+(?:\.py)?)(?:::(\w+))?", command):
        assert (PROJECT / path).exists()
        assert f"def {test}" in (PROJECT / path).read_text("utf-8") if test else True


@pytest.mark.parametrize("variable", re.findall(r"`([A-Z_]+)=", README))
def test_every_variable_of_the_readme_is_read_by_a_test(variable: str) -> None:
    assert any(f'"{variable}"' in path.read_text("utf-8") for path in TESTS.rglob("test_*.py"))
