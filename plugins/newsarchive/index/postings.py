"""The terms of many articles, merged: every term's postings as text, in the order of the vocabulary.

A posting says that a term stands in a field of a document, and how often. A term is written as its fields, each a head
and postings: the first head holds which fields follow (three bits) and how many postings this one has, less one; the
others hold only that. A posting is the gap to the document before, less one. A mark goes before it where the term
stands there more than once: marks 0–6 for 2–8 times, mark 7 for more, and then the number of times less nine. 1.5
characters a posting on 10,000 articles.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from newsarchive.index.numbers import encode_numbers
from newsarchive.index.terms import FIELD_BITS, FIELDS, ArticleTerms, Keys, code_of, field_of, rank_of

DOCUMENT_BITS = 20
MOST_DOCUMENTS = 1 << DOCUMENT_BITS
"""A segment holds no more: key (44 bits) and document share one number, which is what makes sorting fast."""

_SECOND_BITS = 21
_SLICE = 2_000_000  # postings that are sorted and written at a time: about 200 MB

_MOST_MARKED = 8  # times that one mark can say

_ONE = np.uint64(1)
_ONE_DOCUMENT = np.uint32(1)


@dataclass(frozen=True, slots=True)
class TermPostings:
    """Terms in the order of the vocabulary (UTF-16), and each one's postings as text."""

    terms: list[str]
    text: str
    starts: NDArray[np.intp]  # where in the text each term begins, and at the end its length


def merge_postings(articles: Sequence[ArticleTerms]) -> Iterator[TermPostings]:
    """All terms of the articles (documents 0, 1, …), a slice of the vocabulary at a time."""
    if len(articles) > MOST_DOCUMENTS:
        raise ValueError(f"{len(articles):,} articles in one segment: it holds at most {MOST_DOCUMENTS:,}")
    word_keys, words = _place_words(articles)
    keys, documents, counts = _gather(articles, word_keys)
    for chosen in _slices(keys):
        yield _write(keys[chosen], documents[chosen], counts[chosen], words)


def _place_words(articles: Sequence[ArticleTerms]) -> tuple[dict[str, int], dict[int, str]]:
    """Words → keys that sort among the pairs as strings do: rank of the first character, then place among its words."""
    distinct = sorted({word for article in articles for word, _, _ in article.words}, key=utf16)
    keys: dict[str, int] = {}
    for first, group in groupby(distinct, key=lambda word: word[0]):
        rank = int(rank_of(np.array([ord(first)], np.uint32))[0]) << _SECOND_BITS
        keys |= {word: rank | place for place, word in enumerate(group, 1)}
    return keys, {key: word for word, key in keys.items()}


def utf16(term: str) -> bytes:
    """What JavaScript sorts strings by."""
    return term.encode("utf-16-be", "surrogatepass")


def _gather(
    articles: Sequence[ArticleTerms], word_keys: dict[str, int]
) -> tuple[Keys, NDArray[np.uint32], NDArray[np.uint32]]:
    """Every posting as key, document and count: those of the pairs, then those of the words."""
    pair_documents = np.repeat(np.arange(len(articles), dtype=np.uint32), [len(each.pairs) for each in articles])
    pairs = np.concatenate([each.pairs for each in articles])
    pair_counts = np.concatenate([each.pair_counts for each in articles])
    words = [
        ((word_keys[word] << FIELD_BITS) | field, document, count)
        for document, article in enumerate(articles)
        for word, field, count in article.words
    ]
    of_words = np.array(words, np.uint64).reshape(-1, 3)
    return (
        np.concatenate([pairs, of_words[:, 0]]),
        np.concatenate([pair_documents, of_words[:, 1].astype(np.uint32)]),
        np.concatenate([pair_counts, of_words[:, 2].astype(np.uint32)]),
    )


