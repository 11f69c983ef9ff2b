"""A segment's terms, cut into shards: small files that each hold a range of the vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsarchive.index.merge_postings import ALONE, PAIR_GROUP, SPACE, TermPostings
from newsarchive.index.tokens import is_pair


@dataclass(frozen=True, slots=True)
class Shard:
    """A range of the vocabulary: its first term, all its terms packed, and their postings."""

    first: str
    terms: str
    postings: str


Run = tuple[TermPostings, int, int]
"""Neighbours in the vocabulary that come out of one part: from one of its terms to another (not with it)."""


def cut_shards(words: TermPostings, pairs: Sequence[TermPostings], budget: int) -> Iterator[Shard]:
    """Shards of about `budget` bytes of postings each; a term that has more stands with few others."""
    runs = list(_in_order(words, pairs))
    ends, run_ends = _ends(runs)
    number = begin = 0
    while begin < len(ends):
        held = int(ends[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, held + budget, "right")))
        spelled, texts = [], []
        first, at = "", begin
        while at < end:
            while run_ends[number] <= at:
                number += 1
            part, _, part_end = runs[number]
            stop = min(end, run_ends[number])
            own = part_end - run_ends[number]  # from places in the vocabulary to numbers in the part
            first = first or part.term(at + own)
            some, text = part.cut(at + own, stop + own)
            spelled.append(some)
            texts.append(text)
            at = stop
        yield Shard(first, "".join(spelled).removeprefix(SPACE), "".join(texts))
        begin = end


def _ends(runs: Sequence[Run]) -> tuple[NDArray[np.int64], list[int]]:
    """Where each term's postings end when all stand in order, and where in the vocabulary each run ends."""
    sizes = [np.diff(part.ends, prepend=np.uint32(0))[begin:end] for part, begin, end in runs]
    ends = np.cumsum(np.concatenate(sizes), dtype=np.int64) if runs else np.zeros(0, np.int64)
    return ends, np.cumsum([len(each) for each in sizes]).tolist()


def _in_order(words: TermPostings, pairs: Sequence[TermPostings]) -> Iterator[Run]:
    """All terms as JavaScript orders them: words stand between the pairs, most of them before or after all."""
    done = 0
    for part in pairs:
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
        if not is_pair(term):
            packed.append(SPACE + term)
            group = ""
            continue
        if term[0] != group:
            group = term[0]
            packed.append(SPACE + PAIR_GROUP + group)
        packed.append(term[1:] or ALONE)
    return "".join(packed).removeprefix(SPACE)


def unpack_terms(packed: str) -> Iterator[str]:
    """The way back."""
    for piece in packed.split(SPACE):
        if piece.startswith(PAIR_GROUP):
            yield from (piece[1] + ("" if second == ALONE else second) for second in piece[2:])
        elif piece:
            yield piece
