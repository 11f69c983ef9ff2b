"""Postings → a lunr index of a query's terms alone (lunr.py), as theme/static/js/search-index.js makes it for lunr.js.

lunr's score of a document depends on nothing but the weights of the query's terms, so what it answers is what the index
of the whole archive would: the same documents, order and scores.
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

K1, B = 1.2, 0.75


@dataclass(frozen=True, slots=True)
class Clause:
    """Something to look for: `expansions` are the terms it stands for. Optional unless `required`."""

    term: str
    expansions: Sequence[str]
    fields: Sequence[str]
    required: bool = True


@dataclass(frozen=True, slots=True)
class _TermList:
    """A lunr token set of which only the list is asked for."""

    terms: Sequence[str]

    def to_list(self) -> list[str]:
        return list(self.terms)


@dataclass(frozen=True, slots=True)
class _ExpansionTable:
    """In place of lunr's token set of the whole vocabulary: what each clause stands for is known."""

    expansions: Mapping[str, Sequence[str]]

    def intersect(self, wanted: Any) -> _TermList:
        return _TermList(self.expansions[wanted.to_list()[0]])


def score_documents(
    published: PublishedIndex, clauses: Sequence[Clause], postings: Mapping[str, Posting]
) -> list[tuple[int, float]]:
    """(document, score) of every document that matches, best first."""
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
    """Postings of many terms as if they were one: 王 is the sum of all pairs that begin with it."""
    sums: list[Counter[int]] = [Counter() for _ in range(fields)]
    for posting in postings:
        for total, field_posting in zip(sums, posting, strict=True):
            total.update(dict(zip(field_posting.documents, field_posting.counts, strict=True)))
    return tuple(FieldPosting(sorted(total), [total[document] for document in sorted(total)]) for total in sums)


def make_bm25_weight(posting: Posting, published: PublishedIndex) -> Callable[[int, int, int], float]:
    """A function of (field, document, count): lunr's weight of a term in a document."""
    document_frequency = sum(len(field_posting.documents) for field_posting in posting)
    idf = math.log(1 + abs((published.document_count - document_frequency + 0.5) / (document_frequency + 0.5)))

    def weight(field: int, document: int, count: int) -> float:
        length = published.lengths[field][document] / published.averages[field]
        score = idf * ((K1 + 1) * count) / (K1 * (1 - B + B * length) + count)
        return _round_half_up(score * published.boosts[field] * 1000) / 1000

    return weight


def _round_half_up(value: float) -> int:
    """As JavaScript rounds: a half goes up."""
    floor = math.floor(value)
    return floor + (value - floor >= 0.5)


def _matching_documents(
    published: PublishedIndex, clauses: Sequence[Clause], postings: Mapping[str, Posting]
) -> set[int] | None:
    """The documents that every required clause has: only they can be answers, so only they need weights."""
    candidates: set[int] | None = None
    for clause in clauses:
        if clause.required:
            numbers = [published.fields.index(name) for name in clause.fields]
            own = {document for term in clause.expansions for n in numbers for document in postings[term][n].documents}
            candidates = own if candidates is None else candidates & own
    return candidates


def _build_index(
    published: PublishedIndex, postings: Mapping[str, Posting], candidates: set[int] | None
) -> tuple[dict[str, Any], dict[str, Vector]]:
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
