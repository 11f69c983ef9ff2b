"""Answer a query: parse it, resolve its clauses to postings, score documents with lunr, apply filters.

theme/static/js/search-engine.js is the same program for the browser; both return the same documents, order and scores.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from newsarchive.index.merge_postings import utf16_key
from newsarchive.index.stemmer import stem
from newsarchive.index.tokens import QueryTerm, fold, is_bigram, query_terms, tag_term
from newsarchive.search.partial_index import Clause, score_documents, sum_postings
from newsarchive.search.published import Posting, PublishedIndex
from newsarchive.search.query import Filter, Query, TextClause, parse_query

Hit = tuple[int, float]
"""A document number and its score."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The hits of a query, best first.

    - `notes`: `prefix` if no document has the last word itself, but some have words that begin with it; `any` if no
      document has all terms, and the hits have some of them.
    - `has_criteria`: False if the query contains nothing to search for.
    """

    hits: Sequence[Hit]
    notes: Sequence[str] = ()
    has_criteria: bool = True


@dataclass(frozen=True, slots=True)
class _ResolvedClause:
    """A clause with the postings of its expansions."""

    clause: Clause
    postings: dict[str, Posting]


def search(index: PublishedIndex, typed: str) -> SearchResult:
    """Return the documents that match the query `typed`, whatever it is.

    Hits are sorted by descending score; of equal scores, the newest comes first.
    """
    query = parse_query(typed)
    found = _match(index, query)
    if not found.has_criteria:
        return found
    hits = list(found.hits)
    for text_clause in query.text_clauses:
        if text_clause.negated and (clauses := _resolve_clauses(index, [text_clause])):
            excluded = {document for document, _ in _score(index, clauses)}
            hits = [hit for hit in hits if hit[0] not in excluded]
    hits = [hit for hit in hits if all(_passes_filter(index, each, hit[0]) for each in query.filters)]
    return replace(found, hits=sorted(hits, key=lambda hit: (-hit[1], -hit[0])))


def _match(index: PublishedIndex, query: Query) -> SearchResult:
    """Match the clauses that are not negated, without filters.

    Returns the documents with all terms. If there are none, the last word is taken as a prefix; if that finds nothing
    either, documents with any of the terms are returned. A query of filters and negated clauses only matches all
    documents, with score 0.
    """
    required = [text_clause for text_clause in query.text_clauses if not text_clause.negated]
    clauses = _resolve_clauses(index, required)
    if not clauses:
        has_other_criteria = query.filters or any(
            text_clause.negated and fold(text_clause.text) for text_clause in query.text_clauses
        )
        everything = [(document, 0.0) for document in range(index.document_count)]
        return SearchResult(everything) if has_other_criteria else SearchResult([], has_criteria=False)
    if hits := _score(index, clauses):
        return SearchResult(hits)
    if hits := _score(index, _resolve_clauses(index, required, last_is_prefix=True)):
        return SearchResult(hits, ["prefix"])
    partial_hits = _score(
        index, [_ResolvedClause(replace(each.clause, required=False), each.postings) for each in clauses]
    )
    return SearchResult(partial_hits, ["any"] if partial_hits else [])


def _resolve_clauses(
    index: PublishedIndex, text_clauses: Sequence[TextClause], last_is_prefix: bool = False
) -> list[_ResolvedClause]:
    """Return the distinct clauses for the terms of `text_clauses`, with their postings."""
    clauses: dict[tuple[str, bool, tuple[str, ...]], _ResolvedClause] = {}
    for number, text_clause in enumerate(text_clauses, 1):
        fields = tuple({"title": ["title"], "tag": ["facts"]}.get(text_clause.field, index.fields))
        is_last = number == len(text_clauses) and not text_clause.phrase
        for query_term in _query_terms(text_clause, text_clause.prefix or (last_is_prefix and is_last)):
            key = (query_term.term, query_term.prefix, fields)
            if key not in clauses:
                clauses[key] = _expand_term(index, query_term, fields)
    return list(clauses.values())


def _query_terms(text_clause: TextClause, last_is_prefix: bool) -> list[QueryTerm]:
    """Return the terms of a clause: for `tag:` the whole tag, for other clauses those of its text."""
    if text_clause.field != "tag":
        return query_terms(text_clause.text, last_is_prefix)
    term = tag_term(text_clause.text)
    return [QueryTerm(term)] if term != "#" else []


def _expand_term(index: PublishedIndex, query_term: QueryTerm, fields: tuple[str, ...]) -> _ResolvedClause:
    """Return the clause of a term, with its postings.

    A prefix expands to all terms that begin with it, and to its stem, as in lunr. The expansions of a single character,
    and of a prefix with more than 100, are summed into one term, `?` and the prefix.
    """
    term = query_term.term
    if not query_term.prefix:
        postings = index.load_postings(lambda segment: [segment.shard_for(term)], lambda candidate: candidate == term)
        return _ResolvedClause(Clause(term, sorted(postings), fields), postings)
    key, root = f"?{term}", stem(term)
    postings = index.load_postings(
        lambda segment: segment.shards_with_prefix(term) | {segment.shard_for(root)},
        lambda candidate: candidate.startswith(term) or candidate == root,
    )
    if postings and (is_bigram(term) or len(postings) > index.max_expansions):
        postings = {key: sum_postings(postings.values(), len(index.fields))}
    return _ResolvedClause(Clause(key, sorted(postings, key=utf16_key), fields), postings)


def _score(index: PublishedIndex, found: Sequence[_ResolvedClause]) -> list[Hit]:
    """Return the hits of the clauses; none if a required clause has no expansion."""
    if any(each.clause.required and not each.clause.expansions for each in found):
        return []
    present = [each for each in found if each.clause.expansions]
    postings = {term: posting for each in present for term, posting in each.postings.items()}
    return score_documents(index, [each.clause for each in present], postings) if present else []


def _passes_filter(index: PublishedIndex, condition: Filter, document: int) -> bool:
    """Return True if the document meets the condition."""
    if condition.kind == "date":
        return (condition.first <= index.days[document] <= condition.last) != condition.negated
    name = index.facets[document][0 if condition.kind == "section" else 1]
    return (fold(condition.value) in fold(name)) != condition.negated


def describe_hits(index: PublishedIndex, hits: Sequence[Hit]) -> Iterator[dict[str, str | float]]:
    """Yield title, address, date, section, source, summary and score of each hit."""
    for document, score in hits:
        title, url, date, summary, _ = index.stored_fields(document)
        section, source = index.facets[document]
        facet = {"section": section, "source": source}
        yield {"title": title, "url": f"{url}.html", "date": date, **facet, "summary": summary, "score": score}
