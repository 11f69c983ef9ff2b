"""The terms of many articles, merged: all postings of each term, in the order of the vocabulary.

The work is cut into tasks that hold all they need and know nothing of one another, so that arrays stay small: the pairs
of a stretch of the vocabulary, or the words. Where it is cut makes no difference to what comes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsarchive.index.integer_coding import Offsets, UInt32Array
from newsarchive.index.postings import COUNT_BITS, FIELD_SHIFT, MAX_DOCUMENTS, encode_postings
from newsarchive.index.term_vectors import FIELD_BITS, RANGE_COUNT, TermVectors

POSTINGS_PER_TASK = 300_000
"""About how many pairs a task merges: few MB of arrays."""

GROUP_MARK, SINGLE_MARK, SEPARATOR = ":", ".", " "

_FIELD_MASK = np.uint8((1 << FIELD_BITS) - 1)
_DIGIT_BITS = 16


@dataclass(frozen=True, slots=True)
class TermPostings:
    """Terms in the order of the vocabulary (UTF-16) and each one's postings, as texts of which any stretch can be cut.

    The terms are written as a shard has them: `:经.济历` for 经, 经济, 经历, a group for each first character of pairs;
    words by themselves; a space before each group and word.
    """

    order: NDArray[np.uint32]  # the first two UTF-16 units of each term, as one number
    packed_terms: str
    packed_ends: NDArray[np.uint32]
    postings: str
    ends: NDArray[np.uint32]

    def term_at(self, number: int) -> str:
        """One of the terms."""
        word = self.packed_terms[self._start(self.packed_ends, number) : self.packed_ends[number]]
        if word.startswith(SEPARATOR) and not word.startswith(SEPARATOR + GROUP_MARK):
            return word[len(SEPARATOR) :]
        return chr(self.order[number] >> 16) + word[-1].rstrip(SINGLE_MARK)

    def slice_terms(self, begin: int, end: int) -> tuple[str, str]:
        """A stretch of the terms, and their postings; a group that began before begins anew."""
        packed_terms = self.packed_terms[self._start(self.packed_ends, begin) : self.packed_ends[end - 1]]
        if not packed_terms.startswith(SEPARATOR):
            packed_terms = SEPARATOR + GROUP_MARK + chr(self.order[begin] >> 16) + packed_terms
        return packed_terms, self.postings[self._start(self.ends, begin) : self.ends[end - 1]]

    @staticmethod
    def _start(ends: NDArray[np.uint32], number: int) -> int:
        return int(ends[number - 1]) if number else 0


@dataclass(frozen=True, slots=True)
class BigramTask:
    """The pairs of a stretch of the vocabulary, as bytes (packed.py), and how many of them each entry has."""

    documents: NDArray[np.uint32]
    sizes: NDArray[np.uint32]
    keys: bytes
    field_counts: bytes

    def merge(self) -> TermPostings:
        """Their postings."""
        keys, field_counts = np.frombuffer(self.keys, "<u4"), np.frombuffer(self.field_counts, np.uint8)
        firsts, seconds = (keys >> np.uint32(_DIGIT_BITS)).astype(np.uint16), keys.astype(np.uint16)
        order = _radix_sort(*_second_digits(seconds, field_counts), firsts)
        sorted_keys = keys[order]
        postings, ends = encode_postings(sorted_keys, _pack_postings(self.documents, self.sizes, field_counts)[order])
        terms = sorted_keys[ends.last_postings]
        return TermPostings(terms, *_pack_bigrams(terms), postings, ends.text_ends)


@dataclass(frozen=True, slots=True)
class WordTask:
    """All words of the entries."""

    documents: NDArray[np.uint32]
    sizes: NDArray[np.uint32]
    field_counts: bytes
    words: bytes

    def merge(self) -> TermPostings:
        """Their postings."""
        words = self.words.decode("utf-8", "surrogatepass").split("\n") if self.words else []
        vocabulary = sorted(set(words), key=utf16_key)
        ordinal_of = {word: number for number, word in enumerate(vocabulary)}
        ordinals = np.fromiter(map(ordinal_of.__getitem__, words), np.uint32, len(words))
        field_counts = np.frombuffer(self.field_counts, np.uint8)
        sort_keys = ordinals << np.uint32(FIELD_BITS) | field_counts & _FIELD_MASK
        packed = _radix_sort(sort_keys.astype(np.uint16), (sort_keys >> np.uint32(_DIGIT_BITS)).astype(np.uint16))
        postings, ends = encode_postings(
            ordinals[packed], _pack_postings(self.documents, self.sizes, field_counts)[packed]
        )
        prefixes = b"".join([utf16_key(word)[:4].ljust(4, b"\0") for word in vocabulary])
        order = np.frombuffer(prefixes, ">u4").astype(np.uint32)
        packed_terms = [SEPARATOR + word for word in vocabulary]
        packed_ends = np.cumsum([len(word) for word in packed_terms], dtype=np.uint32)
        return TermPostings(order, "".join(packed_terms), packed_ends, postings, ends.text_ends)


MergeTask = BigramTask | WordTask


def merge_terms(task: MergeTask) -> TermPostings:
    """What a task comes to."""
    return task.merge()


def plan_term_ranges(vectors: TermVectors, size: int = POSTINGS_PER_TASK) -> list[tuple[int, int]]:
    """Stretches of the vocabulary with about `size` pairs each: their first ranges, and the ones after their last."""
    term_ranges: list[tuple[int, int]] = []
    begin, held = 0, 0
    for place, bigrams in enumerate(vectors.bigrams_per_range(), 1):
        held += bigrams
        if held and (held >= size or place == RANGE_COUNT):
            term_ranges.append((begin, place))
            begin, held = place, 0
    return term_ranges


def split_tasks(vectors: TermVectors, term_ranges: Iterable[tuple[int, int]]) -> Iterator[MergeTask]:
    """The work of merging: the words, then the pairs of each stretch."""
    if len(vectors.documents) and vectors.documents[-1] >= MAX_DOCUMENTS:
        raise ValueError(f"{vectors.documents[-1] + 1:,} articles in one segment: it holds at most {MAX_DOCUMENTS:,}")
    sizes, field_counts, words = vectors.words()
    yield WordTask(vectors.documents, sizes, field_counts, words)
    for first, last in term_ranges:
        sizes, keys, field_counts = vectors.bigrams(first, last)
        yield BigramTask(vectors.documents, sizes, keys, field_counts)


def utf16_key(term: str) -> bytes:
    """What JavaScript sorts strings by."""
    return term.encode("utf-16-be", "surrogatepass")


def _pack_postings(documents: UInt32Array, sizes: UInt32Array, field_counts: NDArray[np.uint8]) -> UInt32Array:
    """Field, document and count of each posting in one number."""
    packed = np.repeat(documents << np.uint32(COUNT_BITS), sizes)
    packed |= (field_counts & _FIELD_MASK).astype(np.uint32) << np.uint32(FIELD_SHIFT)
    packed |= field_counts >> np.uint8(FIELD_BITS)
    return packed


def _radix_sort(*digits: NDArray[np.uint16]) -> Offsets:
    """The order by digits of 16 bits, the last counting most; equals stay as they are, in the documents' order.

    31 ns a posting; sorting numbers of 64 bits takes 12 to 46, as the processor is.
    """
    order = np.argsort(digits[0], kind="stable")
    for digit in digits[1:]:
        order = order[np.argsort(digit[order], kind="stable")]
    return order


def _second_digits(seconds: NDArray[np.uint16], field_counts: NDArray[np.uint8]) -> list[NDArray[np.uint16]]:
    """Digits that stand for second character and field: one, where the characters' numbers leave room."""
    used = np.zeros(1 << _DIGIT_BITS, np.bool_)
    used[seconds] = True
    fields = (field_counts & _FIELD_MASK).astype(np.uint16)
    if np.count_nonzero(used) > 1 << (_DIGIT_BITS - FIELD_BITS):
        return [fields, seconds]
    ordinals = np.cumsum(used, dtype=np.uint16) - np.uint16(1)
    return [ordinals[seconds] << np.uint16(FIELD_BITS) | fields]


def _pack_bigrams(keys: UInt32Array) -> tuple[str, UInt32Array]:
    """Pairs as a shard has them, and where each ends."""
    firsts, seconds = (keys >> np.uint32(16)).astype(np.uint16), keys.astype(np.uint16)
    begins = np.ones(len(keys), np.bool_)
    np.not_equal(firsts[1:], firsts[:-1], out=begins[1:])
    ends = np.cumsum(np.where(begins, 1 + len(SEPARATOR + GROUP_MARK) + 1, 1), dtype=np.uint32)
    units = np.empty(int(ends[-1]) if len(ends) else 0, "<u2")
    units[ends - 1] = np.where(seconds, seconds, ord(SINGLE_MARK))
    prefixes = ends[begins]
    units[prefixes - 2], units[prefixes - 3], units[prefixes - 4] = firsts[begins], ord(GROUP_MARK), ord(SEPARATOR)
    return units.tobytes().decode("utf-16-le"), ends
