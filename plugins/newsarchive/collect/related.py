"""Earlier coverage: for each article the older ones that share most with it.

Only older ones, and nothing that reaches far: of each tag, title word and pair of characters in a title, the newest
articles before the article count, and how many of the thousand before it have that key. So a new article changes no
older page, and few later ones (`RelatedArticles.dirty_after`), and the work grows with the articles, not their square.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import groupby, islice, pairwise
from math import log

import numpy as np
from numpy.typing import NDArray

from newsarchive.describe.tags import tag_key
from newsarchive.describe.unicode_scripts import HAN
from newsarchive.models import Article

# What a key remembers. A key with more articles than this behind it is common, and its newest are the likeliest.
_REMEMBERED = 24
# A key is as common as it is among so many articles before: all that came earlier would make every article's weights
# depend on every older one.
_WINDOW = 1_000
# One shared tag is not enough, however rare (691); with a word of the title it is, and so are two.
_LEAST = 820
_TAG, _PAIR = 100, 40  # whole numbers add up alike in any order; a pair is half a word, and those of one come together
_LONGEST_TITLE = 40

_HAN = re.compile(f"[{HAN}]{{2,}}")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9+#.-]{2,}")

Keys = NDArray[np.uint64]
Places = NDArray[np.int64]  # of articles in their row, or of entries in an index

_BITS_OF_WEIGHT, _BITS_OF_PLACE = 12, 32
_AT_A_TIME = 128  # articles whose candidates are sorted together: 400,000, which a processor keeps at hand


@dataclass(slots=True)
class RelatedCache:
    """What was found the last time: of every dated article, oldest first, and how many older ones were wanted.

    Only what an edit can touch is looked for again; what comes out is the same without it.
    """

    most: int = 0
    ids: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)  # of what each one's keys are made of
    keys: bytes = b""  # of all, eight bytes each
    counts: list[int] = field(default_factory=list)  # how many of them are each one's
    found: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def key_arrays(self) -> list[Keys]:
        """The keys of each article."""
        ends = np.cumsum(np.array(self.counts, np.int64))
        return np.split(np.frombuffer(self.keys, np.uint64), ends[:-1]) if self.counts else []


_MOST_EDITS = 50  # with more, what they touch is about everything


def find_related(
    articles: Sequence[Article], most: int, known: RelatedCache | None = None
) -> tuple[Mapping[str, tuple[Article, ...]], RelatedCache]:
    """For each article, by id, at most `most` older ones, best first; and what to remember of it.

    `articles` come oldest first; the undated, of which nobody can say that they are older, relate to nothing.
    """
    dated = [article for article in articles if article.date is not None]
    before = known if known is not None and known.most == most else RelatedCache(most)
    marks = [_mark(article) for article in dated]
    kept = dict(zip(zip(before.ids, before.marks, strict=True), before.key_arrays(), strict=True))
    keys = [
        kept[article.id, mark] if (article.id, mark) in kept else keys_of(article)
        for article, mark in zip(dated, marks, strict=True)
    ]
    coverage = RelatedArticles(keys, [article.title for article in dated])
    ids = [article.id for article in dated]
    touched = _dirty(before, coverage, ids, marks)
    wanted = None if touched is None else [place for place, own_id in enumerate(ids) if own_id in touched]
    found = {ids[place]: tuple(ids[other] for other in others) for place, others in coverage.find(most, wanted).items()}
    if touched is not None:
        alive = set(ids)
        found |= {each: others for each, others in before.found.items() if each in alive and each not in touched}
    by_id = {article.id: article for article in dated}
    now = RelatedCache(
        most,
        ids,
        coverage.titles,
        marks,
        b"".join(each.tobytes() for each in keys),
        [len(each) for each in keys],
        found,
    )
    return {each: tuple(by_id[other] for other in others) for each, others in found.items()}, now


def _dirty(before: RelatedCache, coverage: RelatedArticles, ids: list[str], marks: list[str]) -> set[str] | None:
    """Whose coverage may have become another one; None is everybody's."""
    old, new = list(zip(before.ids, before.marks, strict=True)), list(zip(ids, marks, strict=True))
    stayed = set(old) & set(new)
    gone = [place for place, one in enumerate(old) if one not in stayed]
    came = [place for place, one in enumerate(new) if one not in stayed]
    in_order = [one for one in old if one in stayed] == [one for one in new if one in stayed]
    if not in_order or len(gone) + len(came) > _MOST_EDITS:
        return None
    touched = {ids[place] for edit in came for place in coverage.dirty_after(edit).tolist()}
    if gone:
        earlier = RelatedArticles(before.key_arrays(), before.titles)
        touched |= {before.ids[place] for edit in gone for place in earlier.dirty_after(edit).tolist()}
    return touched


def keys_of(article: Article) -> Keys:
    """What two related articles share: tags (odd numbers), and what their titles are made of (even ones)."""
    title = article.title[:_LONGEST_TITLE]
    keys = {(ord(one) << 21 | ord(other)) << 1 for run in _HAN.findall(title) for one, other in pairwise(run)}
    keys |= {_hash(word.casefold()) & ~1 for word in _LATIN.findall(title)}
    keys |= {_hash(tag_key(tag)) | 1 for tag in article.tags}
    return np.fromiter(keys, np.uint64, len(keys))


def _mark(article: Article) -> str:
    """What the article's keys are made of, in short."""
    return blake2b("\0".join((article.title, *article.tags)).encode("utf-8", "replace"), digest_size=8).hexdigest()


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest())


