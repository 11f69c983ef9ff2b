"""A segment's terms, cut into shards: small files that each hold a range of the vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

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


def cut_shards(slices: Iterable[TermPostings], budget: int) -> Iterator[Shard]:
    """Shards of about `budget` bytes of postings each; a term that has more stands with few others."""
    for part in slices:
        begin = 0
        for end in range(1, len(part.terms) + 1):
            is_full = end < len(part.terms) and part.starts[end + 1] - part.starts[begin] > budget
            if is_full or end == len(part.terms):
                terms = part.terms[begin:end]
                yield Shard(terms[0], pack_terms(terms), part.text[part.starts[begin] : part.starts[end]])
                begin = end


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
