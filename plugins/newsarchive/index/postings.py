"""The postings of terms as text.

A posting says that a term stands in a field of a document, and how often. A term is written as its fields, each a head
and postings: the first head holds which fields follow (three bits) and how many postings this one has, less one; the
others hold only that. A posting is the gap to the document before, less one. A mark goes before it where the term
stands there more than once: marks 0–6 for 2–8 times, mark 7 for more, and then the number of times less nine. 1.5
characters a posting on 10,000 articles.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsarchive.index.integer_coding import CHARACTERS, MARKS, Numbers, Places, Text, count_characters, put_numbers
from newsarchive.index.term_vectors import FIELDS

DOCUMENT_BITS, COUNT_BITS = 20, 10
FIELD_AT = DOCUMENT_BITS + COUNT_BITS
"""A posting's field, document and count share 32 bits, in this order."""

MOST_DOCUMENTS = 1 << DOCUMENT_BITS
"""A segment holds no more."""

_MARK = np.uint32(MARKS - 2)  # where twice stands
_MOST_MARKED = np.uint32(8)  # times that one mark can say
_ONE = np.uint32(1)


class Ends(NamedTuple):
    """Of every term: its last posting, and where in the text its postings end."""

    terms: Places
    characters: Numbers


def write_postings(terms: Numbers, places: Numbers) -> tuple[str, Ends]:
    """Postings in order, each a term's number and its field, document and count in one number, as text.

    What stands several times but for its count adds up.
    """
    counts = places & np.uint32((1 << COUNT_BITS) - 1)
    begins_term, begins_field, is_new = _changes(terms, places)
    if not is_new.all():
        chosen = np.flatnonzero(is_new)
        text, ends = _write(places[chosen], np.add.reduceat(counts, chosen), begins_field[chosen], begins_term[chosen])
        return text, Ends(np.append(chosen, len(terms))[ends.terms + 1] - 1, ends.characters)
    return _write(places, counts, begins_field, begins_term)


def _changes(terms: Numbers, places: Numbers) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Where another term begins, another field of one, another document in it."""
    begins_term = np.ones(len(terms), np.bool_)
    np.not_equal(terms[1:], terms[:-1], out=begins_term[1:])
    differing = np.zeros_like(places)
    np.bitwise_xor(places[1:], places[:-1], out=differing[1:])
    begins_field = begins_term | (differing >= 1 << FIELD_AT)
    return begins_term, begins_field, begins_field | (differing >= 1 << COUNT_BITS)


def _write(
    places: Numbers, counts: Numbers, begins_field: NDArray[np.bool_], begins_term: NDArray[np.bool_]
) -> tuple[str, Ends]:
    field_places = np.flatnonzero(begins_field)
    fields = places[field_places] >> np.uint32(FIELD_AT)
    heads = _heads(fields, field_places, begins_term[field_places], len(places))
    documents = (places & np.uint32((1 << FIELD_AT) - 1)) >> np.uint32(COUNT_BITS)
    text, text_ends = _put_postings(documents, counts, field_places, heads)
    ends = np.append(np.flatnonzero(begins_term[1:]), len(places) - 1) if len(places) else np.zeros(0, np.intp)
    return text.tobytes().decode("ascii"), Ends(ends, text_ends[ends].astype(np.uint32))


def _heads(fields: Numbers, places: Places, begins_term: NDArray[np.bool_], count: int) -> Numbers:
    """Of the first postings in a field: how many there are, less one; a term's first also holds which fields follow."""
    heads = np.diff(np.append(places, count)).astype(np.uint32) - _ONE
    masks = np.add.reduceat(_ONE << fields, np.flatnonzero(begins_term)) if len(heads) else heads
    heads[begins_term] = (heads[begins_term] << np.uint32(len(FIELDS))) | masks
    return heads


def _put_postings(documents: Numbers, counts: Numbers, field_places: Places, heads: Numbers) -> tuple[Text, Places]:
    """Postings as text, and where each ends: head where it has one, mark, count that a mark cannot say, gap."""
    gaps = np.empty_like(documents)
    np.subtract(documents[1:], documents[:-1], out=gaps[1:])
    gaps[1:] -= _ONE
    gaps[field_places] = documents[field_places]
    gap_sizes, head_sizes = count_characters(gaps), count_characters(heads)
    repeated = np.flatnonzero(counts > 1)
    times = counts[repeated]
    is_many = times > _MOST_MARKED
    many, more = repeated[is_many], times[is_many] - _MOST_MARKED - _ONE
    more_sizes = count_characters(more)
    sizes = gap_sizes.astype(np.uint32)
    sizes[field_places] += head_sizes
    sizes[repeated] += _ONE
    sizes[many] += more_sizes
    ends = np.cumsum(sizes, dtype=np.intp)
    text = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
    put_numbers(text, ends, gaps, gap_sizes)
    put_numbers(text, ends[many] - gap_sizes[many], more, more_sizes)
    marks_end = ends[repeated] - gap_sizes[repeated]
    marks_end[is_many] -= more_sizes
    text[marks_end - 1] = CHARACTERS[np.minimum(times, _MOST_MARKED + _ONE) + _MARK]
    put_numbers(text, ends[field_places] - sizes[field_places] + head_sizes, heads, head_sizes)
    return text, ends
