"""lunr is the oracle: our shards give the weights of lunr.py's whole index, and the answers of lunr.js's."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from lunr.builder import Builder

from collecting import gather, text_of_body
from newsarchive.collect import Archive
from newsarchive.index.files import BOOSTS
from newsarchive.index.quantized_lengths import LEVELS, level_of
from newsarchive.index.term_vectors import FIELDS
from newsarchive.index.tokens import tag_term, tokenise
from newsarchive.models import Article
from newsarchive.search.partial_index import make_bm25_weight
from newsarchive.search.published import open_published

from .corpus import fields_of, mixed_archive, mixed_texts, write_index
from .node import run_node

WANT = 500


def tokens_of(article: Article, texts: Mapping[str, str]) -> list[list[str]]:
    """The tokens of each field; `texts` are those of bodies, by path."""
    title, body, facts = map(tokenise, fields_of(article, texts))
    return [title, body, facts + [tag_term(tag) for tag in article.tags]]


def wrong_weights(
    archive: Archive, texts: Mapping[str, str], output: Path
) -> tuple[int, list[tuple[str, str, float, float]]]:
    """How many weights lunr.py's index has, and those that ours has not or has otherwise."""
    builder = Builder()
    builder.ref("id")
    for name, boost in zip(FIELDS, BOOSTS, strict=True):
        builder.field(name, boost=boost)
    for number, article in enumerate(archive.articles):
        builder.add({"id": number, **dict(zip(FIELDS, tokens_of(article, texts), strict=True))})
    for reference, length in builder.field_lengths.items():
        builder.field_lengths[reference] = LEVELS[level_of(length)]
    index = builder.build()

    published = open_published(output)
    ours = published.load_postings(lambda segment: range(len(segment.first_terms)), lambda _: True)
    weights = {
        (term, f"{name}/{document}"): weight(field, document, count)
        for term, posting in ours.items()
        for weight in [make_bm25_weight(posting, published)]
        for field, name in enumerate(FIELDS)
        for document, count in zip(posting[field].documents, posting[field].counts, strict=True)
    }
    terms = {posting["_index"]: term for term, posting in index.inverted_index.items()}
    theirs = {
        (terms[vector.elements[at]], reference): vector.elements[at + 1]
        for reference, vector in index.field_vectors.items()
        for at in range(0, len(vector.elements), 2)
    }
    wrong = [
        (*key, theirs.get(key, 0), weights.get(key, 0))
        for key in theirs.keys() | weights.keys()
        if theirs.get(key) != weights.get(key)
    ]
    return len(theirs), wrong


def test_no_weight_differs_from_those_of_lunrs_whole_index(mixed_output: Path) -> None:
    count, wrong = wrong_weights(mixed_archive(), mixed_texts(), mixed_output)

    assert wrong == []
    assert count > 30_000


def random_queries(documents: Sequence[list[list[str]]], count: int) -> list[list[dict[str, Any]]]:
    """Queries of one to four terms out of the documents, some of fields, some prefixes, boosts, and unwanted terms."""
    dice = random.Random(3)
    return [[_random_clause(documents, dice, number) for number in range(dice.randint(1, 4))] for _ in range(count)]


def _random_clause(documents: Sequence[list[list[str]]], dice: random.Random, number: int) -> dict[str, Any]:
    tokens = [token for field in dice.choice(documents) for token in field]
    term = dice.choice(tokens)
    prefix = term.isascii() and term.isalpha() and len(term) > 3 and dice.random() < 0.75
    if dice.random() < 0.05:
        term, prefix = "字" + "不存在的词"[dice.randrange(5)] * 2, False
    return {
        "term": term[:3] if prefix else term,
        "prefix": prefix,
        "fields": dice.choice([FIELDS, FIELDS, ["title"], ["body", "facts"]]),
        "presence": dice.choice(
            ["REQUIRED", "REQUIRED", "OPTIONAL", "PROHIBITED"] if number else ["REQUIRED", "OPTIONAL"]
        ),
        "boost": dice.choice([1, 1, 1, 2, 0.5]),
    }


def ask_both(archive: Archive, texts: Mapping[str, str], output: Path, work: Path) -> dict[str, Any]:
    """Ask lunr.js's whole index and our shards the same queries, in Node."""
    documents = [tokens_of(article, texts) for article in archive.articles]
    lengths = [[LEVELS[level_of(len(tokens))] for tokens in document] for document in documents]
    asked = {
        "output": str(output),
        "fields": FIELDS,
        "boosts": BOOSTS,
        "documents": documents,
        "lengths": lengths,
        "queries": random_queries(documents, WANT),
    }
    answers: dict[str, Any] = run_node("oracle.js", asked, work)
    return answers


def test_five_hundred_queries_have_the_answers_of_lunrs_whole_index(mixed_output: Path, tmp_path: Path) -> None:
    answers = ask_both(mixed_archive(), mixed_texts(), mixed_output, tmp_path)

    assert answers["different"] == []
    assert answers["asked"] == WANT
    assert answers["found"] > WANT / 2
    assert answers["prefixes"] > WANT / 20


@pytest.fixture(scope="module")
def large(shared: Path) -> tuple[Archive, dict[str, str]]:
    """Several hundred real articles, where they are at hand, and their texts."""
    gathered = gather(shared / "corpus/dev")
    articles = gathered.archive.articles[::3]
    return Archive(articles), {each.source: text_of_body(gathered.bodies[each.source]) for each in articles}


@pytest.mark.slow
def test_the_same_holds_for_real_articles(large: tuple[Archive, dict[str, str]], tmp_path: Path) -> None:
    archive, texts = large
    output = write_index(archive, texts, tmp_path / "output")

    count, wrong = wrong_weights(archive, texts, output)
    answers = ask_both(archive, texts, output, tmp_path)

    assert wrong == []
    assert count > 100_000
    assert answers["different"] == []
    assert answers["found"] > WANT / 2
