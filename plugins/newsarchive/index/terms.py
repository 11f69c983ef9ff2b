"""Count the terms of articles and pack them into term vectors (`term_vectors`).

The vector is a pure function of the article, so a cache can keep it. A bigram is one uint32: its first character in the
upper 16 bits, its second, or 0 at the end of a run, in the lower. In that order JavaScript sorts strings. All other
terms are words: runs of letters and digits, whole tags, and the rare bigrams with a character beyond U+FFFF.

Many articles are counted per call, because a numpy call costs more than its work on one article. The result for an
article does not depend on the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from newsarchive.index.characters import BIGRAM, OTHER, WORD, load_characters
from newsarchive.index.stemmer import stem
from newsarchive.index.term_vectors import FIELD_BITS, FIELDS, MAX_PACKED_COUNT, RANGE_STARTS, pack_vector
from newsarchive.index.tokens import CodePoints, from_code_points, normalise, to_code_points
from newsarchive.models import Article

TITLE, BODY, FACTS = range(len(FIELDS))

_BATCH_SIZE = 64  # articles: their arrays fit into the processor's cache

_NEWLINE = ord("\n")
_MAX_UINT16 = 0xFFFF

Offsets = NDArray[np.intp]
SortKeys = TypeVar("SortKeys", NDArray[np.uint64], NDArray[np.int64])


class FieldTexts(NamedTuple):
    """The indexed text of each field of an article.

    `tags` are additional terms of the last field, one per whole tag.
    """

    title: str
    body: str
    facts: str
    tags: Sequence[str] = ()


def count_article_terms(articles: Iterable[Article], texts: Iterable[str]) -> list[bytes]:
    """Return the term vector of each article; `texts` are the plain texts of their bodies, in the same order.

    Reads title, text, categories, author and tags, but nothing that `collect` adds.
    """
    return count_terms([_field_texts(article, text) for article, text in zip(articles, texts, strict=True)])


def count_duplicate_categories(article: Article) -> bytes | None:
    """Return the term vector of the categories that only the article's duplicates have, None if there are none."""
    own = _facts(article)
    names = dict.fromkeys(name for path in article.also_in for name in path if name not in own)
    return count_terms([FieldTexts("", "", "\n".join(names))])[0] if names else None


def _field_texts(article: Article, text: str) -> FieldTexts:
    """Return the texts to index for an article with the body text `text`."""
    return FieldTexts(article.title, text, "\n".join(_facts(article)), article.tags)


def _facts(article: Article) -> dict[str, None]:
    """Return the text of the field `facts`, line by line: categories, source, tags."""
    return dict.fromkeys([*article.categories, article.publication, *article.tags])


def count_terms(articles: Sequence[FieldTexts]) -> list[bytes]:
    """Return the term vector of each article."""
    batches = (articles[begin : begin + _BATCH_SIZE] for begin in range(0, len(articles), _BATCH_SIZE))
    return [packed for each in batches for packed in _count_batch(each)]


def _count_batch(articles: Sequence[FieldTexts]) -> Iterator[bytes]:
    """Yield the term vector of each article of a batch."""
    texts = _NormalisedTexts.from_strings(
        [text for article in articles for text in (article.title, article.body, article.facts)]
    )
    bigrams, astral = _find_bigrams(texts)
    words, word_texts = _find_words(texts)
    tags = [(index * len(FIELDS) + FACTS, tag) for index, article in enumerate(articles) for tag in article.tags]
    tag_terms = _tag_terms([tag for _, tag in tags])
    terms = [*_stems(words), *(term for _, term in astral), *tag_terms]
    text_indices = np.concatenate((word_texts, [part for part, _ in astral], [part for part, _ in tags])).astype(
        np.int64
    )
    lengths = bigrams.tokens + np.bincount(text_indices, minlength=len(bigrams.tokens))
    counted = _count_words(terms, text_indices, len(articles))
    for index, (begin, end) in enumerate(pairwise(bigrams.bounds)):
        yield pack_vector(
            lengths[index * len(FIELDS) : (index + 1) * len(FIELDS)],
            bigrams.keys[begin:end],
            bigrams.field_counts[begin:end],
            bigrams.range_ends[index],
            *counted[index],
        )


# --- texts as code points ---------------------------------------------------------------------------------------------


