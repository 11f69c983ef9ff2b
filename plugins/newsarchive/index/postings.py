"""The terms of many articles, merged: every term's postings as text, in the order of the vocabulary.

A posting says that a term stands in a field of a document, and how often. A term is written as its fields, each a head
and postings: the first head holds which fields follow (three bits) and how many postings this one has, less one; the
others hold only that. A posting is the gap to the document before, less one. A mark goes before it where the term
stands there more than once: marks 0–6 for 2–8 times, mark 7 for more, and then the number of times less nine. 1.5
characters a posting on 10,000 articles.

The work is cut into tasks that hold all they need and know nothing of one another: the pairs of a stretch of the
vocabulary, or the words. Where it is cut makes no difference to what comes out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsarchive.index.numbers import encode_numbers
from newsarchive.index.packed import FIELD_BITS, FIELDS, RANGES, PackedTerms

DOCUMENT_BITS = 20
MOST_DOCUMENTS = 1 << DOCUMENT_BITS
"""A segment holds no more: term, field, document and count share one number, which is what makes sorting fast."""

_COUNT_BITS = 10
_FIELD_AT = DOCUMENT_BITS + _COUNT_BITS
_TERM_AT = _FIELD_AT + FIELD_BITS

POSTINGS_A_TASK = 300_000
"""About how many pairs a task merges: few MB of arrays, and enough tasks in 1,000 articles for two cores."""

_MOST_MARKED = 8  # times that one mark can say

_ONE = np.uint64(1)
_ONE_DOCUMENT = np.uint32(1)

Joined = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class TermPostings:
    """Terms in the order of the vocabulary (UTF-16), and each one's postings as text."""

    terms: list[str]
    order: NDArray[np.uint32]  # the first two UTF-16 units of each term, as one number
    text: str
    starts: NDArray[np.intp]  # where in the text each term begins, and at the end its length


@dataclass(frozen=True, slots=True)
class PairTask:
    """The pairs of a stretch of the vocabulary, as bytes (packed.py), and how many of them each entry has."""

    documents: NDArray[np.uint32]
    sizes: NDArray[np.uint32]
    keys: bytes
    infos: bytes

    def merge(self) -> TermPostings:
        keys = np.frombuffer(self.keys, "<u4")
        joined = _join(keys, self.documents, self.sizes, self.infos)
        terms, text, starts = _write(joined)
        return TermPostings(_spell(terms), terms, text, starts)


@dataclass(frozen=True, slots=True)
class WordTask:
    """All words of the entries."""

    documents: NDArray[np.uint32]
    sizes: NDArray[np.uint32]
    infos: bytes
    words: bytes

    def merge(self) -> TermPostings:
        words = self.words.decode("utf-8", "surrogatepass").split("\n") if self.words else []
        vocabulary = sorted(set(words), key=utf16)
        number_of = {word: number for number, word in enumerate(vocabulary)}
        numbers = np.fromiter(map(number_of.__getitem__, words), np.uint32, len(words))
        _, text, starts = _write(_join(numbers, self.documents, self.sizes, self.infos))
        heads = b"".join([utf16(word)[:4].ljust(4, b"\0") for word in vocabulary])
        return TermPostings(vocabulary, np.frombuffer(heads, ">u4").astype(np.uint32), text, starts)


Task = PairTask | WordTask


def merge_terms(task: Task) -> TermPostings:
    """What a task comes to: a pure function, to be run in any process."""
    return task.merge()


def cut_tasks(packed: PackedTerms, size: int = POSTINGS_A_TASK) -> Iterator[Task]:
    """The work of merging: the words, then the pairs in stretches of about `size`."""
    sizes, infos, words = packed.words()
    yield WordTask(packed.documents, sizes, infos, words)
    begin, held = 0, 0
    for place, pairs in enumerate(packed.sizes(), 1):
        held += pairs
        if held and (held >= size or place == RANGES):
            sizes, keys, infos = packed.pairs(begin, place)
            yield PairTask(packed.documents, sizes, keys, infos)
            begin, held = place, 0


def utf16(term: str) -> bytes:
    """What JavaScript sorts strings by."""
    return term.encode("utf-16-be", "surrogatepass")


def _join(keys: NDArray[np.uint32], documents: NDArray[np.uint32], sizes: NDArray[np.uint32], infos: bytes) -> Joined:
    """Term, field, document and count in one number each, in order, nothing twice but for its count."""
    info = np.frombuffer(infos, np.uint8)
    joined = keys.astype(np.uint64) << np.uint64(_TERM_AT)
    joined |= (info & np.uint8((1 << FIELD_BITS) - 1)).astype(np.uint64) << np.uint64(_FIELD_AT)
    joined |= np.repeat(documents << np.uint32(_COUNT_BITS), sizes)
    joined |= info >> np.uint8(FIELD_BITS)
    joined.sort()
    return joined


def _write(joined: Joined) -> tuple[NDArray[np.uint32], str, NDArray[np.intp]]:
    """The distinct terms, their postings as text, and where each one's begin, and at the end the length."""
    counts = (joined & np.uint64((1 << _COUNT_BITS) - 1)).astype(np.uint32)
    is_new = _changes(joined >> np.uint64(_COUNT_BITS))
    if not is_new.all():
        places = np.flatnonzero(is_new)
        counts, joined = np.add.reduceat(counts, places), joined[places]
    begins_field = _changes(joined >> np.uint64(_FIELD_AT))
    begins_term = _changes(joined >> np.uint64(_TERM_AT))
    documents = (joined.astype(np.uint32) & np.uint32((1 << _FIELD_AT) - 1)) >> np.uint32(_COUNT_BITS)
    fields = (joined[begins_field] >> np.uint64(_FIELD_AT)) & np.uint64((1 << FIELD_BITS) - 1)
    values, marks, first_value = _values(fields, documents, counts, begins_field, begins_term)
    text, starts = encode_numbers(values, marks)
    terms = (joined[begins_term] >> np.uint64(_TERM_AT)).astype(np.uint32)
    return terms, text, np.append(starts[first_value[begins_term]], len(text))


def _changes(keys: Joined) -> NDArray[np.bool_]:
    """Where a value differs from the one before it."""
    changes = np.ones(len(keys), np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=changes[1:])
    return changes


def _values(
    fields: Joined,
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
    values[first_value[begins_field]] = _heads(fields, begins_field, begins_term)
    return values, marks, first_value


def _heads(fields: Joined, begins_field: NDArray[np.bool_], begins_term: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Postings in each field of each term, less one; a term's first also holds which fields follow."""
    places = np.flatnonzero(begins_field)
    heads = np.diff(np.append(places, len(begins_field))).astype(np.uint64) - _ONE
    is_first = begins_term[places]
    masks = np.add.reduceat(_ONE << fields, np.flatnonzero(is_first)) if len(heads) else heads
    heads[is_first] = (heads[is_first] << np.uint64(len(FIELDS))) | masks
    return heads


def _spell(keys: NDArray[np.uint32]) -> list[str]:
    """Keys → pairs; a second character of 0 is none."""
    units = np.column_stack((keys >> np.uint32(16), keys & np.uint32(0xFFFF))).astype("<u2")
    spelled = units.tobytes().decode("utf-16-le")
    return [spelled[at : at + 2].rstrip("\0") for at in range(0, len(spelled), 2)]
