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
MOST_IN_INFO = (1 << (8 - FIELD_BITS)) - 1
"""How often a pair or word can be said to stand in a field at once; what is more is said in several that add up."""

RANGE_STARTS = "专之京优做几加发员在大实工开感择斯是术此源瑰的看算美药让踪逼陆"
"""First characters that cut the pairs of running text into 32 parts of about one size (10,000 Chinese articles). What a
range holds can be taken out of an article by its place alone, so that few are merged at a time; nothing else depends on
it."""

RANGES = len(RANGE_STARTS) + 1

_HEAD = len(FIELDS) + 1 + RANGES
_HEAD_BYTES = 4 * _HEAD
_KEY_BYTES = 4

Numbers = NDArray[np.uint32]


def pack(
    lengths: NDArray[np.intp],
    keys: Numbers,
    infos: NDArray[np.uint8],
    range_ends: Numbers,
    word_infos: bytes,
    words: bytes,
) -> bytes:
    """One article's terms; the same terms give the same bytes."""
    head = np.concatenate((lengths, [len(word_infos)], range_ends)).astype("<u4")
    return b"".join((head.tobytes(), keys.astype("<u4", copy=False).tobytes(), infos.tobytes(), word_infos, words))


@dataclass(frozen=True, slots=True)
class PackedTerms:
    """The terms of many articles; several entries may belong to one document, and add up."""

    entries: Sequence[bytes]
    documents: Numbers  # ascending
    heads: NDArray[np.uint32]  # a row an entry

    @classmethod
    def of(cls, entries: Iterable[tuple[int, bytes]]) -> PackedTerms:
        """(document, its terms packed), in the documents' order."""
        given = list(entries)
        packed = [each for _, each in given]
        heads = np.frombuffer(b"".join([each[:_HEAD_BYTES] for each in packed]), "<u4").reshape(-1, _HEAD)
        return cls(packed, np.array([document for document, _ in given], np.uint32), heads)

    def lengths(self, documents: int) -> NDArray[np.int64]:
        """Tokens in each field (rows) of each document."""
        sums = np.zeros((len(FIELDS), documents), np.int64)
        for field, row in enumerate(sums):
            np.add.at(row, self.documents, self.heads[:, field])
        return sums

    def sizes(self) -> list[int]:
        """How many pairs each range holds."""
        sums = self.heads[:, len(FIELDS) + 1 :].sum(axis=0, dtype=np.int64)
        return [int(size) for size in np.diff(sums, prepend=0)]

    def pairs(self, first: int, last: int) -> tuple[Numbers, bytes, bytes]:
        """Of the ranges `first` to `last` (not with it): how many pairs each entry has, the pairs, and their infos."""
        begins = self.heads[:, len(FIELDS) + first] if first else np.zeros(len(self.entries), np.uint32)
        ends = self.heads[:, len(FIELDS) + last]
        keys = self._cut(_HEAD_BYTES + _KEY_BYTES * begins, _HEAD_BYTES + _KEY_BYTES * ends)
        after_keys = _HEAD_BYTES + _KEY_BYTES * self.heads[:, -1]
        return ends - begins, keys, self._cut(after_keys + begins, after_keys + ends)

    def _cut(self, begins: Numbers, ends: Numbers) -> bytes:
        """A piece out of each entry, joined."""
        places = zip(self.entries, begins.tolist(), ends.tolist(), strict=True)
        return b"".join([entry[begin:end] for entry, begin, end in places])

    def words(self) -> tuple[Numbers, bytes, bytes]:
        """How many words each entry has, their infos, and the words, a line each."""
        sizes = self.heads[:, len(FIELDS)]
        begins = _HEAD_BYTES + (_KEY_BYTES + 1) * self.heads[:, -1]
        ends = begins + sizes
        words = b"\n".join(
            [entry[end:] for entry, end in zip(self.entries, ends.tolist(), strict=True) if len(entry) > end]
        )
        return sizes, self._cut(begins, ends), words
