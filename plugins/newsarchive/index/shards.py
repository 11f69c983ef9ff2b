"""Split a segment's terms into shards: small files, each with a range of the vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsarchive.index.merge_postings import GROUP_MARK, SEPARATOR, SINGLE_MARK, TermPostings
from newsarchive.index.tokens import is_bigram


@dataclass(frozen=True, slots=True)
class Shard:
    """A range of the vocabulary: its first term, all its terms (packed), and their postings (encoded)."""

    first: str
    terms: str
    postings: str


TermRange = tuple[TermPostings, int, int]
"""Terms of one part that are consecutive in the vocabulary, too: the part, first number, last number + 1."""


def split_shards(words: TermPostings, bigrams: Sequence[TermPostings], budget: int) -> Iterator[Shard]:
    """Yield shards with about `budget` bytes of postings.

    A term whose postings exceed the budget shares its shard with few others. `words` and `bigrams` are the results of
    the merge tasks, the bigrams in order.
    """
    ranges = list(_merge_ranges(words, bigrams))
    ends, range_ends = _cumulative_ends(ranges)
    range_index = begin = 0
    while begin < len(ends):
        used = int(ends[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, used + budget, "right")))
        packed_pieces, texts = [], []
        first, position = "", begin
        while position < end:
            while range_ends[range_index] <= position:
                range_index += 1
            part, _, part_end = ranges[range_index]
            range_stop = min(end, range_ends[range_index])
            shift = part_end - range_ends[range_index]  # from positions in the vocabulary to numbers in the part
            first = first or part.term_at(position + shift)
            packed, text = part.slice_terms(position + shift, range_stop + shift)
            packed_pieces.append(packed)
            texts.append(text)
            position = range_stop
        yield Shard(first, "".join(packed_pieces).removeprefix(SEPARATOR), "".join(texts))
        begin = end


def _cumulative_ends(ranges: Sequence[TermRange]) -> tuple[NDArray[np.int64], list[int]]:
    """Return where each term's postings end in the whole vocabulary, and where each range ends in it.

    The first is int64, shape (terms,), in characters; the second counts terms.
    """
    sizes = [np.diff(part.ends, prepend=np.uint32(0))[begin:end] for part, begin, end in ranges]
    ends = np.cumsum(np.concatenate(sizes), dtype=np.int64) if ranges else np.zeros(0, np.int64)
    return ends, np.cumsum([len(each) for each in sizes]).tolist()


def _merge_ranges(words: TermPostings, bigrams: Sequence[TermPostings]) -> Iterator[TermRange]:
    """Yield all terms in UTF-16 order as ranges; most words sort before or after all bigrams, some between them."""
    done = 0
    for part in bigrams:
        insert_positions = np.searchsorted(part.order, words.order[done:])  # of each word among the bigrams
        begin = 0
        for end, count in zip(
            *(each.tolist() for each in np.unique(insert_positions, return_counts=True)), strict=True
        ):
            if end == len(part.order):
                break
            if end > begin:
                yield part, begin, end
            yield words, done, done + count
            begin, done = end, done + count
        yield part, begin, len(part.order)
    if done < len(words.order):
        yield words, done, len(words.order)


def pack_terms(terms: Iterable[str]) -> str:
    """Return sorted terms in the format of a shard.

    >>> pack_terms(["2021", "经", "经济", "经历"])
    '2021 :经.济历'
    """
    packed: list[str] = []
    group = ""
    for term in terms:
        if not is_bigram(term):
            packed.append(SEPARATOR + term)
            group = ""
            continue
        if term[0] != group:
            group = term[0]
            packed.append(SEPARATOR + GROUP_MARK + group)
        packed.append(term[1:] or SINGLE_MARK)
    return "".join(packed).removeprefix(SEPARATOR)


def unpack_terms(packed: str) -> Iterator[str]:
    """Yield the terms of a packed text: the inverse of `pack_terms`."""
    for piece in packed.split(SEPARATOR):
        if piece.startswith(GROUP_MARK):
            yield from (piece[1] + ("" if second == SINGLE_MARK else second) for second in piece[2:])
        elif piece:
            yield piece
