"""Tokenise text: the same tokens in the index, in the terminal and in the browser.

theme/static/js/search-tokens.js is the browser's implementation.

Text is normalised (NFKC), lower-cased, and folded from traditional to simplified characters. Runs of Han, kana and
Hangul become overlapping bigrams and the run's last character, so that a query finds any part of a sentence. Everything
else becomes words, which are stemmed. Recall@10 of known-item queries on 2,015 real articles: bigrams .97–.99, words
segmented by jieba .56–.99, whole runs .01–.51.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newsarchive.index.characters import BIGRAM, WORD, load_characters
from newsarchive.index.stemmer import stem

CodePoints = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Runs:
    """A normalised text, divided into runs of one character class.

    - `codes`: uint32, shape (characters,).
    - `starts`, `ends`: intp, shape (runs,), ends exclusive; `classes`: uint8, shape (runs,).
    """

    text: str
    codes: CodePoints
    starts: NDArray[np.intp]
    ends: NDArray[np.intp]
    classes: NDArray[np.uint8]

    def of_classes(self, *classes: int) -> Iterator[tuple[int, str]]:
        """Return (class, text) of every run of the given classes, in order."""
        chosen = self.classes == classes[0]
        for char_class in classes[1:]:  # np.isin takes ten times as long for two classes
            chosen |= self.classes == char_class
        columns = (self.classes[chosen].tolist(), self.starts[chosen].tolist(), self.ends[chosen].tolist())
        return ((char_class, self.text[start:end]) for char_class, start, end in zip(*columns, strict=True))


def find_runs(text: str) -> Runs:
    """Normalise and fold `text`, and divide it where the character class changes."""
    codes = normalise(text)
    classes = load_characters().classes[codes]
    edges = np.flatnonzero(classes[1:] != classes[:-1]) + 1
    starts = np.concatenate((np.zeros(min(1, len(codes)), np.intp), edges))
    ends = np.append(edges, len(codes))[: len(starts)]
    return Runs(from_code_points(codes), codes, starts, ends, classes[starts])


def normalise(text: str) -> CodePoints:
    """Return the code points of `text` after NFKC, lower-casing and folding: uint32, shape (characters,).

    If no character depends on its neighbours, which is the case for most texts, a table lookup suffices: it is five
    times as fast.
    """
    characters = load_characters()
    codes = to_code_points(text)
    if characters.is_context_free[codes].all():
        return characters.normalised[codes]
    return characters.folds[to_code_points(unicodedata.normalize("NFKC", text).lower())]


def to_code_points(text: str) -> CodePoints:
    """Return the code points of `text`: uint32, shape (characters,)."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def from_code_points(codes: CodePoints) -> str:
    """Return the string of `codes`: the inverse of `to_code_points`."""
    return codes.astype("<u4", copy=False).tobytes().decode("utf-32-le", "surrogatepass")


def word_term(run: str) -> str:
    """Return the term of a run of letters and digits."""
    return stem(run[: load_characters().max_word_length])


def tokenise(text: str) -> list[str]:
    """Return every token of `text` in order, as the index counts them.

    >>> tokenise("中国人 running")
    ['中国', '国人', '人', 'run']
    """
    tokens: list[str] = []
    for char_class, run in find_runs(text).of_classes(WORD, BIGRAM):
        tokens += [word_term(run)] if char_class == WORD else bigrams_of(run)
    return tokens


def bigrams_of(run: str) -> list[str]:
    """Return the overlapping bigrams of a run, and its last character.

    >>> bigrams_of("中国人")
    ['中国', '国人', '人']
    """
    return [run[at : at + 2] for at in range(len(run))]


def fold(text: str) -> str:
    """Return the normalised runs of `text`, separated by spaces: the form in which phrases are compared."""
    return " ".join(run for _, run in find_runs(text).of_classes(WORD, BIGRAM))


def tag_term(tag: str) -> str:
    """Return the single term of a whole tag; it starts with `#`, as no word or bigram does."""
    return "#" + fold(tag).replace(" ", "")[: load_characters().max_word_length]


@dataclass(frozen=True, slots=True)
class QueryTerm:
    """A term that a query looks for; with `prefix`, all terms that begin with it."""

    term: str
    prefix: bool = False


def query_terms(text: str, last_is_prefix: bool = False) -> list[QueryTerm]:
    """Return the terms that a query looks for.

    The index has a run's last character only where a run ends, so a run of several characters looks for its bigrams
    alone. A single character looks for all terms that begin with it. If `last_is_prefix`, the last word is a prefix,
    provided that it has two letters: a single letter would match a tenth of the vocabulary.
    """
    found = list(find_runs(text).of_classes(WORD, BIGRAM))
    terms: list[QueryTerm] = []
    for number, (char_class, run) in enumerate(found, 1):
        if char_class == WORD and last_is_prefix and number == len(found) and len(run) > 1:
            terms.append(QueryTerm(run[: load_characters().max_word_length], prefix=True))
        elif char_class == WORD:
            terms.append(QueryTerm(word_term(run)))
        elif len(run) == 1:
            terms.append(QueryTerm(run, prefix=True))
        else:
            terms += [QueryTerm(bigram) for bigram in bigrams_of(run)[:-1]]
    return terms


def is_bigram(term: str) -> bool:
    """Return True if `term` is a bigram or a run's last character, False for words and tags."""
    return bool(load_characters().classes[ord(term[0])] == BIGRAM)
