"""Encode postings lists as text.

A posting says that a term occurs in a field of a document, and how often (the term frequency). A term is encoded as its
fields, each a header and its postings:

- The header of a term's first field holds which fields follow (three bits) and the number of postings in this field,
  less one. The other headers hold only the number of postings, less one.
- A posting is the gap to the previous document, less one. For frequencies above one, a flag precedes it: flags 0–6 mean
  2–8, flag 7 means more, and is followed by the frequency less nine.

This takes 1.5 characters per posting on 10,000 articles. `search/published.py` decodes it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsarchive.index.integer_coding import (
    ALPHABET_BYTES,
    FIRST_FLAG,
    AsciiArray,
    Offsets,
    UInt32Array,
    encode_numbers_into,
    encoded_lengths,
)
from newsarchive.index.term_vectors import FIELDS

DOCUMENT_BITS, COUNT_BITS = 20, 10
FIELD_SHIFT = DOCUMENT_BITS + COUNT_BITS
"""A packed posting is 32 bits: field (2), document (20), count (10), from the most significant."""

MAX_DOCUMENTS = 1 << DOCUMENT_BITS
"""The number of documents that fit into a segment."""

_FLAG_BASE = np.uint32(FIRST_FLAG - 2)  # flag of frequency f is f + _FLAG_BASE
_MAX_FLAGGED_COUNT = np.uint32(8)  # the largest frequency that a flag alone expresses
_ONE = np.uint32(1)


class TermEnds(NamedTuple):
    """Where each term ends; both of shape (terms,).

    - `last_postings`: intp, the index of the term's last posting.
    - `text_ends`: uint32, where its postings end in the text.
    """

    last_postings: Offsets
    text_ends: UInt32Array


def encode_postings(terms: UInt32Array, packed: UInt32Array) -> tuple[str, TermEnds]:
    """Return the postings lists as text, and where each term ends.

    - `terms`: uint32, shape (postings,), term numbers, ascending.
    - `packed`: uint32, shape (postings,), field, document and count, ascending within a term.

    Counts of postings with equal term, field and document are added up.
    """
    counts = packed & np.uint32((1 << COUNT_BITS) - 1)
    starts_term, starts_field, starts_posting = _find_boundaries(terms, packed)
    if not starts_posting.all():
        chosen = np.flatnonzero(starts_posting)
        text, ends = _encode_distinct(
            packed[chosen], np.add.reduceat(counts, chosen), starts_field[chosen], starts_term[chosen]
        )
        return text, TermEnds(np.append(chosen, len(terms))[ends.last_postings + 1] - 1, ends.text_ends)
    return _encode_distinct(packed, counts, starts_field, starts_term)


def _find_boundaries(
    terms: UInt32Array, packed: UInt32Array
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where a term, a field of a term, and a document of a field begin: bool, shape (postings,)."""
    starts_term = np.ones(len(terms), np.bool_)
    np.not_equal(terms[1:], terms[:-1], out=starts_term[1:])
    differing = np.zeros_like(packed)
    np.bitwise_xor(packed[1:], packed[:-1], out=differing[1:])
    starts_field = starts_term | (differing >= 1 << FIELD_SHIFT)
    return starts_term, starts_field, starts_field | (differing >= 1 << COUNT_BITS)


def _encode_distinct(
    packed: UInt32Array, counts: UInt32Array, starts_field: NDArray[np.bool_], starts_term: NDArray[np.bool_]
) -> tuple[str, TermEnds]:
    """Encode postings without repeated documents; all arrays have shape (postings,)."""
    field_starts = np.flatnonzero(starts_field)
    fields = packed[field_starts] >> np.uint32(FIELD_SHIFT)
    headers = _field_headers(fields, field_starts, starts_term[field_starts], len(packed))
    documents = (packed & np.uint32((1 << FIELD_SHIFT) - 1)) >> np.uint32(COUNT_BITS)
    text, text_ends = _encode_text(documents, counts, field_starts, headers)
    ends = np.append(np.flatnonzero(starts_term[1:]), len(packed) - 1) if len(packed) else np.zeros(0, np.intp)
    return text.tobytes().decode("ascii"), TermEnds(ends, text_ends[ends].astype(np.uint32))


def _field_headers(fields: UInt32Array, starts: Offsets, starts_term: NDArray[np.bool_], count: int) -> UInt32Array:
    """Return the header of each field: uint32, shape (fields of terms,).

    - `fields`: the field number; `starts`: the index of its first posting; `starts_term`: whether it is a term's first
      field.
    - `count`: the number of all postings.
    """
    headers = np.diff(np.append(starts, count)).astype(np.uint32) - _ONE
    masks = np.add.reduceat(_ONE << fields, np.flatnonzero(starts_term)) if len(headers) else headers
    headers[starts_term] = (headers[starts_term] << np.uint32(len(FIELDS))) | masks
    return headers


def _encode_text(
    documents: UInt32Array, counts: UInt32Array, field_starts: Offsets, headers: UInt32Array
) -> tuple[AsciiArray, Offsets]:
    """Return the encoded postings, and where each ends: uint8, shape (characters,); intp, shape (postings,).

    A posting is written as header (if it is the first of a field), flag, frequency, gap.
    """
    gaps = np.empty_like(documents)
    np.subtract(documents[1:], documents[:-1], out=gaps[1:])
    gaps[1:] -= _ONE
    gaps[field_starts] = documents[field_starts]
    gap_lengths, header_lengths = encoded_lengths(gaps), encoded_lengths(headers)
    repeated = np.flatnonzero(counts > 1)
    repeated_counts = counts[repeated]
    needs_number = repeated_counts > _MAX_FLAGGED_COUNT
    large, excess = repeated[needs_number], repeated_counts[needs_number] - _MAX_FLAGGED_COUNT - _ONE
    excess_lengths = encoded_lengths(excess)
    lengths = gap_lengths.astype(np.uint32)
    lengths[field_starts] += header_lengths
    lengths[repeated] += _ONE
    lengths[large] += excess_lengths
    ends = np.cumsum(lengths, dtype=np.intp)
    text = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
    encode_numbers_into(text, ends, gaps, gap_lengths)
    encode_numbers_into(text, ends[large] - gap_lengths[large], excess, excess_lengths)
    flag_ends = ends[repeated] - gap_lengths[repeated]
    flag_ends[needs_number] -= excess_lengths
    text[flag_ends - 1] = ALPHABET_BYTES[np.minimum(repeated_counts, _MAX_FLAGGED_COUNT + _ONE) + _FLAG_BASE]
    encode_numbers_into(text, ends[field_starts] - lengths[field_starts] + header_lengths, headers, header_lengths)
    return text, ends
