"""Merge the term vectors of many articles into postings lists, in the order of the vocabulary.

The work is split into independent tasks, so that arrays stay small: one for all words, and one for the bigrams of each
range of the vocabulary. The split does not affect the result.
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
"""Approximate number of bigram postings per task; their arrays take a few MB."""

GROUP_MARK, SINGLE_MARK, SEPARATOR = ":", ".", " "

_FIELD_MASK = np.uint8((1 << FIELD_BITS) - 1)
_DIGIT_BITS = 16


@dataclass(frozen=True, slots=True)
class TermPostings:
    """Sorted terms and their encoded postings, as texts from which any range can be sliced.

    Terms are sorted by UTF-16 code units and written as in a shard: bigrams in groups of equal first characters,
    `:经.济历` for 经, 经济, 经历, words by themselves, and a space before each group and word.

    - `order`: uint32, shape (terms,), the first two UTF-16 units of each term.
    - `packed_terms`, `packed_ends`: the terms, and where each ends, uint32, shape (terms,).
    - `postings`, `ends`: the postings, and where each term's end, uint32, shape (terms,).
    """

    order: NDArray[np.uint32]
    packed_terms: str
    packed_ends: NDArray[np.uint32]
    postings: str
    ends: NDArray[np.uint32]

    def term_at(self, number: int) -> str:
        """Return the term with the given number."""
        word = self.packed_terms[self._start(self.packed_ends, number) : self.packed_ends[number]]
        if word.startswith(SEPARATOR) and not word.startswith(SEPARATOR + GROUP_MARK):
            return word[len(SEPARATOR) :]
        return chr(self.order[number] >> 16) + word[-1].rstrip(SINGLE_MARK)

    def slice_terms(self, begin: int, end: int) -> tuple[str, str]:
        """Return the packed terms `begin` to `end` (exclusive), and their postings.

        A slice that starts inside a group repeats the group's head.
        """
        packed_terms = self.packed_terms[self._start(self.packed_ends, begin) : self.packed_ends[end - 1]]
        if not packed_terms.startswith(SEPARATOR):
            packed_terms = SEPARATOR + GROUP_MARK + chr(self.order[begin] >> 16) + packed_terms
        return packed_terms, self.postings[self._start(self.ends, begin) : self.ends[end - 1]]

    @staticmethod
    def _start(ends: NDArray[np.uint32], number: int) -> int:
        """Return the start of item `number`: the end of the one before it."""
        return int(ends[number - 1]) if number else 0


@dataclass(frozen=True, slots=True)
class BigramTask:
    """The bigrams of a range of the vocabulary, in the byte layout of `term_vectors`.

    - `documents`, `sizes`: uint32, shape (entries,), the document number and the number of bigrams of each entry.
    - `keys`: uint32 little-endian, the bigrams of all entries; `field_counts`: a byte for each.
    """

    documents: NDArray[np.uint32]
    sizes: NDArray[np.uint32]
    keys: bytes
    field_counts: bytes

    def merge(self) -> TermPostings:
        """Return the postings of the bigrams."""
        keys, field_counts = np.frombuffer(self.keys, "<u4"), np.frombuffer(self.field_counts, np.uint8)
        firsts, seconds = (keys >> np.uint32(_DIGIT_BITS)).astype(np.uint16), keys.astype(np.uint16)
        order = _radix_sort(*_second_digits(seconds, field_counts), firsts)
        sorted_keys = keys[order]
        postings, ends = encode_postings(sorted_keys, _pack_postings(self.documents, self.sizes, field_counts)[order])
        terms = sorted_keys[ends.last_postings]
        return TermPostings(terms, *_pack_bigrams(terms), postings, ends.text_ends)


@dataclass(frozen=True, slots=True)
class WordTask:
    """All words of the entries.

    - `documents`, `sizes`: uint32, shape (entries,), the document number and the number of words of each entry.
    - `field_counts`: a byte for each word; `words`: UTF-8, separated by line breaks.
    """

    documents: NDArray[np.uint32]
    sizes: NDArray[np.uint32]
    field_counts: bytes
    words: bytes

    def merge(self) -> TermPostings:
        """Return the postings of the words."""
        words = self.words.decode("utf-8", "surrogatepass").split("\n") if self.words else []
        vocabulary = sorted(set(words), key=utf16_key)
        ordinal_of = {word: number for number, word in enumerate(vocabulary)}
        ordinals = np.fromiter(map(ordinal_of.__getitem__, words), np.uint32, len(words))
        field_counts = np.frombuffer(self.field_counts, np.uint8)
        sort_keys = ordinals << np.uint32(FIELD_BITS) | field_counts & _FIELD_MASK
        order = _radix_sort(sort_keys.astype(np.uint16), (sort_keys >> np.uint32(_DIGIT_BITS)).astype(np.uint16))
        postings, ends = encode_postings(
            ordinals[order], _pack_postings(self.documents, self.sizes, field_counts)[order]
        )
        prefixes = b"".join([utf16_key(word)[:4].ljust(4, b"\0") for word in vocabulary])
        first_units = np.frombuffer(prefixes, ">u4").astype(np.uint32)
        packed_terms = [SEPARATOR + word for word in vocabulary]
        packed_ends = np.cumsum([len(word) for word in packed_terms], dtype=np.uint32)
        return TermPostings(first_units, "".join(packed_terms), packed_ends, postings, ends.text_ends)


MergeTask = BigramTask | WordTask


def merge_terms(task: MergeTask) -> TermPostings:
    """Run a task; a function, so that it can be passed to `map`."""
    return task.merge()


def plan_term_ranges(vectors: TermVectors, size: int = POSTINGS_PER_TASK) -> list[tuple[int, int]]:
    """Return ranges of the vocabulary with about `size` bigrams each, as (first, last + 1).

    The numbers count the 32 ranges of `term_vectors.RANGE_STARTS`.
    """
    term_ranges: list[tuple[int, int]] = []
    begin, held = 0, 0
    for end, bigrams in enumerate(vectors.bigrams_per_range(), 1):
        held += bigrams
        if held and (held >= size or end == RANGE_COUNT):
            term_ranges.append((begin, end))
            begin, held = end, 0
    return term_ranges


def split_tasks(vectors: TermVectors, term_ranges: Iterable[tuple[int, int]]) -> Iterator[MergeTask]:
    """Yield the merge tasks: all words, then the bigrams of each range.

    Raises ValueError if a document number does not fit into 20 bits.
    """
    if len(vectors.documents) and vectors.documents[-1] >= MAX_DOCUMENTS:
        raise ValueError(f"{vectors.documents[-1] + 1:,} articles in one segment: it holds at most {MAX_DOCUMENTS:,}")
    sizes, field_counts, words = vectors.words()
    yield WordTask(vectors.documents, sizes, field_counts, words)
    for first, last in term_ranges:
        sizes, keys, field_counts = vectors.bigrams(first, last)
        yield BigramTask(vectors.documents, sizes, keys, field_counts)


def utf16_key(term: str) -> bytes:
    """Return the key by which JavaScript compares strings: UTF-16 code units."""
    return term.encode("utf-16-be", "surrogatepass")


def _pack_postings(documents: UInt32Array, sizes: UInt32Array, field_counts: NDArray[np.uint8]) -> UInt32Array:
    """Return field, document and count of each posting in one integer: uint32, shape (postings,).

    `documents` and `sizes` have shape (entries,), `field_counts` shape (postings,).
    """
    packed = np.repeat(documents << np.uint32(COUNT_BITS), sizes)
    packed |= (field_counts & _FIELD_MASK).astype(np.uint32) << np.uint32(FIELD_SHIFT)
    packed |= field_counts >> np.uint8(FIELD_BITS)
    return packed


def _radix_sort(*digits: NDArray[np.uint16]) -> Offsets:
    """Return the indices that sort by 16-bit digits, the last digit being the most significant.

    The sort is stable, so postings of a term stay in the order of documents. It takes 31 ns per posting; sorting 64-bit
    integers takes 12 to 46 ns, depending on the processor.
    """
    order = np.argsort(digits[0], kind="stable")
    for digit in digits[1:]:
        order = order[np.argsort(digit[order], kind="stable")]
    return order


def _second_digits(seconds: NDArray[np.uint16], field_counts: NDArray[np.uint8]) -> list[NDArray[np.uint16]]:
    """Return the less significant digits of a bigram's sort key: its second character and its field.

    One digit if the number of distinct second characters leaves room for the field, else two.
    """
    used = np.zeros(1 << _DIGIT_BITS, np.bool_)
    used[seconds] = True
    fields = (field_counts & _FIELD_MASK).astype(np.uint16)
    if np.count_nonzero(used) > 1 << (_DIGIT_BITS - FIELD_BITS):
        return [fields, seconds]
    ordinals = np.cumsum(used, dtype=np.uint16) - np.uint16(1)
    return [ordinals[seconds] << np.uint16(FIELD_BITS) | fields]


def _pack_bigrams(keys: UInt32Array) -> tuple[str, UInt32Array]:
    """Return sorted bigrams as a shard holds them, and where each ends: uint32, shape (bigrams,)."""
    firsts, seconds = (keys >> np.uint32(16)).astype(np.uint16), keys.astype(np.uint16)
    begins = np.ones(len(keys), np.bool_)
    np.not_equal(firsts[1:], firsts[:-1], out=begins[1:])
    ends = np.cumsum(np.where(begins, 1 + len(SEPARATOR + GROUP_MARK) + 1, 1), dtype=np.uint32)
    units = np.empty(int(ends[-1]) if len(ends) else 0, "<u2")
    units[ends - 1] = np.where(seconds, seconds, ord(SINGLE_MARK))
    heads = ends[begins]
    units[heads - 2], units[heads - 3], units[heads - 4] = firsts[begins], ord(GROUP_MARK), ord(SEPARATOR)
    return units.tobytes().decode("utf-16-le"), ends
