"""Derive an article's keywords, for its tags, from its own title and text.

The method is TF-IDF over words and multi-word terms, filtered by part of speech. The inverse frequency comes from the
segmenter's dictionary, never from the archive, so a new article cannot change the tags of another. A longer term
replaces words that rarely occur outside it, as 量子计算 replaces 量子: the idea of the C-value (Frantzi, Ananiadou,
Mima 2000).

Many articles are processed per call, because a numpy call costs more than its work on one article. The result for an
article does not depend on the others. Offsets are in characters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsarchive.describe.unicode_scripts import HAN
from newsarchive.describe.word_segmentation import (
    UNKNOWN_WORD_WEIGHT,
    Offsets,
    TokenClass,
    Tokens,
    fold,
    is_stop_word,
    segment_words,
)

# With these constants precision is .74 and recall .56 (`benchmarks/keywords.py --constants`). In brackets: precision
# and recall with another value.
_MAX_BODY, _MAX_TITLE = 800, 300  # characters read (body 400: .67, .51; 1,500: .73, .54; all: .71, .54)
_TITLE_BOOST = 2.5  # factor for terms that occur in the title (1: .63, .60)
_TF_EXPONENT = 0.9  # sublinear term frequency, tf^0.9 (tf^0.5: .64, .55)
_MIN_SCORE_RATIO = 0.2  # of the best score: a tag is a claim, so weak candidates do not fill up the limit (0: .63, .61)
_NESTED_SHARE = 0.6  # a term replaces a word if it contains this share of the word's occurrences (never: .71, .54)
_MAX_CANDIDATES = 20  # best candidates compared with one another (50: no better)
_MAX_TERM_WORDS, _MAX_TERM_CHARACTERS = 3, 8  # (2 words: .62, .47); the limit in characters is for terms with Han
_WORK_TITLE_BOOST = 2  # factor for titles of works in 《》: they are what an article is about

_INSIDE_QUOTES = "([^《》「」“”，。：；、的了是\n]{2,12})[」”]"
_QUOTED = re.compile(f"《([^《》\n]{{2,20}})》|「{_INSIDE_QUOTES}|“{_INSIDE_QUOTES}")

# Spellings are compared by polynomial hashes of their characters, modulo 2^64 (Karp and Rabin 1987).
_HASH_BASE = np.uint64(0x9E3779B97F4A7C15)
_HASH_BASE_INVERSE = np.uint64(pow(int(_HASH_BASE), -1, 1 << 64))
_INDEX_BITS = np.uint64(12)  # of a term span within its article: at most three for each of 1,100 characters
_INDEX_MASK = np.uint64((1 << 12) - 1)


class _Candidate(NamedTuple):
    """A distinct term of an article; the smallest tuple is the best candidate."""

    cost: float  # the negated score
    start: int  # offset of the first occurrence
    frequency: int
    text: str


class _TermSpans(NamedTuple):
    """Occurrences of words and terms of two or three words, by start: parallel arrays of shape (spans,).

    - `starts`, `ends`: int64, character offsets, end exclusive.
    - `weights`: int64, of the best word in the span, in 1/65536.
    - `allows_single`: bool, True if one occurrence is enough for a keyword.
    """

    starts: Offsets
    ends: Offsets
    weights: Offsets
    allows_single: NDArray[np.bool_]


def derive_keywords(articles: Sequence[tuple[str, str]], limit: int) -> list[tuple[str, ...]]:
    """Return at most `limit` keywords, best first, for each article (title, text).

    A keyword is spelled as at its first occurrence. Reads 300 characters of the title and 800 of the body.
    """
    titles = [title[:_MAX_TITLE] for title, _ in articles]
    originals = [title + _read_body(title, text) for title, (_, text) in zip(titles, articles, strict=True)]
    folded = fold("\n".join(originals))
    lower = folded.lower()  # of equal length: folding leaves no İ, the only letter that grows
    bounds = np.cumsum([0, *(len(text) + 1 for text in originals)])
    title_lengths = [len(title) for title in titles]
    quoted = [
        _find_quoted_terms(lower[begin : end - 1], title_length)
        for (begin, end), title_length in zip(pairwise(bounds.tolist()), title_lengths, strict=True)
    ]
    # A quoted term may replace a candidate of the same spelling, and terms that begin with the same word score equally.
    sizes = [_MAX_CANDIDATES + len(terms) + _MAX_TERM_WORDS for terms in quoted]
    spans = _find_term_spans(segment_words(folded))
    candidates = _score_terms(lower, spans, bounds, np.array(title_lengths), sizes)
    return [
        tuple(text[one.start : one.start + len(one.text)] for one in _select_keywords(_rank_candidates(*terms), limit))
        for text, *terms in zip(originals, candidates, quoted, strict=True)
    ]


def _read_body(title: str, text: str) -> str:
    """Return the first 800 characters of the body, without a line that repeats the title."""
    return f"\n{text[: _MAX_BODY + len(title)]}\n".replace(f"\n{title}\n", "\n", 1)[:_MAX_BODY]


def _find_term_spans(tokens: Tokens) -> _TermSpans:
    """Return every word and every sequence of two or three words that may be a keyword.

    The words of a term are adjacent; next to a Latin word, one space may separate them.
    """
    is_latin, is_proper, can_start, can_end, is_boundary = (
        tokens.has(token_class)
        for token_class in (
            TokenClass.LATIN,
            TokenClass.PROPER_NOUN,
            TokenClass.CAN_START,
            TokenClass.CAN_END,
            TokenClass.BOUNDARY,
        )
    )
    is_number = ~can_start & (tokens.weights == 0) & ~is_boundary
    gaps = tokens.starts[1:] - tokens.ends[:-1]
    joined = ~is_boundary[:-1] & ~is_boundary[1:] & (gaps <= (is_latin[:-1] | is_latin[1:]))
    joined &= is_latin[:-1] | ~is_number[1:]  # a number may only follow a Latin word
    # Row i, column k: the term of k + 1 words that starts at token i.
    shape = (len(tokens.starts), _MAX_TERM_WORDS)
    ends, weights = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    allows_single, is_term = np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
    ends[:, 0], weights[:, 0], allows_single[:, 0], is_term[:, 0] = tokens.ends, tokens.weights, is_proper, True
    extends = can_start
    for more in range(1, min(_MAX_TERM_WORDS, len(tokens.starts))):
        first, last = slice(None, -more), slice(more, None)
        is_short = tokens.ends[last] - tokens.starts[first] <= _MAX_TERM_CHARACTERS
        extends = extends[: len(is_short)] & joined[more - 1 :] & (is_short | (is_latin[first] & is_latin[last]))
        ends[first, more] = tokens.ends[last]
        weights[first, more] = np.maximum(weights[first, more - 1], tokens.weights[last])
        allows_single[first, more] = allows_single[first, more - 1] & is_proper[last]
        is_term[first, more] = extends & can_end[last]
    allows_single[:, 0] = True
    chosen = np.flatnonzero(is_term & (weights > 0))
    return _TermSpans(
        tokens.starts[chosen // _MAX_TERM_WORDS],
        ends.ravel()[chosen],
        weights.ravel()[chosen],
        allows_single.ravel()[chosen],
    )


def _score_terms(
    lower: str, spans: _TermSpans, bounds: Offsets, title_lengths: Offsets, sizes: Sequence[int]
) -> list[list[_Candidate]]:
    """Return the best candidates of each article, unsorted.

    A term of several words must occur twice unless all of them are Latin proper nouns.

    - `lower`: the folded, lower-cased texts, one after the other.
    - `bounds`: int64, shape (articles + 1,), where each text starts in `lower`, and the end of the last.
    - `title_lengths`: int64, shape (articles,); each text starts with its title.
    - `sizes`: how many candidates to return for each article; those that score like the last one come in addition.
    """
    span_bounds = np.searchsorted(spans.starts, bounds)
    first_spans = np.repeat(span_bounds[:-1], np.diff(span_bounds))
    indices = (np.arange(len(first_spans)) - first_spans).astype(np.uint64)
    # Sort hash and index in one integer: that is faster than an indirect sort.
    keys = _hash_spellings(lower, spans) >> _INDEX_BITS << _INDEX_BITS | indices
    for begin, end in pairwise(span_bounds.tolist()):
        keys[begin:end].sort()  # each article by itself, so that the others have no influence
    order = (keys & _INDEX_MASK).astype(np.int64) + first_spans
    starts_group = np.ones(len(keys) + 1, np.bool_)
    np.not_equal(keys[1:] >> _INDEX_BITS, keys[:-1] >> _INDEX_BITS, out=starts_group[1:-1])
    starts_group[span_bounds] = True
    groups = np.flatnonzero(starts_group)
    firsts, frequencies = order[groups[:-1]], np.diff(groups)
    sums = np.add.reduceat(spans.weights[order], groups[:-1]) if len(order) else frequencies
    kept = (frequencies > 1) | spans.allows_single[firsts]
    firsts, frequencies, sums = firsts[kept], frequencies[kept], sums[kept]
    starts, ends = spans.starts[firsts], spans.ends[firsts]
    owners = np.searchsorted(bounds, starts, "right") - 1
    offsets = starts - bounds[owners]
    title_boosts = np.where(offsets < title_lengths[owners], _TITLE_BOOST, 1)
    costs = -(sums * _tf_damping(_TF_EXPONENT)[frequencies]) * title_boosts
    best = costs <= _cost_cutoffs(costs, np.searchsorted(owners, np.arange(len(bounds))), sizes)[owners]
    texts = [lower[first:last] for first, last in zip(starts[best].tolist(), ends[best].tolist(), strict=True)]
    columns = (column[best].tolist() for column in (costs, offsets, frequencies))
    candidates = [_Candidate._make(row) for row in zip(*columns, texts, strict=True)]
    cuts = np.searchsorted(owners[best], np.arange(len(bounds))).tolist()
    return [candidates[begin:end] for begin, end in pairwise(cuts)]


def _cost_cutoffs(costs: NDArray[np.float64], bounds: Offsets, sizes: Sequence[int]) -> NDArray[np.float64]:
    """Return the cost of the n-th best candidate of each article, 0 for articles with no more than n.

    `costs` has shape (candidates,), `bounds` shape (articles + 1,); n is the article's entry in `sizes`. Costlier
    candidates need not be sorted.
    """
    cutoffs = np.zeros(len(sizes))
    for article, (begin, end) in enumerate(pairwise(bounds.tolist())):
        if sizes[article] < end - begin:
            cutoffs[article] = np.partition(costs[begin:end], sizes[article] - 1)[sizes[article] - 1]
    return cutoffs


@cache
def _tf_damping(power: float) -> NDArray[np.float64]:
    """Return tf^(power − 1) for term frequencies from 0 (there 0) to 4095: the factor that turns tf into tf^power."""
    return np.array([tf ** (power - 1) if tf else 0.0 for tf in range(int(_INDEX_MASK) + 1)])


def _hash_spellings(lower: str, spans: _TermSpans) -> NDArray[np.uint64]:
    """Return a hash of each span's text, shape (spans,); a final Latin s, as in plurals, is left out."""
    codes = np.frombuffer(lower.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    powers = np.cumprod(np.full(len(codes), _HASH_BASE))
    inverse_powers = np.cumprod(np.full(len(codes), _HASH_BASE_INVERSE))
    sums = np.concatenate((powers[:0], [np.uint64(0)], np.cumsum(codes * powers)))
    ends = spans.ends - (codes[spans.ends - 1] == ord("s"))
    hashes: NDArray[np.uint64] = (sums[ends] - sums[spans.starts]) * inverse_powers[spans.starts]
    return hashes * _HASH_BASE  # spreads the differences to the upper bits, which are compared


def _rank_candidates(terms: list[_Candidate], quoted: list[_Candidate]) -> list[_Candidate]:
    """Return the best 20 of an article's terms and quoted terms, best first; a quoted term replaces its equal."""
    if quoted:
        known = {one.text for one in quoted}
        terms = [one for one in terms if one.text.removesuffix("s") not in known]
    return sorted({*terms, *quoted})[:_MAX_CANDIDATES]


def _find_quoted_terms(lower: str, title_length: int) -> list[_Candidate]:
    """Return titles of works in 《》, and terms in other quotation marks that occur at least twice."""
    found = {}
    for work, in_corners, in_curls in dict.fromkeys(_QUOTED.findall(lower)):
        text = (work or in_corners or in_curls).strip(" ！!？?…")
        frequency = lower.count(text) if _HAS_WORD.search(text) and text.isprintable() else 0
        if frequency >= (1 if work else 2) and not is_stop_word(text):
            start = lower.find(text)
            boost = (_WORK_TITLE_BOOST if work else 1) * (_TITLE_BOOST if start < title_length else 1)
            found[text] = _Candidate(-(frequency**_TF_EXPONENT * UNKNOWN_WORD_WEIGHT * boost), start, frequency, text)
    return list(found.values())


_HAS_WORD = re.compile(f"[{HAN}]{{2}}|[a-z]{{3}}")


def _select_keywords(best: list[_Candidate], limit: int) -> list[_Candidate]:
    """Return at most `limit` of the candidates, best first.

    Drops candidates below 0.2 of the best score, those that overlap a better one, and those that occur only inside
    other candidates.
    """
    if nested := _find_nested(best):
        best = _absorb_nested_terms(best, nested)
    frequencies = {one.text: one.frequency for one in best}
    containers: dict[str, set[str]] = {}
    for inner, outer in nested:
        containers.setdefault(inner.text, set()).add(outer.text)
    chosen: list[_Candidate] = []
    for one in sorted(best):
        if len(chosen) >= limit or one.cost > _MIN_SCORE_RATIO * (chosen or [one])[0].cost:
            break
        inside = sum(frequencies.get(outer, 0) for outer in containers.get(one.text, ()) if outer != one.text)
        if inside < one.frequency and not any(_overlaps(one.text, other.text) for other in chosen):
            chosen.append(one)
    return chosen


def _find_nested(best: list[_Candidate]) -> list[tuple[_Candidate, _Candidate]]:
    """Return each pair of candidates (inner, outer) in which the outer term contains the inner one."""
    spelled = "\n".join(one.text for one in best)
    nested = [one for one in best if spelled.count(one.text) > 1]  # few do: spares most comparisons
    return [
        (inner, outer)
        for inner in nested
        for outer in best
        if inner.text in outer.text and inner is not outer and _contains_term(outer.text, inner.text)
    ]


def _absorb_nested_terms(best: list[_Candidate], nested: Sequence[tuple[_Candidate, _Candidate]]) -> list[_Candidate]:
    """Replace candidates by the longest term that contains at least 0.6 of their occurrences.

    The longer term takes the best cost of those it replaces.
    """
    absorbable: dict[_Candidate, list[_Candidate]] = {}
    for inner, outer in nested:
        if _NESTED_SHARE * inner.frequency <= outer.frequency:
            absorbable.setdefault(outer, []).append(inner)
    absorbed: set[_Candidate] = set()
    costs: dict[_Candidate, float] = {}
    for outer in sorted(absorbable, key=lambda outer: (-len(outer.text), outer)):
        inner_terms = [inner for inner in absorbable[outer] if inner not in absorbed]
        if inner_terms and outer not in absorbed:
            absorbed.update(inner_terms)
            costs[outer] = min(outer, *inner_terms).cost
    return [one._replace(cost=costs[one]) if one in costs else one for one in best if one not in absorbed]


def _contains_term(text: str, term: str) -> bool:
    """Return True if `text` contains `term`; a Latin term must be a whole word there."""
    return term in text and not (term.isascii() and re.search("[a-z0-9]\0|\0[a-z0-9]", text.replace(term, "\0")))


def _overlaps(one: str, other: str) -> bool:
    """Return True if one term contains the other, or starts with its end, as 能源项目 does with 化石能源."""
    if one[0] not in other and other[0] not in one:
        return False  # the usual case, decided cheaply
    if _contains_term(other, one) or _contains_term(one, other):
        return True
    if one.isascii() or other.isascii():
        return False
    return any(one.endswith(other[:size]) or one.startswith(other[-size:]) for size in range(2, len(one)))
