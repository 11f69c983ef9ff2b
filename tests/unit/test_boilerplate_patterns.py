"""Lines give themselves away by their words; sentences of news that use the same words do not."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from newsarchive.clean.boilerplate_patterns import EDITOR, PATTERNS, find_pattern, is_credits
from unit.factories import VECTORS

TABLE: dict[str, Any] = tomllib.loads((VECTORS / "cues.toml").read_text("utf-8"))


def _lines(kind: str) -> list[Any]:
    """(pattern, line) for every line of that kind."""
    return [pytest.param(name, line, id=f"{name}: {line}") for name in PATTERNS for line in TABLE[name][kind]]


@pytest.mark.parametrize(("name", "line"), _lines("lines"))
def test_a_line_matches_the_pattern_that_its_words_say(name: str, line: str) -> None:
    assert find_pattern(line) == name


@pytest.mark.parametrize(("name", "line"), _lines("innocent"))
def test_a_sentence_that_only_speaks_of_such_things_matches_no_pattern(name: str, line: str) -> None:
    assert find_pattern(line) == ""


@pytest.mark.parametrize("name", PATTERNS)
def test_every_pattern_has_lines_that_match_it_and_lines_that_do_not(name: str) -> None:
    assert TABLE[name]["lines"]
    assert len(TABLE[name]["innocent"]) > 2


@pytest.mark.parametrize("opening", ["（", "【", "「", "—— ", "• ", "👉 ", "# ", "> "])
def test_marks_in_front_of_a_line_hide_no_pattern(opening: str) -> None:
    assert find_pattern(f"{opening}相关阅读") == "related or next"


def test_an_offer_deep_in_a_long_sentence_is_part_of_what_it_tells() -> None:
    beginning = "市里的二手书店今年多了一倍，店主们说，来的人大多是学生，也有专门从外地赶来的收藏者，"

    assert find_pattern("店里写着立即下单") == "advertisement"
    assert find_pattern(f"{beginning}他们在柜台前看到的牌子上写着立即下单四个字，下面是一个箭头。") == ""


@pytest.mark.parametrize("line", TABLE["credits"]["lines"])
def test_a_line_of_roles_and_names_is_credits(line: str) -> None:
    assert is_credits(line)


@pytest.mark.parametrize("line", TABLE["credits"]["innocent"])
def test_an_author_alone_or_a_sentence_about_editing_is_no_credits(line: str) -> None:
    assert not is_credits(line)


@pytest.mark.parametrize(("line", "editor"), TABLE["editors"].items())
def test_who_edited_an_article_is_found_in_its_credits(line: str, editor: str) -> None:
    match = EDITOR.search(line)

    assert (match[1] if match else "") == editor
