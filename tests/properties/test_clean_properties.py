"""Properties of the clean stage's judgement: what goes is accounted for, goes at once, and nothing is made up."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.clean import clean_article
from newsarchive.clean.boilerplate_patterns import PATTERNS, find_pattern
from newsarchive.clean.cleaning_context import Removal
from newsarchive.clean.rules import RuleBook
from newsarchive.clean.sanitise import sanitise
from newsarchive.models import CleanArticle, RawArticle, RawHtml

from .strategies import any_text, hostile_text, property_test, quick_property_test

TESTS = Path(__file__).resolve().parent.parent


def _table(path: str) -> dict[str, Any]:
    return tomllib.loads((TESTS / path).read_text("utf-8"))


SIGNALS = _table("clean/names.toml")["signal"]
LINES = [f"<p>{line}</p>" for name in PATTERNS for line in _table("vectors/cues.toml")[name]["lines"]]
INNOCENT = [f"<p>{line}</p>" for name in PATTERNS for line in _table("vectors/cues.toml")[name]["innocent"]]
CASES = [case["raw"] for case in _table("clean/cases.toml")["case"]]
JUNK = [signal["goes"] for signal in SIGNALS] + LINES
HELD = [signal["stays"] for signal in SIGNALS] + INNOCENT

# Long enough to be prose wherever it stands; each is another one, so that it can be told whether it is still there.
prose = st.integers(0, 9999).map(
    lambda number: (
        f"<p>第{number}座桥在老城的北面，桥头有三棵柳树，树下常年有人下棋，也有人只是坐着看水，一坐就是一个下午，"
        f"直到天黑才慢慢走回家去，第二天又来；守桥人说，他记得{number}次大水，没有一次漫过桥面。</p>"
    )
)

# At a head no more than three blocks may go.
heads, tails = (st.lists(st.sampled_from(JUNK), max_size=most) for most in (2, 5))
articles = st.tuples(
    heads,
    prose.map(lambda one: [one]),
    st.lists(prose | st.sampled_from(HELD), min_size=1, max_size=6),
    prose.map(lambda one: [one]),
    tails,
).map(lambda parts: "".join(piece for part in parts for piece in part))

# In no order at all, with what the table of cases knows of broken markup too.
heaps = st.lists(prose | st.sampled_from([*JUNK, *HELD, *CASES]), max_size=10).map("".join)


def _clean(body: str, trace: list[Removal] | None = None) -> CleanArticle:
    return clean_article(RawArticle("property.md", "标题", {}, RawHtml(f"<div>{body}</div>")), RuleBook(), 50, trace)


@quick_property_test
@given(st.sampled_from(["p", "h2", "h3", "h4", "h5", "h6"]), hostile_text | any_text)
def test_a_block_is_made_safe_alone_as_it_is_beside_another(tag: str, text: str) -> None:
    block = f"<{tag}>{text.replace('<', '')}</{tag}>"

    # Beside another it takes the way through nh3; alone, if there is nothing in it, the short one.
    assert sanitise(f"{block}<hr>") == f"{sanitise(block)}<hr>"


@pytest.mark.parametrize("name", PATTERNS)
def test_a_line_that_matches_a_pattern_has_one_of_its_trigger_words(name: str) -> None:
    """To save time, a line without a trigger word is tried on no pattern. Such a line must match none."""

    @property_test
    @given(st.from_regex(PATTERNS[name], fullmatch=True, alphabet=st.characters(exclude_characters="ſıİK")))
    def is_found(line: str) -> None:
        line = re.sub(r"^\W+", "", " ".join(line.split()))  # what it is set off by is not looked at
        if PATTERNS[name].search(line) and len(line) <= 60 and not line.endswith("。"):
            assert find_pattern(line)

    is_found()


@property_test
@given(articles)
def test_cleaning_twice_changes_nothing_whatever_junk_stood_around(body: str) -> None:
    once = _clean(body)

    assert _clean(once.html).html == once.html


@property_test
@given(heaps)
def test_text_never_grows_whatever_junk_stood_around(body: str) -> None:
    clean = _clean(body)

    added = sum(len(word) for word in re.findall(r"▶ \S+", clean.text))
    assert len("".join(clean.text.split())) <= clean.source_length + added


@property_test
@given(heaps)
def test_every_removal_has_its_piece(body: str) -> None:
    trace: list[Removal] = []

    clean = _clean(body, trace)

    assert Counter(removal.reason for removal in trace) == Counter(clean.removed)


@property_test
@given(st.lists(st.sampled_from([*JUNK, *HELD]), min_size=1, max_size=8))
def test_a_word_that_is_gone_is_in_a_piece_that_was_taken_out(pieces: list[str]) -> None:
    marks = [f"记{place:03}号" for place in range(len(pieces))]
    body = "".join(f"{piece}<p>{mark}</p>" for piece, mark in zip(pieces, marks, strict=True))
    trace: list[Removal] = []

    clean = _clean(body, trace)

    told = clean.text + "".join(removal.piece for removal in trace)
    assert [mark for mark in marks if mark not in told] == []


@property_test
@given(articles)
def test_prose_stays_whatever_junk_stands_around(body: str) -> None:
    clean = _clean(body)

    assert [line for line in re.findall(r"<p>(第\d+座桥.*?)</p>", body) if line not in clean.text] == []