def _slices(keys: Keys) -> Iterator[NDArray[np.bool_] | slice]:
    """Masks that cut the vocabulary between first characters into slices of about `_SLICE` postings."""
    if len(keys) <= _SLICE:
        yield slice(None)
        return
    firsts = (keys >> np.uint64(_SECOND_BITS + FIELD_BITS)).astype(np.uint32)
    totals = np.cumsum(np.bincount(firsts))
    parts = (totals // _SLICE).astype(np.uint16)
    part_of_posting = parts[firsts]
    for part in np.unique(part_of_posting):
        yield part_of_posting == part


def _write(
    keys: Keys, documents: NDArray[np.uint32], counts: NDArray[np.uint32], words: dict[int, str]
) -> TermPostings:
    joined = (keys << np.uint64(DOCUMENT_BITS)) | documents
    order = np.argsort(joined)
    joined, counts = joined[order], counts[order]
    keys, documents = joined >> np.uint64(DOCUMENT_BITS), (joined & np.uint64(MOST_DOCUMENTS - 1)).astype(np.uint32)
    begins_field = _changes(keys)
    begins_term = _changes(keys >> np.uint64(FIELD_BITS))
    values, marks, first_value = _values(keys, documents, counts, begins_field, begins_term)
    text, starts = encode_numbers(values, marks)
    term_starts = np.append(starts[first_value[begins_term]], len(text))
    return TermPostings(_spell(keys[begins_term] >> np.uint64(FIELD_BITS), words), text, term_starts)


def _changes(keys: Keys) -> NDArray[np.bool_]:
    """Where a value differs from the one before it."""
    return np.concatenate(([True], keys[1:] != keys[:-1]))


def _values(
    keys: Keys,
    documents: NDArray[np.uint32],
    counts: NDArray[np.uint32],
    begins_field: NDArray[np.bool_],
    begins_term: NDArray[np.bool_],
) -> tuple[NDArray[np.uint64], NDArray[np.bool_], NDArray[np.intp]]:
    """The numbers to write, which are marks, and where each posting's begin (at its head, where it has one)."""
    repeats, many = counts > 1, counts > _MOST_MARKED
    sizes = np.add(begins_field, 1, dtype=np.intp) + repeats + many
    first_value = np.cumsum(sizes) - sizes
    values = np.empty(int(sizes.sum()), np.uint64)
    marks = np.zeros(len(values), np.bool_)
    mark_at = first_value + begins_field
    marks[mark_at[repeats]] = True
    values[mark_at[repeats]] = np.minimum(counts[repeats], _MOST_MARKED + 1) - 2
    values[mark_at[many] + 1] = counts[many] - np.uint32(_MOST_MARKED + 1)
    gaps = np.diff(documents, prepend=np.uint32(0)) - _ONE_DOCUMENT
    gaps[begins_field] = documents[begins_field]
    values[mark_at + repeats + many] = gaps
    values[first_value[begins_field]] = _heads(keys[begins_field], begins_field, begins_term)
    return values, marks, first_value


def _heads(field_keys: Keys, begins_field: NDArray[np.bool_], begins_term: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Postings in each field of each term, less one; a term's first also holds which fields follow."""
    places = np.flatnonzero(begins_field)
    heads = np.diff(np.append(places, len(begins_field))).astype(np.uint64) - _ONE
    is_first = begins_term[places]
    masks = np.add.reduceat(_ONE << field_of(field_keys), np.flatnonzero(is_first))
    heads[is_first] = (heads[is_first] << np.uint64(len(FIELDS))) | masks
    return heads


def _spell(keys: Keys, words: dict[int, str]) -> list[str]:
    """Keys → terms."""
    firsts = code_of(keys >> np.uint64(_SECOND_BITS)).tolist()
    seconds = code_of(keys & np.uint64((1 << _SECOND_BITS) - 1)).tolist()
    return [
        words.get(key) or (chr(first) + chr(second) if second else chr(first))
        for key, first, second in zip(keys.tolist(), firsts, seconds, strict=True)
    ]
