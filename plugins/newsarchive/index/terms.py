"""Articles → their terms, counted and packed (packed.py): a pure function of an article, so that it can be kept.

A pair of characters is one number, the first in the upper 16 bits and the second, 0 at a run's end, in the lower: that
is how JavaScript orders strings. Every other term is a word: runs of letters and digits, whole tags, and the rare pairs
with a character beyond U+FFFF. Many articles are counted in one go, because numpy's calls cost more than their work on
one; what comes out for an article does not depend on the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from newsarchive.index.characters import OTHER, PAIRED, WORD, load_characters
from newsarchive.index.stemmer import stem
from newsarchive.index.term_vectors import FIELD_BITS, FIELDS, MOST_IN_INFO, RANGE_STARTS, pack
from newsarchive.index.tokens import Codes, decode, encode, normalise
from newsarchive.models import Article

TITLE, BODY, FACTS = range(len(FIELDS))

_AT_ONCE = 64  # articles: their arrays stay in the processor's cache

_NEWLINE = ord("\n")
_LAST_OF_16_BITS = 0xFFFF

Places = NDArray[np.intp]
Joined = TypeVar("Joined", NDArray[np.uint64], NDArray[np.int64])


class Texts(NamedTuple):
    """What is indexed of an article: the text of each field, and terms of the last field beside those of its text."""

    title: str
    body: str
    facts: str
    tags: Sequence[str] = ()


def count_articles(articles: Iterable[Article], texts: Iterable[str]) -> list[bytes]:
    """The terms of articles, packed; `texts` are those of their bodies. Looks at title, text, categories, author and
    tags, not at what collecting adds."""
    return count_texts([_texts_of(article, text) for article, text in zip(articles, texts, strict=True)])


def count_channels(article: Article) -> bytes | None:
    """The terms of the categories that only an article's duplicates stand in, packed; None where there are none."""
    own = _facts_of(article)
    names = dict.fromkeys(name for path in article.also_in for name in path if name not in own)
    return count_texts([Texts("", "", "\n".join(names))])[0] if names else None


def _texts_of(article: Article, text: str) -> Texts:
    return Texts(article.title, text, "\n".join(_facts_of(article)), article.tags)


def _facts_of(article: Article) -> dict[str, None]:
    return dict.fromkeys([*article.categories, article.publication, *article.tags])


def count_texts(articles: Sequence[Texts]) -> list[bytes]:
    """The terms of many articles, each packed by itself."""
    some = (articles[begin : begin + _AT_ONCE] for begin in range(0, len(articles), _AT_ONCE))
    return [packed for each in some for packed in _count_some(each)]


def _count_some(articles: Sequence[Texts]) -> Iterator[bytes]:
    parts = _Parts.of([text for article in articles for text in (article.title, article.body, article.facts)])
    pairs, astral = _find_pairs(parts)
    words, words_of_part = _find_words(parts)
    tags = [(place * len(FIELDS) + FACTS, tag) for place, article in enumerate(articles) for tag in article.tags]
    tag_terms = _tag_terms([tag for _, tag in tags])
    terms = [*_stems(words), *(term for _, term in astral), *tag_terms]
    term_parts = np.concatenate((words_of_part, [part for part, _ in astral], [part for part, _ in tags])).astype(
        np.int64
    )
    lengths = pairs.tokens + np.bincount(term_parts, minlength=len(pairs.tokens))
    counted = _count_words(terms, term_parts, len(articles))
    for place, (begin, end) in enumerate(pairwise(pairs.bounds)):
        yield pack(
            lengths[place * len(FIELDS) : (place + 1) * len(FIELDS)],
            pairs.keys[begin:end],
            pairs.infos[begin:end],
            pairs.range_ends[place],
            *counted[place],
        )


# --- texts as code points ---------------------------------------------------------------------------------------------