class RelatedArticles:
    """An inverted index of the dated articles, oldest first: `keys` and `titles` of each.

    What it finds for an article is a pure function of the article's keys, the 24 newest articles before it that have
    each of them, and how many articles ago those were, up to a thousand.
    """

    def __init__(self, keys: Sequence[Keys], titles: list[str]) -> None:
        self.titles = titles
        lengths = np.fromiter(map(len, keys), np.int64, len(keys))
        self._firsts = np.concatenate([[0], np.cumsum(lengths)])  # of each article's keys among all keys
        whole = np.concatenate([*keys, np.empty(0, np.uint64)])
        order = np.argsort(whole, kind="stable")  # by key, then by time
        self._keys = whole[order]
        self._owners = np.repeat(np.arange(len(keys)), lengths)[order]
        self._entries = np.empty_like(order)  # where each key of each article stands in that order
        self._entries[order] = np.arange(len(order))
        begins = np.flatnonzero(np.diff(self._keys, prepend=self._keys[:1] + np.uint64(1)))
        self._begins = np.repeat(begins, np.diff(begins, append=len(order)))  # where the entries of its key begin

    def find(self, most: int, wanted: Iterable[int] | None = None) -> dict[int, tuple[int, ...]]:
        """By place in the row, at most `most` places of older articles, best first; places that have none are left out.
        `wanted` are the places to look at: all, if it is not given."""
        places = np.arange(len(self.titles)) if wanted is None else np.unique(np.fromiter(wanted, np.int64))
        found: dict[int, tuple[int, ...]] = {}
        for start in range(0, len(places) if most else 0, _AT_A_TIME):
            for place, others in self._rank(places[start : start + _AT_A_TIME]):
                found[place] = tuple(islice(self._with_distinct_titles(others), most))
        return found

    def dirty_after(self, place: int) -> Places:
        """Whose coverage can be another one if the article at `place` comes, goes, or gets other keys: its own, those
        of the articles that it is one of the thousand before, and the next ones that have one of its keys."""
        near = np.arange(place, min(place + _WINDOW + 1, len(self.titles)))
        entries = self._entries[self._firsts[place] : self._firsts[place + 1]]
        following = (entries[:, None] + np.arange(1, _REMEMBERED + 1)).clip(max=len(self._keys) - 1)
        same = self._keys[following] == self._keys[entries][:, None]
        touched: Places = np.union1d(near, self._owners[following[same]])
        return touched

    def _rank(self, places: Places) -> Iterator[tuple[int, list[int]]]:
        """(place, older places that share enough with it, best first) for each that has such."""
        sizes = self._firsts[places + 1] - self._firsts[places]
        numbers = np.repeat(np.arange(len(places)), sizes)
        within = np.arange(len(numbers)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        entries = self._entries[self._firsts[places][numbers] + within]
        # A row of the matrix for each key, a column for each article remembered, the newest first.
        before = entries[:, None] - np.arange(1, _REMEMBERED + 1)
        remembered = before >= self._begins[entries][:, None]
        others = self._owners[before.clip(min=0)]
        weights = self._weigh(self._keys[entries], places[numbers], others, remembered)
        remembered &= weights[:, None] > 0
        # Number, other and weight in one, because one sort is far cheaper than a sort of places.
        joined = (numbers[:, None] << _BITS_OF_PLACE | others) << _BITS_OF_WEIGHT | weights[:, None]
        shared = np.sort(joined[remembered])
        pairs = shared >> _BITS_OF_WEIGHT
        firsts = np.flatnonzero(np.diff(pairs, prepend=-1))
        scores = np.add.reduceat(shared & ((1 << _BITS_OF_WEIGHT) - 1), firsts) if len(firsts) else firsts
        enough = scores >= _LEAST
        pairs, scores = pairs[firsts][enough], scores[enough]
        numbers, others = pairs >> _BITS_OF_PLACE, pairs & ((1 << _BITS_OF_PLACE) - 1)
        ranked = np.lexsort((-others, -scores, numbers))  # the newer of two that share as much
        rows = zip(places[numbers[ranked]].tolist(), others[ranked].tolist(), strict=True)
        for place, row in groupby(rows, key=lambda pair: pair[0]):
            yield place, [other for _, other in row]

    def _weigh(self, keys: Keys, places: Places, others: Places, remembered: NDArray[np.bool_]) -> Places:
        """What it says that two articles share a key, by how common that was before the article at the place."""
        near = np.count_nonzero(remembered & (others >= places[:, None] - _WINDOW), axis=1)
        distance = (places - others[:, -1]).clip(1, _WINDOW)
        rarity = np.where(near < _REMEMBERED, _RARITY[near], _RARITY_BY_DISTANCE[distance])
        weights: Places = rarity * np.where(keys & np.uint64(1), _TAG, _PAIR) // 100
        return weights

    def _with_distinct_titles(self, places: Iterable[int]) -> Iterator[int]:
        """Each title once: a column that repeats its name is one article too many."""
        seen: set[str] = set()
        for place in places:
            if self.titles[place] not in seen:
                seen.add(self.titles[place])
                yield place


# In hundredths: of a key that so many of the last thousand articles have; of one whose 24 newest began so long ago.
_RARITY = np.array([round(100 * log(_WINDOW / max(1, near))) for near in range(_REMEMBERED + 1)])
_RARITY_BY_DISTANCE = np.array([round(100 * log(max(1, distance / _REMEMBERED))) for distance in range(_WINDOW + 1)])