class _NormalisedTexts(NamedTuple):
    """Normalised texts in sequence, each followed by a line break.

    Texts are numbered article by article, field by field.

    - `codes`, `classes`: uint32 and uint8, shape (characters,), code points and their classes.
    - `bounds`: intp, shape (texts + 1,), where each text begins, and the end of the last.
    """

    codes: CodePoints
    classes: NDArray[np.uint8]
    bounds: Offsets

    @classmethod
    def from_strings(cls, texts: Sequence[str]) -> _NormalisedTexts:
        """Normalise `texts`: by table where possible, else line by line."""
        characters = load_characters()
        codes = to_code_points("".join(text + "\n" for text in texts))
        bounds = np.concatenate(([0], np.cumsum([len(text) + 1 for text in texts]))).astype(np.intp)
        context_dependent = np.flatnonzero(~characters.is_context_free[codes])
        codes, bounds = (
            (characters.normalised[codes], bounds)
            if not len(context_dependent)
            else _renormalise_lines(codes, bounds, context_dependent)
        )
        return cls(codes, characters.classes[codes], bounds)

    def text_at(self, positions: Offsets) -> Offsets:
        """Return the number of the text at each position: intp, shape (positions,)."""
        return np.searchsorted(self.bounds, positions, "right") - 1


def _renormalise_lines(codes: CodePoints, bounds: Offsets, context_dependent: Offsets) -> tuple[CodePoints, Offsets]:
    """Normalise texts by table, except lines with characters whose result depends on their neighbours.

    Returns the new code points and bounds; `context_dependent` are the positions of such characters.
    """
    line_ends = np.flatnonzero(codes == _NEWLINE)
    normalised = load_characters().normalised[codes]
    pieces, growth, done = [], [], 0
    lines = np.unique(np.searchsorted(line_ends, context_dependent))
    for line in lines.tolist():
        begin, end = (int(line_ends[line - 1]) + 1 if line else 0), int(line_ends[line])
        line_codes = normalise(from_code_points(codes[begin:end]))
        pieces += [normalised[done:begin], line_codes]
        growth.append(len(line_codes) - (end - begin))
        done = end
    shifts = np.concatenate(([0], np.cumsum(growth)))
    return np.concatenate([*pieces, normalised[done:]]), bounds + shifts[np.searchsorted(line_ends[lines], bounds)]


# --- bigrams ----------------------------------------------------------------------------------------------------------


class _BigramCounts(NamedTuple):
    """The distinct bigrams of all articles, sorted within each article.

    - `keys`, `field_counts`: uint32 and uint8, shape (bigrams,), as in `term_vectors`.
    - `bounds`: intp, shape (articles + 1,), where each article's bigrams begin.
    - `range_ends`: uint32, shape (articles, 32), where each range of the vocabulary ends within the article.
    - `tokens`: intp, shape (texts,), the number of bigram tokens in each text.
    """

    keys: NDArray[np.uint32]
    field_counts: NDArray[np.uint8]
    bounds: Offsets
    range_ends: NDArray[np.uint32]
    tokens: Offsets


def _find_bigrams(texts: _NormalisedTexts) -> tuple[_BigramCounts, list[tuple[int, str]]]:
    """Return the bigrams of all texts, and separately, as (text, term), those with a character beyond U+FFFF."""
    is_bigram = texts.classes == BIGRAM
    positions = np.flatnonzero(is_bigram)
    firsts, seconds = (
        texts.codes[positions],
        texts.codes[positions + 1],
    )  # in bounds: the last character is a line break
    seconds *= is_bigram[positions + 1]
    astral: list[tuple[int, str]] = []
    if len(positions) and max(firsts.max(), seconds.max()) > _MAX_UINT16:
        beyond = (firsts > _MAX_UINT16) | (seconds > _MAX_UINT16)
        terms = [
            chr(one) + (chr(other) if other else "")
            for one, other in zip(firsts[beyond].tolist(), seconds[beyond].tolist(), strict=True)
        ]
        astral = list(zip(texts.text_at(positions[beyond]).tolist(), terms, strict=True))
        positions, firsts, seconds = positions[~beyond], firsts[~beyond], seconds[~beyond]
    tokens = np.diff(np.searchsorted(positions, texts.bounds))
    fields = np.repeat((np.arange(len(tokens)) % len(FIELDS)).astype(np.uint8), np.diff(texts.bounds))[positions]
    sort_keys = firsts.astype(np.uint64) << np.uint64(16) | seconds
    sort_keys = sort_keys << np.uint64(FIELD_BITS) | fields
    bounds = np.searchsorted(positions, texts.bounds[:: len(FIELDS)])
    return _count_bigrams(sort_keys, bounds, tokens), astral


