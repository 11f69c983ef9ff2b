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

from newsarchive.index.merge_postings import utf16
from newsarchive.search.published import FieldPosting, Posting, Published


@dataclass(frozen=True, slots=True)
class Clause:
    """Something to look for: `expansions` are the terms it stands for. Optional unless `required`."""

    term: str
    expansions: Sequence[str]
    fields: Sequence[str]
    required: bool = True


@dataclass(frozen=True, slots=True)
class _Expanded:
    """A lunr token set of which only the list is asked for."""

    terms: Sequence[str]

    def to_list(self) -> list[str]:
        return list(self.terms)


@dataclass(frozen=True, slots=True)
class _KnownTerms:
    """In place of lunr's token set of the whole vocabulary: what each clause stands for is known."""

    expansions: Mapping[str, Sequence[str]]

    def intersect(self, wanted: Any) -> _Expanded:
        return _Expanded(self.expansions[wanted.to_list()[0]])


def answer(archive: Published, clauses: Sequence[Clause], postings: Mapping[str, Posting]) -> list[tuple[int, float]]:
    """(document, score) of every document that matches, best first."""
    kept = _documents_of_all(archive, clauses, postings)
    inverted, vectors = _weigh_all(archive, postings, kept)
    known = _KnownTerms({clause.term: clause.expansions for clause in clauses})
    index = Index(inverted, vectors, known, list(archive.fields), Pipeline())
    query = Query(list(archive.fields))
    for clause in clauses:
        presence = QueryPresence.REQUIRED if clause.required else QueryPresence.OPTIONAL
        query.clause(clause.term, fields=list(clause.fields), presence=presence, use_pipeline=False)
    return [(int(result["ref"]), result["score"]) for result in index.query(query)]


def sum_postings(postings: Iterable[Posting], fields: int) -> Posting:
    """Postings of many terms as if they were one: 王 is the sum of all pairs that begin with it."""
    sums: list[Counter[int]] = [Counter() for _ in range(fields)]
    for posting in postings:
        for total, of_field in zip(sums, posting, strict=True):
            total.update(dict(zip(of_field.documents, of_field.counts, strict=True)))
    return tuple(FieldPosting(sorted(total), [total[document] for document in sorted(total)]) for total in sums)


def make_weight(posting: Posting, archive: Published) -> Callable[[int, int, int], float]:
    """A function of (field, document, count): lunr's weight of a term in a document."""
    found = sum(len(of_field.documents) for of_field in posting)
    k1, b = archive.k1, archive.b
    idf = math.log(1 + abs((archive.documents - found + 0.5) / (found + 0.5)))

    def weight(field: int, document: int, count: int) -> float:
        length = archive.lengths[field][document] / archive.averages[field]
        score = idf * ((k1 + 1) * count) / (k1 * (1 - b + b * length) + count)
        return _round(score * archive.boosts[field] * 1000) / 1000

    return weight


def _round(value: float) -> int:
    """As JavaScript rounds: a half goes up."""
    whole = math.floor(value)
    return whole + (value - whole >= 0.5)


def _documents_of_all(
    archive: Published, clauses: Sequence[Clause], postings: Mapping[str, Posting]
) -> set[int] | None:
    """The documents that every required clause has: only they can be answers, so only they need weights."""
    kept: set[int] | None = None
    for clause in clauses:
        if clause.required:
            numbers = [archive.fields.index(name) for name in clause.fields]
            own = {document for term in clause.expansions for n in numbers for document in postings[term][n].documents}
            kept = own if kept is None else kept & own
    return kept


def _weigh_all(
    archive: Published, postings: Mapping[str, Posting], kept: set[int] | None
) -> tuple[dict[str, Any], dict[str, Vector]]:
    inverted: dict[str, Any] = {}
    vectors: dict[str, Vector] = {}
    for index, term in enumerate(sorted(postings, key=utf16)):
        weight = make_weight(postings[term], archive)
        entry: dict[str, Any] = {"_index": index}
        for field, name in enumerate(archive.fields):
            found = zip(postings[term][field].documents, postings[term][field].counts, strict=True)
            chosen = [(document, count) for document, count in found if kept is None or document in kept]
            entry[name] = {str(document): {} for document, _ in chosen}
            for document, count in chosen:
                vector = vectors.setdefault(f"{name}/{document}", Vector())
                vector.elements += [index, weight(field, document, count)]
        inverted[term] = entry
    return inverted, vectors
