"""An article's terms as bytes: what is kept between builds, and joined without looking at single postings.

A head of 36 numbers: tokens in each field, number of words, and where in the pairs each of 32 ranges of the vocabulary
ends. Then the pairs in ascending order, four bytes each; a byte for each pair (field, and how often); a byte for each
word; the words, a line each. About 5 KB for 1,900 characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FIELDS = ("title", "body", "facts")
"""What lunr calls fields. `facts` holds section, source, channel and tags."""

FIELD_BITS = 2
MAX_PACKED_COUNT = (1 << (8 - FIELD_BITS)) - 1
"""How often a pair or word can be said to stand in a field at once; what is more is said in several that add up."""

RANGE_STARTS = "专之京优做几加发员在大实工开感择斯是术此源瑰的看算美药让踪逼陆"
"""First characters that cut the pairs of running text into 32 parts of about one size (10,000 Chinese articles). What a
range holds can be taken out of an article by its place alone, so that few are merged at a time; nothing else depends on
it."""

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
    """One article's terms; the same terms give the same bytes."""
    header = np.concatenate((lengths, [len(word_field_counts)], range_ends)).astype("<u4")
    return b"".join(
        (header.tobytes(), keys.astype("<u4", copy=False).tobytes(), field_counts.tobytes(), word_field_counts, words)
    )


@dataclass(frozen=True, slots=True)
class TermVectors:
    """The terms of many articles; several entries may belong to one document, and add up."""

    entries: Sequence[bytes]
    documents: UInt32Array  # ascending
    headers: NDArray[np.uint32]  # a row an entry

    @classmethod
    def from_entries(cls, entries: Iterable[tuple[int, bytes]]) -> TermVectors:
        """(document, its terms packed), in the documents' order."""
        entry_list = list(entries)
        packed = [each for _, each in entry_list]
        headers = np.frombuffer(b"".join([each[:_HEADER_BYTES] for each in packed]), "<u4").reshape(-1, _HEADER_LENGTH)
        return cls(packed, np.array([document for document, _ in entry_list], np.uint32), headers)

    def lengths(self, documents: int) -> NDArray[np.int64]:
        """Tokens in each field (rows) of each document."""
        sums = np.zeros((len(FIELDS), documents), np.int64)
        for field, row in enumerate(sums):
            np.add.at(row, self.documents, self.headers[:, field])
        return sums

    def bigrams_per_range(self) -> list[int]:
        """How many pairs each range holds."""
        sums = self.headers[:, len(FIELDS) + 1 :].sum(axis=0, dtype=np.int64)
        return [int(size) for size in np.diff(sums, prepend=0)]

    def bigrams(self, first: int, last: int) -> tuple[UInt32Array, bytes, bytes]:
        """Of the ranges `first` to `last` (not with it): how many pairs each entry has, the pairs, and their infos."""
        starts = self.headers[:, len(FIELDS) + first] if first else np.zeros(len(self.entries), np.uint32)
        ends = self.headers[:, len(FIELDS) + last]
        keys = self._slice_entries(_HEADER_BYTES + _KEY_BYTES * starts, _HEADER_BYTES + _KEY_BYTES * ends)
        after_keys = _HEADER_BYTES + _KEY_BYTES * self.headers[:, -1]
        return ends - starts, keys, self._slice_entries(after_keys + starts, after_keys + ends)

    def _slice_entries(self, starts: UInt32Array, ends: UInt32Array) -> bytes:
        """A piece out of each entry, joined."""
        slices = zip(self.entries, starts.tolist(), ends.tolist(), strict=True)
        return b"".join([entry[begin:end] for entry, begin, end in slices])

    def words(self) -> tuple[UInt32Array, bytes, bytes]:
        """How many words each entry has, their infos, and the words, a line each."""
        sizes = self.headers[:, len(FIELDS)]
        starts = _HEADER_BYTES + (_KEY_BYTES + 1) * self.headers[:, -1]
        ends = starts + sizes
        words = b"\n".join(
            [entry[end:] for entry, end in zip(self.entries, ends.tolist(), strict=True) if len(entry) > end]
        )
        return sizes, self._slice_entries(starts, ends), words
