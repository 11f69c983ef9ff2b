"""The terms of many articles, merged: all postings of each term, in the order of the vocabulary.

The work is cut into tasks that hold all they need and know nothing of one another, so that arrays stay small: the pairs
of a stretch of the vocabulary, or the words. Where it is cut makes no difference to what comes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsarchive.index.integer_coding import Numbers, Places
from newsarchive.index.postings import COUNT_BITS, FIELD_AT, MOST_DOCUMENTS, write_postings
from newsarchive.index.term_vectors import FIELD_BITS, RANGES, PackedTerms

POSTINGS_A_TASK = 300_000
"""About how many pairs a task merges: few MB of arrays."""

PAIR_GROUP, ALONE, SPACE = ":", ".", " "

_FIELD_IN_INFO = np.uint8((1 << FIELD_BITS) - 1)
_DIGIT_BITS = 16


@dataclass(frozen=True, slots=True)
class TermPostings:
    """Terms in the order of the vocabulary (UTF-16) and each one's postings, as texts of which any stretch can be cut.

    The terms are written as a shard has them: `:经.济历` for 经, 经济, 经历, a group for each first character of pairs;
    words by themselves; a space before each group and word.
    """

    order: NDArray[np.uint32]  # the first two UTF-16 units of each term, as one number
    spelled: str
    spelled_ends: NDArray[np.uint32]
    postings: str
    ends: NDArray[np.uint32]

    def term(self, number: int) -> str:
        """One of the terms."""
        word = self.spelled[self._begin(self.spelled_ends, number) : self.spelled_ends[number]]
        if word.startswith(SPACE) and not word.startswith(SPACE + PAIR_GROUP):
            return word[len(SPACE) :]
        return chr(self.order[number] >> 16) + word[-1].rstrip(ALONE)

    def cut(self, begin: int, end: int) -> tuple[str, str]:
        """A stretch of the terms, and their postings; a group that began before begins anew."""
        spelled = self.spelled[self._begin(self.spelled_ends, begin) : self.spelled_ends[end - 1]]
        if not spelled.startswith(SPACE):
            spelled = SPACE + PAIR_GROUP + chr(self.order[begin] >> 16) + spelled
        return spelled, self.postings[self._begin(self.ends, begin) : self.ends[end - 1]]

    @staticmethod
    def _begin(ends: NDArray[np.uint32], number: int) -> int:
        return int(ends[number - 1]) if number else 0


@dataclass(frozen=True, slots=True)
class PairTask:
    """The pairs of a stretch of the vocabulary, as bytes (packed.py), and how many of them each entry has."""

    documents: NDArray[np.uint32]
    sizes: NDArray[np.uint32]
    keys: bytes
    infos: bytes

    def merge(self) -> TermPostings:
        """Their postings."""
        keys, infos = np.frombuffer(self.keys, "<u4"), np.frombuffer(self.infos, np.uint8)
        firsts, seconds = (keys >> np.uint32(_DIGIT_BITS)).astype(np.uint16), keys.astype(np.uint16)
        order = _radix_sort(*_with_fields(seconds, infos), firsts)
        sorted_keys = keys[order]
        postings, ends = write_postings(sorted_keys, _places(self.documents, self.sizes, infos)[order])
        terms = sorted_keys[ends.terms]
        return TermPostings(terms, *_spell_pairs(terms), postings, ends.characters)


@dataclass(frozen=True, slots=True)
class WordTask:
    """All words of the entries."""

    documents: NDArray[np.uint32]
    sizes: NDArray[np.uint32]
    infos: bytes
    words: bytes

    def merge(self) -> TermPostings:
        """Their postings."""
        words = self.words.decode("utf-8", "surrogatepass").split("\n") if self.words else []
        vocabulary = sorted(set(words), key=utf16)
        number_of = {word: number for number, word in enumerate(vocabulary)}
        numbers = np.fromiter(map(number_of.__getitem__, words), np.uint32, len(words))
        infos = np.frombuffer(self.infos, np.uint8)
        joined = numbers << np.uint32(FIELD_BITS) | infos & _FIELD_IN_INFO
        places = _radix_sort(joined.astype(np.uint16), (joined >> np.uint32(_DIGIT_BITS)).astype(np.uint16))
        postings, ends = write_postings(numbers[places], _places(self.documents, self.sizes, infos)[places])
        heads = b"".join([utf16(word)[:4].ljust(4, b"\0") for word in vocabulary])
        order = np.frombuffer(heads, ">u4").astype(np.uint32)
        spelled = [SPACE + word for word in vocabulary]
        spelled_ends = np.cumsum([len(word) for word in spelled], dtype=np.uint32)
        return TermPostings(order, "".join(spelled), spelled_ends, postings, ends.characters)


Task = PairTask | WordTask


def merge_terms(task: Task) -> TermPostings:
    """What a task comes to."""
    return task.merge()


def plan_stretches(packed: PackedTerms, size: int = POSTINGS_A_TASK) -> list[tuple[int, int]]:
    """Stretches of the vocabulary with about `size` pairs each: their first ranges, and the ones after their last."""
    stretches: list[tuple[int, int]] = []
    begin, held = 0, 0
    for place, pairs in enumerate(packed.sizes(), 1):
        held += pairs
        if held and (held >= size or place == RANGES):
            stretches.append((begin, place))
            begin, held = place, 0
    return stretches


def cut_tasks(packed: PackedTerms, stretches: Iterable[tuple[int, int]]) -> Iterator[Task]:
    """The work of merging: the words, then the pairs of each stretch."""
    if len(packed.documents) and packed.documents[-1] >= MOST_DOCUMENTS:
        raise ValueError(f"{packed.documents[-1] + 1:,} articles in one segment: it holds at most {MOST_DOCUMENTS:,}")
    sizes, infos, words = packed.words()
    yield WordTask(packed.documents, sizes, infos, words)
    for first, last in stretches:
        sizes, keys, infos = packed.pairs(first, last)
        yield PairTask(packed.documents, sizes, keys, infos)


def utf16(term: str) -> bytes:
    """What JavaScript sorts strings by."""
    return term.encode("utf-16-be", "surrogatepass")


def _places(documents: Numbers, sizes: Numbers, infos: NDArray[np.uint8]) -> Numbers:
    """Field, document and count of each posting in one number."""
    places = np.repeat(documents << np.uint32(COUNT_BITS), sizes)
    places |= (infos & _FIELD_IN_INFO).astype(np.uint32) << np.uint32(FIELD_AT)
    places |= infos >> np.uint8(FIELD_BITS)
    return places


def _radix_sort(*digits: NDArray[np.uint16]) -> Places:
    """The order by digits of 16 bits, the last counting most; equals stay as they are, in the documents' order.

    31 ns a posting; sorting numbers of 64 bits takes 12 to 46, as the processor is.
    """
    order = np.argsort(digits[0], kind="stable")
    for digit in digits[1:]:
        order = order[np.argsort(digit[order], kind="stable")]
    return order


def _with_fields(seconds: NDArray[np.uint16], infos: NDArray[np.uint8]) -> list[NDArray[np.uint16]]:
    """Digits that stand for second character and field: one, where the characters' numbers leave room."""
    used = np.zeros(1 << _DIGIT_BITS, np.bool_)
    used[seconds] = True
    fields = (infos & _FIELD_IN_INFO).astype(np.uint16)
    if np.count_nonzero(used) > 1 << (_DIGIT_BITS - FIELD_BITS):
        return [fields, seconds]
    numbers = np.cumsum(used, dtype=np.uint16) - np.uint16(1)
    return [numbers[seconds] << np.uint16(FIELD_BITS) | fields]


def _spell_pairs(keys: Numbers) -> tuple[str, Numbers]:
    """Pairs as a shard has them, and where each ends."""
    firsts, seconds = (keys >> np.uint32(16)).astype(np.uint16), keys.astype(np.uint16)
    begins = np.ones(len(keys), np.bool_)
    np.not_equal(firsts[1:], firsts[:-1], out=begins[1:])
    ends = np.cumsum(np.where(begins, 1 + len(SPACE + PAIR_GROUP) + 1, 1), dtype=np.uint32)
    units = np.empty(int(ends[-1]) if len(ends) else 0, "<u2")
    units[ends - 1] = np.where(seconds, seconds, ord(ALONE))
    heads = ends[begins]
    units[heads - 2], units[heads - 3], units[heads - 4] = firsts[begins], ord(PAIR_GROUP), ord(SPACE)
    return units.tobytes().decode("utf-16-le"), ends