class _Parts(NamedTuple):
    """Normalised texts one after the other, a line break after each, and where they begin (and the last ends)."""

    codes: Codes
    kinds: NDArray[np.uint8]
    bounds: Places

    @classmethod
    def of(cls, texts: Sequence[str]) -> _Parts:
        characters = load_characters()
        codes = encode("".join(text + "\n" for text in texts))
        bounds = np.concatenate(([0], np.cumsum([len(text) + 1 for text in texts]))).astype(np.intp)
        dependent = np.flatnonzero(~characters.alone[codes])
        codes, bounds = (characters.plain[codes], bounds) if not len(dependent) else _mend(codes, bounds, dependent)
        return cls(codes, characters.kinds[codes], bounds)

    def part_of(self, places: Places) -> Places:
        """The parts in which places lie."""
        return np.searchsorted(self.bounds, places, "right") - 1


def _mend(codes: Codes, bounds: Places, dependent: Places) -> tuple[Codes, Places]:
    """Texts normalised by table, but for lines with characters whose neighbours have a say: those one by one."""
    line_ends = np.flatnonzero(codes == _NEWLINE)
    plain = load_characters().plain[codes]
    pieces, grown, done = [], [], 0
    lines = np.unique(np.searchsorted(line_ends, dependent))
    for line in lines.tolist():
        begin, end = (int(line_ends[line - 1]) + 1 if line else 0), int(line_ends[line])
        mended = normalise(decode(codes[begin:end]))
        pieces += [plain[done:begin], mended]
        grown.append(len(mended) - (end - begin))
        done = end
    moved = np.concatenate(([0], np.cumsum(grown)))
    return np.concatenate([*pieces, plain[done:]]), bounds + moved[np.searchsorted(line_ends[lines], bounds)]


# --- pairs ------------------------------------------------------------------------------------------------------------


class _Pairs(NamedTuple):
    """The distinct pairs of each article in order: `bounds` says whose, `range_ends` where in them each range ends."""

    keys: NDArray[np.uint32]
    infos: NDArray[np.uint8]
    bounds: Places
    range_ends: NDArray[np.uint32]
    tokens: Places  # of each part


def _find_pairs(parts: _Parts) -> tuple[_Pairs, list[tuple[int, str]]]:
    """The pairs of all texts; those with a character that 16 bits do not hold, apart, as (part, term)."""
    paired = parts.kinds == PAIRED
    at = np.flatnonzero(paired)
    firsts, seconds = parts.codes[at], parts.codes[at + 1]  # a line break stands after the last of all
    seconds *= paired[at + 1]
    astral: list[tuple[int, str]] = []
    if len(at) and max(firsts.max(), seconds.max()) > _LAST_OF_16_BITS:
        beyond = (firsts > _LAST_OF_16_BITS) | (seconds > _LAST_OF_16_BITS)
        terms = [
            chr(one) + (chr(other) if other else "")
            for one, other in zip(firsts[beyond].tolist(), seconds[beyond].tolist(), strict=True)
        ]
        astral = list(zip(parts.part_of(at[beyond]).tolist(), terms, strict=True))
        at, firsts, seconds = at[~beyond], firsts[~beyond], seconds[~beyond]
    tokens = np.diff(np.searchsorted(at, parts.bounds))
    fields = np.repeat((np.arange(len(tokens)) % len(FIELDS)).astype(np.uint8), np.diff(parts.bounds))[at]
    joined = firsts.astype(np.uint64) << np.uint64(16) | seconds
    joined = joined << np.uint64(FIELD_BITS) | fields
    bounds = np.searchsorted(at, parts.bounds[:: len(FIELDS)])
    return _count_pairs(joined, bounds, tokens), astral


