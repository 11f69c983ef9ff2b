"""A query's way: what was typed → clauses → postings → lunr → hits. As theme/static/js/search-engine.js goes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from newsarchive.index.merge_postings import utf16_key
from newsarchive.index.stemmer import stem
from newsarchive.index.tokens import QueryTerm, fold, is_bigram, query_terms, tag_term
from newsarchive.search.partial_index import Clause, score_documents, sum_postings
from newsarchive.search.published import Posting, PublishedIndex
from newsarchive.search.query import Filter, Query, TextClause, parse_query

MAX_EXPANSIONS = 100
"""A prefix of more words is searched as their sum: lunr joins sets word by word, which is quadratic."""

Hit = tuple[int, float]
"""A document and its score."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found, best first. Notes: `prefix`, the last word was taken for a beginning; `any`, no document
    has everything, so these have some of it. `asked` is false when the query asks for nothing."""

    hits: Sequence[Hit]
    notes: Sequence[str] = ()
    has_criteria: bool = True


@dataclass(frozen=True, slots=True)
class _ResolvedClause:
    clause: Clause
    postings: dict[str, Posting]


def search(index: PublishedIndex, typed: str) -> SearchResult:
    """The documents that a query asks for."""
    query = parse_query(typed)
    found = _match(index, query)
    if not found.has_criteria:
        return found
    hits = list(found.hits)
    for text_clause in query.text_clauses:
        if text_clause.negated and (clauses := _resolve_clauses(index, [text_clause])):
            unwanted = {document for document, _ in _score(index, clauses)}
            hits = [hit for hit in hits if hit[0] not in unwanted]
    hits = [hit for hit in hits if all(_passes_filter(index, each, hit[0]) for each in query.filters)]
    return replace(found, hits=sorted(hits, key=lambda hit: (-hit[1], -hit[0])))


def _match(index: PublishedIndex, query: Query) -> SearchResult:
    """Documents that have all of what is wanted; else with the last word as a beginning; else any of it."""
    wanted = [text_clause for text_clause in query.text_clauses if not text_clause.negated]
    clauses = _resolve_clauses(index, wanted)
    if not clauses:
        asks = query.filters or any(
            text_clause.negated and fold(text_clause.text) for text_clause in query.text_clauses
        )
        everything = [(document, 0.0) for document in range(index.document_count)]
        return SearchResult(everything) if asks else SearchResult([], has_criteria=False)
    if hits := _score(index, clauses):
        return SearchResult(hits)
    if hits := _score(index, _resolve_clauses(index, wanted, last_is_prefix=True)):
        return SearchResult(hits, ["prefix"])
    some = _score(index, [_ResolvedClause(replace(each.clause, required=False), each.postings) for each in clauses])
    return SearchResult(some, ["any"] if some else [])


def _resolve_clauses(
    index: PublishedIndex, text_clauses: Sequence[TextClause], last_is_prefix: bool = False
) -> list[_ResolvedClause]:
    """Clauses, each once, with the postings of what they stand for."""
    clauses: dict[tuple[str, bool, tuple[str, ...]], _ResolvedClause] = {}
    for number, text_clause in enumerate(text_clauses, 1):
        fields = tuple({"title": ["title"], "tag": ["facts"]}.get(text_clause.field, index.fields))
        is_last = number == len(text_clauses) and not text_clause.phrase
        for wanted in _query_terms(text_clause, text_clause.prefix or (last_is_prefix and is_last)):
            key = (wanted.term, wanted.prefix, fields)
            if key not in clauses:
                clauses[key] = _expand_term(index, wanted, fields)
    return list(clauses.values())


def _query_terms(text_clause: TextClause, last_is_prefix: bool) -> list[QueryTerm]:
    if text_clause.field != "tag":
        return query_terms(text_clause.text, last_is_prefix)
    term = tag_term(text_clause.text)
    return [QueryTerm(term)] if term != "#" else []


def _expand_term(index: PublishedIndex, wanted: QueryTerm, fields: tuple[str, ...]) -> _ResolvedClause:
    term = wanted.term
    if not wanted.prefix:
        postings = index.load_postings(lambda segment: [segment.shard_for(term)], lambda each: each == term)
        return _ResolvedClause(Clause(term, sorted(postings), fields), postings)
    key, root = f"?{term}", stem(term)
    postings = index.load_postings(
        lambda segment: segment.shards_with_prefix(term) | {segment.shard_for(root)},
        lambda each: each.startswith(term) or each == root,
    )
    if postings and (is_bigram(term) or len(postings) > MAX_EXPANSIONS):
        postings = {key: sum_postings(postings.values(), len(index.fields))}
    return _ResolvedClause(Clause(key, sorted(postings, key=utf16_key), fields), postings)


def _score(index: PublishedIndex, found: Sequence[_ResolvedClause]) -> list[Hit]:
    if any(each.clause.required and not each.clause.expansions for each in found):
        return []
    present = [each for each in found if each.clause.expansions]
    postings = {term: posting for each in present for term, posting in each.postings.items()}
    return score_documents(index, [each.clause for each in present], postings) if present else []


def _passes_filter(index: PublishedIndex, each: Filter, document: int) -> bool:
    if each.kind == "date":
        return (each.first <= index.days[document] <= each.last) != each.negated
    name = index.facets[document][0 if each.kind == "section" else 1]
    return (fold(each.value) in fold(name)) != each.negated


def describe_hits(index: PublishedIndex, hits: Sequence[Hit]) -> Iterator[dict[str, str | float]]:
    """Title, address, date, section, source, summary and score of each hit."""
    for document, score in hits:
        title, url, date, summary, _ = index.stored_fields(document)
        section, source = index.facets[document]
        facet = {"section": section, "source": source}
        yield {"title": title, "url": f"{url}.html", "date": date, **facet, "summary": summary, "score": score}
