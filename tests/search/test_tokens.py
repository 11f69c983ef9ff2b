"""Text is cut the same way in Python and in JavaScript."""

from __future__ import annotations

import random
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import PROJECT
from newsarchive.index.characters import load_characters
from newsarchive.index.stemmer import stem
from newsarchive.index.term_vectors import TermVectors
from newsarchive.index.terms import FieldTexts, count_terms
from newsarchive.index.tokens import fold, query_terms, tag_term, tokenise
from newsarchive.search.query import parse_query
from properties.strategies import property_test
from unit.factories import load_cases

from .node import run_node
from .record_vectors import VECTORS, as_javascript, record, show_terms

# Letters and signs of every script that this Python knows: what a later Unicode adds, it cannot judge.
KNOWN = [chr(code) for code in range(0x32000) if unicodedata.category(chr(code)) not in {"Cn", "Co", "Cs"}]
COMMON = list('的一是王中國经濟发後ＡｂCdeS  \n，。“”"-:：*标题title date2021..カｶﾞ한ᄒ ́é5')


def random_texts(count: int) -> list[str]:
    """Texts of all scripts, half of them mostly of what people type."""
    dice = random.Random(5)
    return [
        "".join(
            dice.choice(COMMON if number % 2 and dice.random() < 0.9 else KNOWN) for _ in range(dice.randint(0, 30))
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("case", load_cases("tokens", "tokens"))
def test_text_is_cut_into_tokens(case: dict[str, Any]) -> None:
    assert tokenise(case["text"]) == case["tokens"]


@pytest.mark.parametrize("case", load_cases("tokens", "query_terms"))
def test_a_query_asks_for_terms_that_the_index_has(case: dict[str, Any]) -> None:
    assert show_terms(case["text"], case["open"]) == case["terms"]


@pytest.mark.parametrize("table", ["tokens", "queries"])
def test_recording_vectors_again_changes_only_what_python_answers_otherwise(
    table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (VECTORS / f"{table}.json").read_text("utf-8")
    wrong = text.replace('"tokens": ["中国", ', '"tokens": ["国中", ').replace(
        '"text": "中国", "field"', '"text": "国", "field"'
    )
    (tmp_path / f"{table}.json").write_text(wrong, "utf-8")
    monkeypatch.setattr("search.record_vectors.VECTORS", tmp_path)

    assert wrong != text
    assert record(table) == text


def test_python_and_javascript_agree_on_random_text_of_all_scripts(tmp_path: Path) -> None:
    texts = random_texts(4000)

    answers = run_node("agree.js", {"texts": texts}, tmp_path)

    wrong = [
        text
        for number, text in enumerate(texts)
        if answers["tokens"][number] != tokenise(text)
        or answers["folds"][number] != fold(text)
        or answers["terms"][number] != [{"term": t.term, "prefix": t.prefix} for t in query_terms(text, True)]
        or answers["queries"][number] != as_javascript(text)
    ]
    assert wrong == []


@pytest.mark.parametrize("case", load_cases("queries", "queries"))
def test_what_is_typed_is_understood(case: dict[str, Any]) -> None:
    assert as_javascript(case["typed"]) == {"pieces": case["pieces"], "filters": case["filters"]}


def test_every_word_has_the_stem_that_lunr_gives_it(tmp_path: Path) -> None:
    words = stemmer_words(20_000)

    stems = run_node("agree.js", {"words": words}, tmp_path)["stems"]

    assert [(word, told, stem(word)) for word, told in zip(words, stems, strict=True) if stem(word) != told] == []


ENDINGS = """ational tional enci anci izer bli alli entli eli ousli ization ation ator alism iveness fulness ousness
aliti iviti biliti logi icate ative alize iciti ical ful ness al ance ence er ic able ible ant ement ment ent ou ism ate
iti
ous ive ize sion tion e ll y ed ing eed ies sses s""".split()


def stemmer_words(count: int) -> list[str]:
    """The words of this project's own texts, and stems of all shapes under every ending that the stemmer knows."""
    dice = random.Random(7)
    files = [PROJECT / "README.md", PROJECT / "DESIGN.md", *sorted((PROJECT / "docs").glob("*.md"))]
    own = {word for file in files for word in tokenise_words(file.read_text("utf-8"))}
    made = {
        "".join(dice.choice("aeiouybcdlmnrstvz") for _ in range(dice.randint(1, 6)))
        + "".join(dice.choice(ENDINGS) for _ in range(dice.randint(0, 3)))
        for _ in range(count)
    }
    return sorted(own | made | {"eed", "eeds", "day", "play", "key", "by", "cry", "yes", "vyyed"})


def tokenise_words(text: str) -> set[str]:
    """Its words of a–z."""
    return {word for word in text.lower().split() if word.isascii() and word.isalpha()}


@property_test
@given(st.text(max_size=60))
def test_cutting_never_fails_and_loses_no_letter(text: str) -> None:
    classes = load_characters().classes
    letters = [char for char in fold(text) if char != " "]

    assert all(classes[ord(char)] for char in letters)
    assert sum(len(run) for run in fold(text).split()) == len(letters)
    assert tag_term(text).startswith("#")


@property_test
@given(st.lists(st.builds(FieldTexts, *[st.text(max_size=40)] * 3, tags=st.lists(st.text(max_size=5))), max_size=4))
def test_counting_articles_counts_their_tokens(articles: list[FieldTexts]) -> None:
    counted = count_terms(articles)

    tokens = [[len(tokenise(text)) for text in (title, body, facts)] for title, body, facts, _ in articles]
    for of_article, (_, _, _, tags) in zip(tokens, articles, strict=True):
        of_article[-1] += len(tags)
    lengths = TermVectors.from_entries(enumerate(counted)).lengths(len(articles))
    assert lengths.T.tolist() == tokens
    assert counted == [count_terms([article])[0] for article in articles]


@property_test
@given(st.text())
def test_nothing_that_is_typed_can_fail(typed: str) -> None:
    query = parse_query(typed)

    assert len(query.text_clauses) + len(query.filters) <= len(typed)
