"""A segment's terms, cut into shards: small files that each hold a range of the vocabulary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from newsarchive.index.postings import TermPostings
from newsarchive.index.tokens import is_pair

PAIR_GROUP, ALONE, SPACE = ":", ".", " "
"""Pairs with the same first character stand together, `:经.济历` for 经, 经济, 经历; words stand by themselves."""


@dataclass(frozen=True, slots=True)
class Shard:
    """A range of the vocabulary: its first term, all its terms packed, and their postings."""

    first: str
    terms: str
    postings: str


@dataclass(frozen=True, slots=True)
class _Run:
    """Neighbours in the vocabulary that come out of one part."""

    part: TermPostings
    begin: int
    end: int

    def take(self, begin: int, end: int) -> tuple[list[str], str]:
        """Some of its terms, counted from its own first, and their postings."""
        first, last = self.begin + max(0, begin), min(self.end, self.begin + end)
        return self.part.terms[first:last], self.part.text[self.part.starts[first] : self.part.starts[last]]


def cut_shards(words: TermPostings, pairs: Sequence[TermPostings], budget: int) -> Iterator[Shard]:
    """Shards of about `budget` bytes of postings each; a term that has more stands with few others."""
    runs = list(_in_order(words, pairs))
    sizes = [np.diff(run.part.starts[run.begin : run.end + 1]) for run in runs]
    ends = np.cumsum(np.concatenate(sizes)) if runs else np.zeros(0, np.intp)
    firsts = np.cumsum([0, *(len(each) for each in sizes)]).tolist()
    begin, number = 0, 0
    while begin < len(ends):
        held = int(ends[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, held + budget, "right")))
        terms, texts = [], []
        while True:
            run = runs[number]
            some, text = run.take(begin - firsts[number], end - firsts[number])
            terms += some
            texts.append(text)
            if end < firsts[number + 1] or number + 1 == len(runs):
                break
            number += 1
        yield Shard(terms[0], pack_terms(terms), "".join(texts))
        begin = end


def _in_order(words: TermPostings, pairs: Sequence[TermPostings]) -> Iterator[_Run]:
    """All terms as JavaScript orders them: words stand between the pairs, most of them before or after all."""
    begin = 0
    for part in pairs:
        done = 0
        places = np.searchsorted(part.order, words.order[begin:])
        inner = places[places < len(part.terms)]
        for place in np.unique(inner).tolist():
            end = begin + int(np.count_nonzero(inner == place))
            if place > done:
                yield _Run(part, done, place)
            yield _Run(words, begin, end)
            begin, done = end, place
        yield _Run(part, done, len(part.terms))
    if begin < len(words.terms):
        yield _Run(words, begin, len(words.terms))


def pack_terms(terms: Sequence[str]) -> str:
    """The terms of a shard as one text."""
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
