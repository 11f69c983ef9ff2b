"""The term vectors of articles as bytes: kept in the cache, and sliced without decoding single postings.

A vector consists of:

- a header of 36 uint32: the number of tokens in each field (3), the number of words (1), and where each of 32 ranges of
  the vocabulary ends among the bigrams (32);
- the bigrams in ascending order, four bytes each;
- a byte for each bigram: field (low 2 bits) and count (upper 6 bits);
- the same byte for each word;
- the words in UTF-8, separated by line breaks.

A text of 1,900 characters takes about 5 KB.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FIELDS = ("title", "body", "facts")
"""The fields of the lunr index; `facts` holds section, source, channel and tags."""

FIELD_BITS = 2
MAX_PACKED_COUNT = (1 << (8 - FIELD_BITS)) - 1
"""The largest count that fits into a byte with its field; larger counts are split into several that add up."""

RANGE_STARTS = "专之京优做几加发员在大实工开感择斯是术此源瑰的看算美药让踪逼陆"
"""First characters that divide the bigrams of running text into 32 ranges of similar size (10,000 Chinese articles).

A range can be sliced out of a vector by its offsets, so that merging handles few bigrams at a time. The result does not
depend on the ranges.
"""

RANGE_COUNT = len(RANGE_STARTS) + 1

_HEADER_LENGTH = len(FIELDS) + 1 + RANGE_COUNT
_HEADER_BYTES = 4 * _HEADER_LENGTH
_KEY_BYTES = 4

UInt32Array = NDArray[np.uint32]


def pack_vector(
    lengths: NDArray[np.intp],
    keys: UInt32Array,
    field_counts: NDArray[np.uint8],
    range_ends: UInt32Array,
    word_field_counts: bytes,
    words: bytes,
) -> bytes:
    """Return the vector of one article as bytes; equal terms give equal bytes.

    - `lengths`: intp, shape (3,), tokens in each field.
    - `keys`, `field_counts`: uint32 and uint8, shape (bigrams,).
    - `range_ends`: uint32, shape (32,).
    - `word_field_counts`, `words`: a byte for each word, and the words.
    """
    header = np.concatenate((lengths, [len(word_field_counts)], range_ends)).astype("<u4")
    return b"".join(
        (header.tobytes(), keys.astype("<u4", copy=False).tobytes(), field_counts.tobytes(), word_field_counts, words)
    )


@dataclass(frozen=True, slots=True)
class TermVectors:
    """The term vectors of many articles.

    Several entries may belong to one document; their counts are added up.

    - `documents`: uint32, shape (entries,), ascending document numbers.
    - `headers`: uint32, shape (entries, 36).
    """

    entries: Sequence[bytes]
    documents: UInt32Array
    headers: NDArray[np.uint32]

    @classmethod
    def from_entries(cls, entries: Iterable[tuple[int, bytes]]) -> TermVectors:
        """Return the vectors given as (document number, bytes), in ascending order of documents."""
        entry_list = list(entries)
        packed = [each for _, each in entry_list]
        headers = np.frombuffer(b"".join([each[:_HEADER_BYTES] for each in packed]), "<u4").reshape(-1, _HEADER_LENGTH)
        return cls(packed, np.array([document for document, _ in entry_list], np.uint32), headers)

    def lengths(self, documents: int) -> NDArray[np.int64]:
        """Return the number of tokens in each field of each document: int64, shape (fields, documents)."""
        sums = np.zeros((len(FIELDS), documents), np.int64)
        for field, row in enumerate(sums):
            np.add.at(row, self.documents, self.headers[:, field])
        return sums

    def bigrams_per_range(self) -> list[int]:
        """Return the number of bigrams in each of the 32 ranges."""
        sums = self.headers[:, len(FIELDS) + 1 :].sum(axis=0, dtype=np.int64)
        return [int(size) for size in np.diff(sums, prepend=0)]

    def bigrams(self, first: int, last: int) -> tuple[UInt32Array, bytes, bytes]:
        """Return the bigrams of the ranges `first` to `last` (exclusive).

        The result is the number of bigrams of each entry (uint32, shape (entries,)), the bigrams, and their field
        bytes.
        """
        starts = self.headers[:, len(FIELDS) + first] if first else np.zeros(len(self.entries), np.uint32)
        ends = self.headers[:, len(FIELDS) + last]
        keys = self._slice_entries(_HEADER_BYTES + _KEY_BYTES * starts, _HEADER_BYTES + _KEY_BYTES * ends)
        after_keys = _HEADER_BYTES + _KEY_BYTES * self.headers[:, -1]
        return ends - starts, keys, self._slice_entries(after_keys + starts, after_keys + ends)

    def _slice_entries(self, starts: UInt32Array, ends: UInt32Array) -> bytes:
        """Return the joined slices of all entries; `starts` and `ends` are byte offsets, shape (entries,)."""
        slices = zip(self.entries, starts.tolist(), ends.tolist(), strict=True)
        return b"".join([entry[begin:end] for entry, begin, end in slices])

    def words(self) -> tuple[UInt32Array, bytes, bytes]:
        """Return the number of words of each entry (uint32, shape (entries,)), their field bytes, and the words."""
        sizes = self.headers[:, len(FIELDS)]
        starts = _HEADER_BYTES + (_KEY_BYTES + 1) * self.headers[:, -1]
        ends = starts + sizes
        words = b"\n".join(
            [entry[end:] for entry, end in zip(self.entries, ends.tolist(), strict=True) if len(entry) > end]
        )
        return sizes, self._slice_entries(starts, ends), words
