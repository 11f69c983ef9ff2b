"""A query's way: what was typed → clauses → postings → lunr → hits. As theme/static/js/search-engine.js goes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from newsarchive.index.merge_postings import utf16
from newsarchive.index.stemmer import stem
from newsarchive.index.tokens import QueryTerm, fold, is_pair, query_terms, tag_term
from newsarchive.search.partial_index import Clause, answer, sum_postings
from newsarchive.search.published import Posting, Published
from newsarchive.search.query import Filter, Piece, Query, parse_query

Hit = tuple[int, float]
"""A document and its score."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search found, best first. Notes: `prefix`, the last word was taken for a beginning; `any`, no document
    has everything, so these have some of it. `asked` is false when the query asks for nothing."""

    hits: Sequence[Hit]
    notes: Sequence[str] = ()
    asked: bool = True


@dataclass(frozen=True, slots=True)
class _Found:
    clause: Clause
    postings: dict[str, Posting]


def search(archive: Published, typed: str) -> Answer:
    """The documents that a query asks for."""
    query = parse_query(typed)
    found = _find(archive, query)
    if not found.asked:
        return found
    hits = list(found.hits)
    for piece in query.pieces:
        if piece.negated and (clauses := _resolve(archive, [piece])):
            unwanted = {document for document, _ in _run(archive, clauses)}
            hits = [hit for hit in hits if hit[0] not in unwanted]
    hits = [hit for hit in hits if all(_passes(archive, each, hit[0]) for each in query.filters)]
    return replace(found, hits=sorted(hits, key=lambda hit: (-hit[1], -hit[0])))


def _find(archive: Published, query: Query) -> Answer:
    """Documents that have all of what is wanted; else with the last word as a beginning; else any of it."""
    wanted = [piece for piece in query.pieces if not piece.negated]
    clauses = _resolve(archive, wanted)
    if not clauses:
        asks = query.filters or any(piece.negated and fold(piece.text) for piece in query.pieces)
        everything = [(document, 0.0) for document in range(archive.documents)]
        return Answer(everything) if asks else Answer([], asked=False)
    if hits := _run(archive, clauses):
        return Answer(hits)
    if hits := _run(archive, _resolve(archive, wanted, is_open=True)):
        return Answer(hits, ["prefix"])
    some = _run(archive, [_Found(replace(each.clause, required=False), each.postings) for each in clauses])
    return Answer(some, ["any"] if some else [])


def _resolve(archive: Published, pieces: Sequence[Piece], is_open: bool = False) -> list[_Found]:
    """Clauses, each once, with the postings of what they stand for."""
    clauses: dict[tuple[str, bool, tuple[str, ...]], _Found] = {}
    for number, piece in enumerate(pieces, 1):
        fields = tuple({"title": ["title"], "tag": ["facts"]}.get(piece.field, archive.fields))
        is_last = number == len(pieces) and not piece.phrase
        for wanted in _terms_of(piece, piece.prefix or (is_open and is_last)):
            key = (wanted.term, wanted.prefix, fields)
            if key not in clauses:
                clauses[key] = _expand(archive, wanted, fields)
    return list(clauses.values())


def _terms_of(piece: Piece, is_open: bool) -> list[QueryTerm]:
    if piece.field != "tag":
        return query_terms(piece.text, is_open)
    term = tag_term(piece.text)
    return [QueryTerm(term)] if term != "#" else []


def _expand(archive: Published, wanted: QueryTerm, fields: tuple[str, ...]) -> _Found:
    term = wanted.term
    if not wanted.prefix:
        postings = archive.collect(lambda segment: [segment.shard_of(term)], lambda each: each == term)
        return _Found(Clause(term, sorted(postings), fields), postings)
    key, root = f"?{term}", stem(term)
    postings = archive.collect(
        lambda segment: segment.shards_beginning(term) | {segment.shard_of(root)},
        lambda each: each.startswith(term) or each == root,
    )
    if postings and (is_pair(term) or len(postings) > archive.expansions):
        postings = {key: sum_postings(postings.values(), len(archive.fields))}
    return _Found(Clause(key, sorted(postings, key=utf16), fields), postings)


def _run(archive: Published, found: Sequence[_Found]) -> list[Hit]:
    if any(each.clause.required and not each.clause.expansions for each in found):
        return []
    present = [each for each in found if each.clause.expansions]
    postings = {term: posting for each in present for term, posting in each.postings.items()}
    return answer(archive, [each.clause for each in present], postings) if present else []


def _passes(archive: Published, each: Filter, document: int) -> bool:
    if each.kind == "date":
        return (each.first <= archive.days[document] <= each.last) != each.negated
    name = archive.places[document][0 if each.kind == "section" else 1]
    return (fold(each.value) in fold(name)) != each.negated


def describe_hits(archive: Published, hits: Sequence[Hit]) -> Iterator[dict[str, str | float]]:
    """Title, address, date, section, source, summary and score of each hit."""
    for document, score in hits:
        title, url, date, summary, _ = archive.describe(document)
        section, source = archive.places[document]
        place = {"section": section, "source": source}
        yield {"title": title, "url": f"{url}.html", "date": date, **place, "summary": summary, "score": score}
