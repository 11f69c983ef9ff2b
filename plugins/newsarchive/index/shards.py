"""A segment's terms, cut into shards: small files that each hold a range of the vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsarchive.index.merge_postings import GROUP_MARK, SEPARATOR, SINGLE_MARK, TermPostings
from newsarchive.index.tokens import is_bigram


@dataclass(frozen=True, slots=True)
class Shard:
    """A range of the vocabulary: its first term, all its terms packed, and their postings."""

    first: str
    terms: str
    postings: str


TermRange = tuple[TermPostings, int, int]
"""Neighbours in the vocabulary that come out of one part: from one of its terms to another (not with it)."""


def split_shards(words: TermPostings, bigrams: Sequence[TermPostings], budget: int) -> Iterator[Shard]:
    """Shards of about `budget` bytes of postings each; a term that has more stands with few others."""
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
            shift = part_end - range_ends[range_index]  # from places in the vocabulary to numbers in the part
            first = first or part.term_at(position + shift)
            packed, text = part.slice_terms(position + shift, range_stop + shift)
            packed_pieces.append(packed)
            texts.append(text)
            position = range_stop
        yield Shard(first, "".join(packed_pieces).removeprefix(SEPARATOR), "".join(texts))
        begin = end


def _cumulative_ends(ranges: Sequence[TermRange]) -> tuple[NDArray[np.int64], list[int]]:
    """Where each term's postings end when all stand in order, and where in the vocabulary each run ends."""
    sizes = [np.diff(part.ends, prepend=np.uint32(0))[begin:end] for part, begin, end in ranges]
    ends = np.cumsum(np.concatenate(sizes), dtype=np.int64) if ranges else np.zeros(0, np.int64)
    return ends, np.cumsum([len(each) for each in sizes]).tolist()


def _merge_ranges(words: TermPostings, bigrams: Sequence[TermPostings]) -> Iterator[TermRange]:
    """All terms as JavaScript orders them: words stand between the pairs, most of them before or after all."""
    done = 0
    for part in bigrams:
        places = np.searchsorted(part.order, words.order[done:])  # of each word among the pairs
        begin = 0
        for place, count in zip(*(each.tolist() for each in np.unique(places, return_counts=True)), strict=True):
            if place == len(part.order):
                break
            if place > begin:
                yield part, begin, place
            yield words, done, done + count
            begin, done = place, done + count
        yield part, begin, len(part.order)
    if done < len(words.order):
        yield words, done, len(words.order)


def pack_terms(terms: Iterable[str]) -> str:
    """Terms in order as one text, as a shard has them."""
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
    """The way back."""
    for piece in packed.split(SEPARATOR):
        if piece.startswith(GROUP_MARK):
            yield from (piece[1] + ("" if second == SINGLE_MARK else second) for second in piece[2:])
        elif piece:
            yield piece