def _count_bigrams(sort_keys: NDArray[np.uint64], bounds: Offsets, tokens: Offsets) -> _BigramCounts:
    """Sort and count bigrams; `sort_keys` is sorted in place.

    - `sort_keys`: uint64, shape (tokens,), bigram and field, in the order of the texts.
    - `bounds`: intp, shape (articles + 1,); `tokens`: intp, shape (texts,).
    """
    for begin, end in pairwise(bounds.tolist()):
        sort_keys[begin:end].sort()  # by article: twice as fast as all at once
    begins = np.empty(len(sort_keys) + 1, np.bool_)
    np.not_equal(sort_keys[1:], sort_keys[:-1], out=begins[1:-1])
    begins[bounds] = True
    starts = np.flatnonzero(begins)
    distinct, counts = sort_keys[starts[:-1]], np.diff(starts)
    ends = np.searchsorted(starts, bounds)
    if len(counts) and counts.max() > MAX_PACKED_COUNT:
        distinct, counts, ends = _split_large(distinct, counts, ends)
    articles = np.repeat(np.arange(len(bounds) - 1, dtype=np.uint64), np.diff(ends))
    cuts = np.arange(len(bounds) - 1, dtype=np.uint64)[:, None] << np.uint64(34) | _RANGE_BOUNDS
    range_ends = np.searchsorted(articles << np.uint64(34) | distinct, cuts.ravel()).reshape(cuts.shape)
    range_ends = np.column_stack((range_ends, ends[1:])) - ends[:-1, None]
    field_counts = (distinct.astype(np.uint8) & np.uint8((1 << FIELD_BITS) - 1)) | (counts << FIELD_BITS).astype(
        np.uint8
    )
    keys = (distinct >> np.uint64(FIELD_BITS)).astype(np.uint32)
    return _BigramCounts(keys, field_counts, ends, range_ends.astype(np.uint32), tokens)


_RANGE_BOUNDS = np.array([ord(char) for char in RANGE_STARTS], np.uint64) << np.uint64(16 + FIELD_BITS)


def _split_large(distinct: SortKeys, counts: Offsets, ends: Offsets) -> tuple[SortKeys, Offsets, Offsets]:
    """Split counts above 63 into several that add up, repeating their entries.

    `distinct` and `counts` have shape (terms,), `ends` shape (articles + 1,).
    """
    large = np.flatnonzero(counts > MAX_PACKED_COUNT)
    extra = (counts[large] - 1) // MAX_PACKED_COUNT
    counts[large] -= extra * MAX_PACKED_COUNT
    positions = np.repeat(large, extra)
    inserted = np.concatenate(([0], np.cumsum(extra)))
    ends = ends + inserted[np.searchsorted(large, ends)]
    return np.insert(distinct, positions, distinct[positions]), np.insert(counts, positions, MAX_PACKED_COUNT), ends


# --- words ------------------------------------------------------------------------------------------------------------


def _find_words(texts: _NormalisedTexts) -> tuple[list[str], Offsets]:
    """Return every word token, not stemmed, and the number of its text: intp, shape (words,)."""
    is_word = texts.classes == WORD
    word_ends = np.flatnonzero(is_word[:-1] & ~is_word[1:]) + 1
    codes = texts.codes.copy()
    codes[word_ends] = _NEWLINE
    is_word[word_ends] = True
    return from_code_points(codes[is_word]).split("\n")[:-1], texts.text_at(word_ends)


def _stems(words: Sequence[str]) -> Iterator[str]:
    """Return the stem of each word; each distinct word is stemmed once."""
    known = {word: stem(word[: load_characters().max_word_length]) for word in set(words)}
    return map(known.__getitem__, words)


def _tag_terms(tags: Sequence[str]) -> list[str]:
    """Return `tokens.tag_term` of each tag, normalised in one pass."""
    if not tags:
        return []
    codes = normalise("".join(tag.replace("\n", " ") + "\n" for tag in tags))
    kept = codes[(load_characters().classes[codes] != OTHER) | (codes == _NEWLINE)]
    return [f"#{folded[: load_characters().max_word_length]}" for folded in from_code_points(kept).split("\n")[:-1]]


def _count_words(terms: Sequence[str], text_indices: NDArray[np.int64], articles: int) -> list[tuple[bytes, bytes]]:
    """Return, for each article, the field bytes and the sorted terms as in `term_vectors`."""
    vocabulary = sorted(set(terms))
    ordinal_of = {term: number for number, term in enumerate(vocabulary)}
    ordinals = np.fromiter(map(ordinal_of.__getitem__, terms), np.int64, len(terms))
    article_indices, fields = text_indices // len(FIELDS), text_indices % len(FIELDS)
    sort_keys, counts = np.unique(article_indices << 34 | ordinals << FIELD_BITS | fields, return_counts=True)
    ends = np.searchsorted(sort_keys >> 34, np.arange(articles + 1))
    if len(counts) and counts.max() > MAX_PACKED_COUNT:
        sort_keys, counts, ends = _split_large(sort_keys, counts, ends)
    field_counts = ((sort_keys & ((1 << FIELD_BITS) - 1)) | (counts << FIELD_BITS)).astype(np.uint8)
    sorted_terms = [vocabulary[number] for number in ((sort_keys >> FIELD_BITS) & 0xFFFFFFFF).tolist()]
    return [
        (field_counts[begin:end].tobytes(), "\n".join(sorted_terms[begin:end]).encode("utf-8", "surrogatepass"))
        for begin, end in pairwise(ends.tolist())
    ]
