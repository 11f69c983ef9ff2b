"""One article's terms as arrays: a pure function of the article, so that what it returns can be kept between builds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsarchive.articles import Article
from newsarchive.index.characters import PAIRED, WORD
from newsarchive.index.tokens import find_runs, tag_term, word_of

FIELDS = ("title", "body", "facts")
"""What lunr calls fields. `facts` holds section, source, channel and tags."""

TITLE, BODY, FACTS = range(3)

FIELD_BITS = 2
_FIELD_MASK = np.uint64((1 << FIELD_BITS) - 1)

Keys = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class ArticleTerms:
    """How often each term stands in each field of one article.

    A pair is one number: rank of its first character, of its second (0 at a run's end), and the field, 21 + 21 + 2
    bits. Ranks order code points as UTF-16 does, which is how JavaScript compares strings.
    """

    pairs: Keys  # ascending
    pair_counts: NDArray[np.uint32]
    words: tuple[tuple[str, int, int], ...]  # (word, field, count)
    lengths: tuple[int, int, int]  # tokens in each field


def count_article_terms(article: Article, text: str) -> ArticleTerms:
    """The terms of an article's title, `text` and facts."""
    facts = [name for categories in (article.categories, *article.also_in) for name in categories]
    texts = (article.title, text, "\n".join(dict.fromkeys([*facts, article.publication, *article.tags])))
    return count_terms(texts, [tag_term(tag) for tag in article.tags])


def count_terms(texts: tuple[str, str, str], tags: list[str]) -> ArticleTerms:
    """The terms of three fields' texts; `tags` are terms of the last field beside those of its text."""
    pairs: list[Keys] = []
    words: Counter[tuple[str, int]] = Counter((tag, FACTS) for tag in tags)
    lengths = [0, 0, len(tags)]
    for field, text in enumerate(texts):
        runs = find_runs(text)
        found = [word_of(run) for _, run in runs.of(WORD)]
        words.update((word, field) for word in found)
        keys = _pair_keys(runs.codes, np.repeat(runs.kinds, runs.ends - runs.starts) == PAIRED, field)
        pairs.append(keys)
        lengths[field] += len(found) + len(keys)
    keys, counts = np.unique(np.concatenate(pairs), return_counts=True)
    sorted_words = tuple((word, field, count) for (word, field), count in sorted(words.items()))
    return ArticleTerms(keys, counts.astype(np.uint32), sorted_words, (lengths[0], lengths[1], lengths[2]))


def _pair_keys(codes: NDArray[np.uint32], paired: NDArray[np.bool_], field: int) -> Keys:
    """The key of every pair in a text; the last character of a run stands alone."""
    ranks = rank_of(codes)
    seconds = np.zeros_like(ranks)
    goes_on = paired[:-1] & paired[1:]
    seconds[:-1][goes_on] = ranks[1:][goes_on]
    return join_key(ranks, seconds, field)[paired]


def join_key(first: Keys, second: Keys, field: int) -> Keys:
    """The key of a term in a field from the two parts of a term's place in the vocabulary."""
    return ((first << np.uint64(21)) | second) << np.uint64(FIELD_BITS) | np.uint64(field)


def field_of(keys: Keys) -> Keys:
    """The field in a key."""
    return keys & _FIELD_MASK


_SURROGATES, _ABOVE_SURROGATES, _ASTRAL, _END = 0xD800, 0xE000, 0x10000, 0x110000


def rank_of(codes: NDArray[np.uint32]) -> Keys:
    """Code points → numbers in the order of UTF-16: those beyond U+FFFF stand where their surrogates do."""
    ranks = codes.astype(np.uint64)
    astral = codes >= _ASTRAL
    ranks[astral] -= np.uint64(_ASTRAL - _SURROGATES)
    ranks[(codes >= _ABOVE_SURROGATES) & ~astral] += np.uint64(_END - _ASTRAL)
    return ranks


def code_of(ranks: Keys) -> NDArray[np.uint32]:
    """The way back from `rank_of`."""
    codes = ranks.copy()
    astral = (ranks >= _SURROGATES) & (ranks < _SURROGATES + _END - _ASTRAL)
    codes[ranks >= _SURROGATES + _END - _ASTRAL] -= np.uint64(_END - _ASTRAL)
    codes[astral] += np.uint64(_ASTRAL - _SURROGATES)
    return codes.astype(np.uint32)
