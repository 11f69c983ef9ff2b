"""Build a lunr index (lunr.py) from the postings of a query's terms alone, and run the query on it.

A document's score in lunr depends only on the weights of the query's terms. So this partial index returns the same
documents in the same order with the same scores as an index of the whole archive. theme/static/js/search-index.js does
the same with lunr.js.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lunr.index import Index
from lunr.pipeline import Pipeline
from lunr.query import Query, QueryPresence
from lunr.vector import Vector

from newsarchive.index.merge_postings import utf16_key
from newsarchive.search.published import FieldPosting, Posting, PublishedIndex


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of the query: a document matches it if it has any of the `expansions` in one of the `fields`."""

    term: str
    expansions: Sequence[str]
    fields: Sequence[str]
    required: bool = True


@dataclass(frozen=True, slots=True)
class _TermList:
    """The part of lunr's TokenSet that is used: the list of its terms."""

    terms: Sequence[str]

    def to_list(self) -> list[str]:
        """Return the terms, as lunr's TokenSet does."""
        return list(self.terms)


@dataclass(frozen=True, slots=True)
class _ExpansionTable:
    """Replaces lunr's TokenSet of the vocabulary: the expansions of each clause are known already."""

    expansions: Mapping[str, Sequence[str]]

    def intersect(self, wanted: Any) -> _TermList:
        """Return the expansions of the clause whose term is the only one of `wanted`."""
        return _TermList(self.expansions[wanted.to_list()[0]])


def score_documents(
    published: PublishedIndex, clauses: Sequence[Clause], postings: Mapping[str, Posting]
) -> list[tuple[int, float]]:
    """Return (document, score) of every match, best first.

    `postings` maps each expansion of the clauses to its postings.
    """
    candidates = _matching_documents(published, clauses, postings)
    inverted, vectors = _build_index(published, postings, candidates)
    expansion_table = _ExpansionTable({clause.term: clause.expansions for clause in clauses})
    index = Index(inverted, vectors, expansion_table, list(published.fields), Pipeline())
    query = Query(list(published.fields))
    for clause in clauses:
        presence = QueryPresence.REQUIRED if clause.required else QueryPresence.OPTIONAL
        query.clause(clause.term, fields=list(clause.fields), presence=presence, use_pipeline=False)
    return [(int(result["ref"]), result["score"]) for result in index.query(query)]


def sum_postings(postings: Iterable[Posting], fields: int) -> Posting:
    """Return the postings of many terms as if they were one: 王 is the sum of all bigrams that begin with it."""
    sums: list[Counter[int]] = [Counter() for _ in range(fields)]
    for posting in postings:
        for total, field_posting in zip(sums, posting, strict=True):
            total.update(dict(zip(field_posting.documents, field_posting.counts, strict=True)))
    return tuple(FieldPosting(sorted(total), [total[document] for document in sorted(total)]) for total in sums)


def make_bm25_weight(posting: Posting, published: PublishedIndex) -> Callable[[int, int, int], float]:
    """Return a function (field, document, term frequency) → weight of a term, rounded to three decimals as in lunr.

    BM25 (Robertson & Zaragoza 2009) with the manifest's k1 and b, and lunr's idf = ln(1 + |(N − n + 0.5) / (n + 0.5)|),
    where n counts the term's documents in each field and adds them up.
    """
    document_frequency = sum(len(field_posting.documents) for field_posting in posting)
    idf = math.log(1 + abs((published.document_count - document_frequency + 0.5) / (document_frequency + 0.5)))

    k1, b = published.k1, published.b

    def weight(field: int, document: int, count: int) -> float:
        length = published.lengths[field][document] / published.averages[field]
        score = idf * ((k1 + 1) * count) / (k1 * (1 - b + b * length) + count)
        return _round_half_up(score * published.boosts[field] * 1000) / 1000

    return weight


def _round_half_up(value: float) -> int:
    """Round like JavaScript's Math.round: halves up."""
    floor = math.floor(value)
    return floor + (value - floor >= 0.5)


def _matching_documents(
    published: PublishedIndex, clauses: Sequence[Clause], postings: Mapping[str, Posting]
) -> set[int] | None:
    """Return the documents that match every required clause, None if no clause is required."""
    candidates: set[int] | None = None
    for clause in clauses:
        if clause.required:
            field_numbers = [published.fields.index(name) for name in clause.fields]
            own = {
                document
                for term in clause.expansions
                for field in field_numbers
                for document in postings[term][field].documents
            }
            candidates = own if candidates is None else candidates & own
    return candidates


def _build_index(
    published: PublishedIndex, postings: Mapping[str, Posting], candidates: set[int] | None
) -> tuple[dict[str, Any], dict[str, Vector]]:
    """Return lunr's inverted index and field vectors for the given postings.

    Documents outside `candidates` cannot match, so they get no weights; None keeps all.
    """
    inverted: dict[str, Any] = {}
    vectors: dict[str, Vector] = {}
    for index, term in enumerate(sorted(postings, key=utf16_key)):
        weight = make_bm25_weight(postings[term], published)
        entry: dict[str, Any] = {"_index": index}
        for field, name in enumerate(published.fields):
            pairs = zip(postings[term][field].documents, postings[term][field].counts, strict=True)
            chosen = [(document, count) for document, count in pairs if candidates is None or document in candidates]
            entry[name] = {str(document): {} for document, _ in chosen}
            for document, count in chosen:
                vector = vectors.setdefault(f"{name}/{document}", Vector())
                vector.elements += [index, weight(field, document, count)]
        inverted[term] = entry
    return inverted, vectors
