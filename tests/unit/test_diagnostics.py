"""What is wrong is told in one line that names place, problem and repair, and no file name can forge one."""

from __future__ import annotations

import pickle

import pytest

from newsarchive.diagnostics import (
    ConfigurationError,
    Diagnostic,
    NewsArchiveError,
    RejectedFile,
    RenderError,
    printable,
)


def test_a_problem_is_one_line() -> None:
    diagnostic = Diagnostic("date", "财经/a.md:3", "no date", "give it one")

    assert str(diagnostic) == "财经/a.md:3: no date — give it one"


def test_a_file_name_cannot_forge_a_line_or_turn_it_round() -> None:
    diagnostic = Diagnostic("empty", "a\n0 problems\u202e\x1b[2J.md", "file is empty", "delete it")

    assert str(diagnostic) == r"a\n0 problems\u202e\x1b[2J.md: file is empty — delete it"


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("plain ASCII", "plain ASCII"),
        ("北京“两区” é 👍", "北京“两区” é 👍"),
        ("a\tb\r\0", r"a\tb\r\x00"),
        ("\x7f\x9b", r"\x7f\x9b"),
        ("\u200b\u200d\u2066\ufeff", r"\u200b\u200d\u2066\ufeff"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\U000e0041", r"\U000e0041"),
        ("\udcb1", r"\udcb1"),
    ],
)
def test_what_could_move_the_cursor_or_hide_is_escaped(text: str, escaped: str) -> None:
    assert printable(text) == escaped


def test_a_configuration_error_tells_every_problem_a_line_each() -> None:
    diagnostics = [Diagnostic("setting", name, "is wrong", "mend it") for name in ("A", "B")]

    error = ConfigurationError(iter(diagnostics))

    assert error.diagnostics == tuple(diagnostics)
    assert str(error) == "A: is wrong — mend it\nB: is wrong — mend it"


def test_a_rejection_carries_its_problem() -> None:
    diagnostic = Diagnostic("empty", "a.md", "file is empty", "delete it")

    assert RejectedFile(diagnostic).diagnostic is diagnostic
    assert str(RejectedFile(diagnostic)) == str(diagnostic)


@pytest.mark.parametrize("error", [ConfigurationError, RejectedFile])
def test_every_error_meant_to_be_caught_is_one_of_ours(error: type[Exception]) -> None:
    assert issubclass(error, NewsArchiveError)


def test_an_error_in_a_template_comes_out_of_a_worker_process_as_it_went_in() -> None:
    error = RenderError(Diagnostic("template", "a.html:3", "'x' is undefined", "define it"))

    again = pickle.loads(pickle.dumps(error))

    assert again.diagnostic == error.diagnostic
    assert str(again) == "a.html:3: 'x' is undefined — define it"