def _count_pairs(joined: NDArray[np.uint64], bounds: Places, tokens: Places) -> _Pairs:
    """Pairs with their fields as they stand → in order, each once with its count. Sorts `joined` in place."""
    for begin, end in pairwise(bounds.tolist()):
        joined[begin:end].sort()  # each by itself: twice as fast as all at once
    begins = np.empty(len(joined) + 1, np.bool_)
    np.not_equal(joined[1:], joined[:-1], out=begins[1:-1])
    begins[bounds] = True
    starts = np.flatnonzero(begins)
    distinct, counts = joined[starts[:-1]], np.diff(starts)
    ends = np.searchsorted(starts, bounds)
    if len(counts) and counts.max() > MOST_IN_INFO:
        distinct, counts, ends = _split_large(distinct, counts, ends)
    articles = np.repeat(np.arange(len(bounds) - 1, dtype=np.uint64), np.diff(ends))
    cuts = np.arange(len(bounds) - 1, dtype=np.uint64)[:, None] << np.uint64(34) | _CUTS
    range_ends = np.searchsorted(articles << np.uint64(34) | distinct, cuts.ravel()).reshape(cuts.shape)
    range_ends = np.column_stack((range_ends, ends[1:])) - ends[:-1, None]
    infos = (distinct.astype(np.uint8) & np.uint8((1 << FIELD_BITS) - 1)) | (counts << FIELD_BITS).astype(np.uint8)
    keys = (distinct >> np.uint64(FIELD_BITS)).astype(np.uint32)
    return _Pairs(keys, infos, ends, range_ends.astype(np.uint32), tokens)


_CUTS = np.array([ord(char) for char in RANGE_STARTS], np.uint64) << np.uint64(16 + FIELD_BITS)


def _split_large(distinct: Joined, counts: Places, ends: Places) -> tuple[Joined, Places, Places]:
    """Counts that six bits do not hold, as several that add up."""
    large = np.flatnonzero(counts > MOST_IN_INFO)
    more = (counts[large] - 1) // MOST_IN_INFO
    counts[large] -= more * MOST_IN_INFO
    at = np.repeat(large, more)
    inserted = np.concatenate(([0], np.cumsum(more)))
    ends = ends + inserted[np.searchsorted(large, ends)]
    return np.insert(distinct, at, distinct[at]), np.insert(counts, at, MOST_IN_INFO), ends


# --- words ------------------------------------------------------------------------------------------------------------


def _find_words(parts: _Parts) -> tuple[list[str], Places]:
    """Every word as it stands, and its part."""
    is_word = parts.kinds == WORD
    follows = np.flatnonzero(is_word[:-1] & ~is_word[1:]) + 1
    codes = parts.codes.copy()
    codes[follows] = _NEWLINE
    is_word[follows] = True
    return decode(codes[is_word]).split("\n")[:-1], parts.part_of(follows)


def _stems(words: Sequence[str]) -> Iterator[str]:
    known = {word: stem(word[: load_characters().longest_word]) for word in set(words)}
    return map(known.__getitem__, words)


def _tag_terms(tags: Sequence[str]) -> list[str]:
    """As `tokens.tag_term`, for many."""
    if not tags:
        return []
    codes = normalise("".join(tag.replace("\n", " ") + "\n" for tag in tags))
    kept = codes[(load_characters().kinds[codes] != OTHER) | (codes == _NEWLINE)]
    return [f"#{folded[: load_characters().longest_word]}" for folded in decode(kept).split("\n")[:-1]]


def _count_words(terms: Sequence[str], parts: NDArray[np.int64], articles: int) -> list[tuple[bytes, bytes]]:
    """For each article, infos and terms, in order."""
    vocabulary = sorted(set(terms))
    number_of = {term: number for number, term in enumerate(vocabulary)}
    numbers = np.fromiter(map(number_of.__getitem__, terms), np.int64, len(terms))
    owners, fields = parts // len(FIELDS), parts % len(FIELDS)
    joined, counts = np.unique(owners << 34 | numbers << FIELD_BITS | fields, return_counts=True)
    ends = np.searchsorted(joined >> 34, np.arange(articles + 1))
    if len(counts) and counts.max() > MOST_IN_INFO:
        joined, counts, ends = _split_large(joined, counts, ends)
    infos = ((joined & ((1 << FIELD_BITS) - 1)) | (counts << FIELD_BITS)).astype(np.uint8)
    spelled = [vocabulary[number] for number in ((joined >> FIELD_BITS) & 0xFFFFFFFF).tolist()]
    return [
        (infos[begin:end].tobytes(), "\n".join(spelled[begin:end]).encode("utf-8", "surrogatepass"))
        for begin, end in pairwise(ends.tolist())
    ]
