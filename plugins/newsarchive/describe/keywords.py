"""Keywords of articles, for their tags, each out of its own title and text alone.

A word's rarity is its frequency in the segmenter's own dictionary, never in the archive: a new article cannot change
what another is tagged with. The method is TF-IDF over words and the names they form, filtered by part of speech; a name
takes over from words that hardly stand without it (C-value: Frantzi, Ananiadou, Mima 2000), as 量子计算 does from 量子.

Many articles are done in one go, because numpy's calls cost more than their work on one; what comes out for an article
does not depend on the others.
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
from newsarchive.describe.word_segmentation import RAREST, Places, Role, Words, find_words, fold, is_own_word

# Precision .74, recall .56 (`benchmarks/keywords.py`); in brackets, what they are with another number.
_BODY, _TITLE = 800, 300  # characters read (of the body 400: .67, .51; 1,500: .73, .54; all: .71, .54)
_TITLE_FACTOR, _DAMPING = 2.5, 0.9  # (1: .63, .60); tf^0.9 (tf^0.5: .64, .55)
_WORST_TO_BEST = 0.2  # a tag is a claim, so not as many as asked for (0: .63, .61)
_TAKE_OVER, _COMPARED = 0.6, 20  # of the word's occurrences (never: .71, .54); among the best (50: no better)
_NAME_WORDS, _NAME_CHARACTERS = 3, 8  # at most (2: .62, .47); characters, where one is Han
_WORK = 2  # times: 《a work》 is what an article is about

_INSIDE_QUOTES = "([^《》「」“”，。：；、的了是\n]{2,12})[」”]"
_QUOTED = re.compile(f"《([^《》\n]{{2,20}})》|「{_INSIDE_QUOTES}|“{_INSIDE_QUOTES}")

# Spellings are told apart by polynomials over their characters, modulo 2^64 (Karp and Rabin 1987).
_BASE = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(int(_BASE), -1, 1 << 64))
_PLACE_BITS = np.uint64(12)  # for a candidate's place in its article: three for each of 1,100 characters at most
_PLACE = np.uint64((1 << 12) - 1)


class _Candidate(NamedTuple):  # a word or a name; the least one is the best
    cost: float  # its score, below 0
    start: int  # where it first stands
    times: int
    text: str


class _Names(NamedTuple):  # words, and names of two and three words, by where they begin
    starts: Places
    ends: Places
    weights: Places
    suffices: NDArray[np.bool_]  # to stand once


def derive_keywords(articles: Sequence[tuple[str, str]], limit: int) -> list[tuple[str, ...]]:
    """For each article (title, text), at most `limit` keywords, best first, each spelled as it first stands there."""
    titles = [title[:_TITLE] for title, _ in articles]
    found = [title + _body(title, text) for title, (_, text) in zip(titles, articles, strict=True)]
    folded = fold("\n".join(found))
    lower = folded.lower()  # as long: folding leaves no İ, the one letter that grows
    bounds = np.cumsum([0, *(len(text) + 1 for text in found)])
    title_ends = [len(title) for title in titles]
    quoted = [
        _find_quoted(lower[begin : end - 1], title_end)
        for (begin, end), title_end in zip(pairwise(bounds.tolist()), title_ends, strict=True)
    ]
    # Each that is quoted may take the place of one spelling, and names that begin with the same word are equally good.
    most = [_COMPARED + len(own) + _NAME_WORDS for own in quoted]
    spellings = _weigh(lower, _find_names(find_words(folded)), bounds, np.array(title_ends), most)
    return [
        tuple(text[one.start : one.start + len(one.text)] for one in _select(_find_best(*own), limit))
        for text, *own in zip(found, spellings, quoted, strict=True)
    ]


def _body(title: str, text: str) -> str:
    """The body as far as it is read; many repeat the title."""
    return f"\n{text[: _BODY + len(title)]}\n".replace(f"\n{title}\n", "\n", 1)[:_BODY]


def _find_names(words: Words) -> _Names:
    """Every word and name that may be a keyword: up to three words side by side, a space between where one is Latin."""
    latin, proper, closes, breaks = (words.are(role) for role in (Role.LATIN, Role.PROPER, Role.CLOSES, Role.BREAKS))
    opens = words.are(Role.OPENS)
    is_number = ~opens & (words.weights == 0) & ~breaks
    joined = ~breaks[:-1] & ~breaks[1:] & (words.starts[1:] - words.ends[:-1] <= (latin[:-1] | latin[1:]))
    joined &= latin[:-1] | ~is_number[1:]  # a number is the end of a Latin name
    # A row a word, in it: the word itself, the name of two words that it opens, that of three.
    shape = (len(words.starts), _NAME_WORDS)
    ends, weights = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    suffices, stands = np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
    ends[:, 0], weights[:, 0], suffices[:, 0], stands[:, 0] = words.ends, words.weights, proper, True
    goes_on = opens
    for more in range(1, min(_NAME_WORDS, len(words.starts))):
        first, last = slice(None, -more), slice(more, None)
        is_short = words.ends[last] - words.starts[first] <= _NAME_CHARACTERS
        goes_on = goes_on[: len(is_short)] & joined[more - 1 :] & (is_short | (latin[first] & latin[last]))
        ends[first, more] = words.ends[last]
        weights[first, more] = np.maximum(weights[first, more - 1], words.weights[last])
        suffices[first, more] = suffices[first, more - 1] & proper[last]
        stands[first, more] = goes_on & closes[last]
    suffices[:, 0] = True
    chosen = np.flatnonzero(stands & (weights > 0))
    return _Names(
        words.starts[chosen // _NAME_WORDS], ends.ravel()[chosen], weights.ravel()[chosen], suffices.ravel()[chosen]
    )


def _weigh(lower: str, names: _Names, bounds: Places, titles: Places, most: Sequence[int]) -> list[list[_Candidate]]:
    """The best spellings of each article, in no order: as many as `most` says, and those as good as the last of them. A
    name that is not Latin has to stand twice. The texts lie between `bounds`, each after its title, as long as `titles`
    says."""
    own = np.searchsorted(names.starts, bounds)
    before = np.repeat(own[:-1], np.diff(own))
    keys = _spellings(lower, names) >> _PLACE_BITS << _PLACE_BITS | (np.arange(len(before)) - before).astype(np.uint64)
    for begin, end in pairwise(own.tolist()):
        keys[begin:end].sort()  # each by itself: no other article has a say
    order = (keys & _PLACE).astype(np.int64) + before
    begins = np.ones(len(keys) + 1, np.bool_)
    np.not_equal(keys[1:] >> _PLACE_BITS, keys[:-1] >> _PLACE_BITS, out=begins[1:-1])
    begins[own] = True
    groups = np.flatnonzero(begins)
    firsts, times = order[groups[:-1]], np.diff(groups)
    sums = np.add.reduceat(names.weights[order], groups[:-1]) if len(order) else times
    kept = (times > 1) | names.suffices[firsts]
    firsts, times, sums = firsts[kept], times[kept], sums[kept]
    starts, ends = names.starts[firsts], names.ends[firsts]
    owners = np.searchsorted(bounds, starts, "right") - 1
    starts_at = starts - bounds[owners]
    costs = -(sums * _damping(_DAMPING)[times]) * np.where(starts_at < titles[owners], _TITLE_FACTOR, 1)
    best = costs <= _limits(costs, np.searchsorted(owners, np.arange(len(bounds))), most)[owners]
    texts = [lower[first:last] for first, last in zip(starts[best].tolist(), ends[best].tolist(), strict=True)]
    columns = (column[best].tolist() for column in (costs, starts_at, times))
    candidates = [_Candidate._make(row) for row in zip(*columns, texts, strict=True)]
    cuts = np.searchsorted(owners[best], np.arange(len(bounds))).tolist()
    return [candidates[begin:end] for begin, end in pairwise(cuts)]


def _limits(costs: NDArray[np.float64], bounds: Places, most: Sequence[int]) -> NDArray[np.float64]:
    """The highest of the least costs between `bounds`, as many as `most` says: what is above it need not be sorted."""
    limits = np.zeros(len(most))
    for place, (begin, end) in enumerate(pairwise(bounds.tolist())):
        if most[place] < end - begin:
            limits[place] = np.partition(costs[begin:end], most[place] - 1)[most[place] - 1]
    return limits


@cache
def _damping(power: float) -> NDArray[np.float64]:
    """What the weight of one that stands so many times is multiplied with each time."""
    return np.array([times ** (power - 1) if times else 0.0 for times in range(int(_PLACE) + 1)])


def _spellings(lower: str, names: _Names) -> NDArray[np.uint64]:
    """A number for the spelling of each, in lower case and the singular."""
    codes = np.frombuffer(lower.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    powers = np.cumprod(np.full(len(codes), _BASE))
    backwards = np.cumprod(np.full(len(codes), _INVERSE))
    sums = np.concatenate((powers[:0], [np.uint64(0)], np.cumsum(codes * powers)))
    ends = names.ends - (codes[names.ends - 1] == ord("s"))
    spelled: NDArray[np.uint64] = (sums[ends] - sums[names.starts]) * backwards[names.starts]
    return spelled * _BASE  # which the upper bits tell apart


def _find_best(spellings: list[_Candidate], quoted: list[_Candidate]) -> list[_Candidate]:
    """The best words and names of an article, best first, titles of works and quoted words among them."""
    if quoted:
        known = {one.text for one in quoted}
        spellings = [one for one in spellings if one.text.removesuffix("s") not in known]
    return sorted({*spellings, *quoted})[:_COMPARED]


def _find_quoted(lower: str, title_end: int) -> list[_Candidate]:
    """Titles of works in 《》; what stands in other quotation marks, if it stands there twice."""
    found = {}
    for work, in_corners, in_curls in dict.fromkeys(_QUOTED.findall(lower)):
        text = (work or in_corners or in_curls).strip(" ！!？?…")
        times = lower.count(text) if _TELLING.search(text) and text.isprintable() else 0
        if times >= (1 if work else 2) and is_own_word(text):
            start = lower.find(text)
            weight = times**_DAMPING * RAREST * (_WORK if work else 1) * (_TITLE_FACTOR if start < title_end else 1)
            found[text] = _Candidate(-weight, start, times, text)
    return list(found.values())


_TELLING = re.compile(f"[{HAN}]{{2}}|[a-z]{{3}}")


def _select(best: list[_Candidate], limit: int) -> list[_Candidate]:
    """At most `limit` of the best, best first, without those that repeat a better one or stand only inside others."""
    if nested := _find_nested(best):
        best = _let_names_take_over(best, nested)
    times = {one.text: one.times for one in best}
    around: dict[str, set[str]] = {}
    for one, name in nested:
        around.setdefault(one.text, set()).add(name.text)
    chosen: list[_Candidate] = []
    for one in sorted(best):
        if len(chosen) >= limit or one.cost > _WORST_TO_BEST * (chosen or [one])[0].cost:
            break
        inside = sum(times.get(name, 0) for name in around.get(one.text, ()) if name != one.text)
        if inside < one.times and not any(_overlap(one.text, other.text) for other in chosen):
            chosen.append(one)
    return chosen


def _find_nested(best: list[_Candidate]) -> list[tuple[_Candidate, _Candidate]]:
    """(one, the name that it stands in), for each of the best and each such name."""
    spelled = "\n".join(one.text for one in best)
    inner = [one for one in best if spelled.count(one.text) > 1]  # as few do
    return [
        (one, name)
        for one in inner
        for name in best
        if one.text in name.text and one is not name and _within(one.text, name.text)
    ]


def _let_names_take_over(best: list[_Candidate], nested: Sequence[tuple[_Candidate, _Candidate]]) -> list[_Candidate]:
    """`best`, in which the longest names have taken the place of those inside that hardly stand without them."""
    inside: dict[_Candidate, list[_Candidate]] = {}
    for one, name in nested:
        if _TAKE_OVER * one.times <= name.times:
            inside.setdefault(name, []).append(one)
    gone: set[_Candidate] = set()
    costs: dict[_Candidate, float] = {}
    for name in sorted(inside, key=lambda name: (-len(name.text), name)):
        own = [one for one in inside[name] if one not in gone]
        if own and name not in gone:
            gone.update(own)
            costs[name] = min(name, *own).cost
    return [one._replace(cost=costs[one]) if one in costs else one for one in best if one not in gone]


def _within(part: str, whole: str) -> bool:
    """True when `part` stands in `whole`, as a word of its own if it is Latin."""
    return part in whole and not (part.isascii() and re.search("[a-z0-9]\0|\0[a-z0-9]", whole.replace(part, "\0")))


def _overlap(one: str, other: str) -> bool:
    """True when one stands in the other, or begins with the end of it as 能源项目 does with that of 化石能源."""
    if one[0] not in other and other[0] not in one:
        return False  # as most do
    if _within(one, other) or _within(other, one):
        return True
    if one.isascii() or other.isascii():
        return False
    return any(one.endswith(other[:size]) or one.startswith(other[-size:]) for size in range(2, len(one)))
