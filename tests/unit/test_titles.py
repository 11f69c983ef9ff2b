"""Titles are plain text, with the characters back that the crawler had replaced by `_`."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from newsarchive.describe.titles import plain_title, repair_title
from unit.factories import load_cases


@pytest.mark.parametrize("case", load_cases("titles", "plain"))
def test_a_title_is_plain_text(case: dict[str, Any]) -> None:
    assert plain_title(case["found"]) == case["plain"]


@pytest.mark.parametrize("case", load_cases("titles", "repaired"))
def test_a_lost_character_comes_back_where_the_body_or_custom_tells_it(case: dict[str, Any]) -> None:
    assert repair_title(case["found"], case["text"], case["original"]) == case["repaired"]


def test_a_title_as_long_as_a_book_is_cut() -> None:
    assert plain_title("长" * 10_000) == "长" * 300


def test_a_title_cut_at_a_space_does_not_end_in_one() -> None:
    assert plain_title("x" * 299 + " y") == "x" * 299


def test_marks_are_bound_wherever_in_unicode_they_stand() -> None:
    for code in range(0x110000):
        if unicodedata.category(chr(code)) in {"Mn", "Me"} and unicodedata.normalize("NFC", chr(code)) == chr(code):
            assert plain_title.__wrapped__(f"中{chr(code) * 9}文").count(chr(code)) <= 4, hex(code)
