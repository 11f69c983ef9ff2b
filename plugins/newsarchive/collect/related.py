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
from newsarchive.models import Article

# What a key remembers. A key with more articles than this behind it is common, and its newest are the likeliest.
_MAX_POSTINGS = 24
# A key is as common as it is among so many articles before: all that came earlier would make every article's weights
# depend on every older one.
_IDF_WINDOW = 1_000
# One shared tag is not enough, however rare (691); with a word of the title it is, and so are two.
_MIN_SCORE = 820
_TAG_WEIGHT, _TITLE_WEIGHT = (
    100,
    40,
)  # whole numbers add up alike in any order; a pair is half a word, and those of one come together
_MAX_TITLE_CHARACTERS = 40

_HAN = re.compile("[\u3400-\u9fff]{2,}")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9+#.-]{2,}")

FeatureHashes = NDArray[np.uint64]
Positions = NDArray[np.int64]  # of articles in their row, or of entries in an index

_WEIGHT_BITS, _POSITION_BITS = 12, 32
_BATCH_SIZE = 128  # articles whose candidates are sorted together: 400,000, which a processor keeps at hand


@dataclass(slots=True)
class RelatedCache:
    """What was found the last time: of every dated article, oldest first, and how many older ones were wanted.

    Only what an edit can touch is looked for again; what comes out is the same without it.
    """

    limit: int = 0
    ids: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)  # of what each one's keys are made of
    features: bytes = b""  # of all, eight bytes each
    counts: list[int] = field(default_factory=list)  # how many of them are each one's
    related: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def feature_arrays(self) -> list[FeatureHashes]:
        """The keys of each article."""
        ends = np.cumsum(np.array(self.counts, np.int64))
        return np.split(np.frombuffer(self.features, np.uint64), ends[:-1]) if self.counts else []


_MAX_EDITS = 50  # with more, what they touch is about everything


def find_related(
    articles: Sequence[Article], limit: int, cache: RelatedCache | None = None
) -> tuple[Mapping[str, tuple[Article, ...]], RelatedCache]:
    """For each article, by id, at most `most` older ones, best first; and what to remember of it.

    `articles` come oldest first; the undated, of which nobody can say that they are older, relate to nothing.
    """
    dated = [article for article in articles if article.date is not None]
    previous = cache if cache is not None and cache.limit == limit else RelatedCache(limit)
    digests = [_features_digest(article) for article in dated]
    reusable = dict(zip(zip(previous.ids, previous.digests, strict=True), previous.feature_arrays(), strict=True))
    features = [
        reusable[article.id, digest] if (article.id, digest) in reusable else feature_hashes(article)
        for article, digest in zip(dated, digests, strict=True)
    ]
    index = RelatedArticles(features, [article.title for article in dated])
    ids = [article.id for article in dated]
    dirty = _dirty(previous, index, ids, digests)
    wanted = None if dirty is None else [position for position, own_id in enumerate(ids) if own_id in dirty]
    related = {
        ids[position]: tuple(ids[candidate] for candidate in candidates)
        for position, candidates in index.find(limit, wanted).items()
    }
    if dirty is not None:
        current_ids = set(ids)
        related |= {
            each: candidates
            for each, candidates in previous.related.items()
            if each in current_ids and each not in dirty
        }
    by_id = {article.id: article for article in dated}
    updated = RelatedCache(
        limit,
        ids,
        index.titles,
        digests,
        b"".join(each.tobytes() for each in features),
        [len(each) for each in features],
        related,
    )
    return {each: tuple(by_id[candidate] for candidate in candidates) for each, candidates in related.items()}, updated


def _dirty(previous: RelatedCache, index: RelatedArticles, ids: list[str], digests: list[str]) -> set[str] | None:
    """Whose coverage may have become another one; None is everybody's."""
    old, new = list(zip(previous.ids, previous.digests, strict=True)), list(zip(ids, digests, strict=True))
    unchanged = set(old) & set(new)
    removed = [position for position, one in enumerate(old) if one not in unchanged]
    added = [position for position, one in enumerate(new) if one not in unchanged]
    in_order = [one for one in old if one in unchanged] == [one for one in new if one in unchanged]
    if not in_order or len(removed) + len(added) > _MAX_EDITS:
        return None
    dirty = {ids[position] for edit in added for position in index.dirty_after(edit).tolist()}
    if removed:
        previous_index = RelatedArticles(previous.feature_arrays(), previous.titles)
        dirty |= {previous.ids[position] for edit in removed for position in previous_index.dirty_after(edit).tolist()}
    return dirty


def feature_hashes(article: Article) -> FeatureHashes:
    """What two related articles share: tags (odd numbers), and what their titles are made of (even ones)."""
    title = article.title[:_MAX_TITLE_CHARACTERS]
    features = {(ord(first) << 21 | ord(second)) << 1 for run in _HAN.findall(title) for first, second in pairwise(run)}
    features |= {_hash(word.casefold()) & ~1 for word in _LATIN.findall(title)}
    features |= {_hash(tag_key(tag)) | 1 for tag in article.tags}
    return np.fromiter(features, np.uint64, len(features))


def _features_digest(article: Article) -> str:
    """What the article's keys are made of, in short."""
    return blake2b("\0".join((article.title, *article.tags)).encode("utf-8", "replace"), digest_size=8).hexdigest()


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest())


class RelatedArticles:
    """An inverted index of the dated articles, oldest first: `keys` and `titles` of each.

    What it finds for an article is a pure function of the article's keys, the 24 newest articles before it that have
    each of them, and how many articles ago those were, up to a thousand.
    """

    def __init__(self, features: Sequence[FeatureHashes], titles: list[str]) -> None:
        self.titles = titles
        lengths = np.fromiter(map(len, features), np.int64, len(features))
        self._feature_starts = np.concatenate([[0], np.cumsum(lengths)])  # of each article's keys among all keys
        all_features = np.concatenate([*features, np.empty(0, np.uint64)])
        order = np.argsort(all_features, kind="stable")  # by key, then by time
        self._features = all_features[order]
        self._articles = np.repeat(np.arange(len(features)), lengths)[order]
        self._posting_indices = np.empty_like(order)  # where each key of each article stands in that order
        self._posting_indices[order] = np.arange(len(order))
        begins = np.flatnonzero(np.diff(self._features, prepend=self._features[:1] + np.uint64(1)))
        self._list_starts = np.repeat(begins, np.diff(begins, append=len(order)))  # where the entries of its key begin

    def find(self, limit: int, wanted: Iterable[int] | None = None) -> dict[int, tuple[int, ...]]:
        """By place in the row, at most `most` places of older articles, best first; places that have none are left out.
        `wanted` are the places to look at: all, if it is not given."""
        positions = np.arange(len(self.titles)) if wanted is None else np.unique(np.fromiter(wanted, np.int64))
        related: dict[int, tuple[int, ...]] = {}
        for start in range(0, len(positions) if limit else 0, _BATCH_SIZE):
            for position, candidates in self._rank_candidates(positions[start : start + _BATCH_SIZE]):
                related[position] = tuple(islice(self._with_distinct_titles(candidates), limit))
        return related

    def dirty_after(self, position: int) -> Positions:
        """Whose coverage can be another one if the article at `place` comes, goes, or gets other keys: its own, those
        of the articles that it is one of the thousand before, and the next ones that have one of its keys."""
        near = np.arange(position, min(position + _IDF_WINDOW + 1, len(self.titles)))
        postings = self._posting_indices[self._feature_starts[position] : self._feature_starts[position + 1]]
        following = (postings[:, None] + np.arange(1, _MAX_POSTINGS + 1)).clip(max=len(self._features) - 1)
        same = self._features[following] == self._features[postings][:, None]
        dirty: Positions = np.union1d(near, self._articles[following[same]])
        return dirty

    def _rank_candidates(self, positions: Positions) -> Iterator[tuple[int, list[int]]]:
        """(place, older places that share enough with it, best first) for each that has such."""
        sizes = self._feature_starts[positions + 1] - self._feature_starts[positions]
        query_indices = np.repeat(np.arange(len(positions)), sizes)
        within = np.arange(len(query_indices)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        postings = self._posting_indices[self._feature_starts[positions][query_indices] + within]
        # A row of the matrix for each key, a column for each article remembered, the newest first.
        previous = postings[:, None] - np.arange(1, _MAX_POSTINGS + 1)
        is_candidate = previous >= self._list_starts[postings][:, None]
        candidates = self._articles[previous.clip(min=0)]
        weights = self._idf_weights(self._features[postings], positions[query_indices], candidates, is_candidate)
        is_candidate &= weights[:, None] > 0
        # Number, other and weight in one, because one sort is far cheaper than a sort of places.
        joined = (query_indices[:, None] << _POSITION_BITS | candidates) << _WEIGHT_BITS | weights[:, None]
        shared = np.sort(joined[is_candidate])
        pairs = shared >> _WEIGHT_BITS
        firsts = np.flatnonzero(np.diff(pairs, prepend=-1))
        scores = np.add.reduceat(shared & ((1 << _WEIGHT_BITS) - 1), firsts) if len(firsts) else firsts
        enough = scores >= _MIN_SCORE
        pairs, scores = pairs[firsts][enough], scores[enough]
        query_indices, candidates = pairs >> _POSITION_BITS, pairs & ((1 << _POSITION_BITS) - 1)
        ranked = np.lexsort((-candidates, -scores, query_indices))  # the newer of two that share as much
        rows = zip(positions[query_indices[ranked]].tolist(), candidates[ranked].tolist(), strict=True)
        for position, row in groupby(rows, key=lambda pair: pair[0]):
            yield position, [candidate for _, candidate in row]

    def _idf_weights(
        self, features: FeatureHashes, positions: Positions, candidates: Positions, is_candidate: NDArray[np.bool_]
    ) -> Positions:
        """What it says that two articles share a key, by how common that was before the article at the place."""
        near = np.count_nonzero(is_candidate & (candidates >= positions[:, None] - _IDF_WINDOW), axis=1)
        distance = (positions - candidates[:, -1]).clip(1, _IDF_WINDOW)
        idf = np.where(near < _MAX_POSTINGS, _IDF_BY_COUNT[near], _IDF_BY_DISTANCE[distance])
        weights: Positions = idf * np.where(features & np.uint64(1), _TAG_WEIGHT, _TITLE_WEIGHT) // 100
        return weights

    def _with_distinct_titles(self, positions: Iterable[int]) -> Iterator[int]:
        """Each title once: a column that repeats its name is one article too many."""
        seen: set[str] = set()
        for position in positions:
            if self.titles[position] not in seen:
                seen.add(self.titles[position])
                yield position


# In hundredths: of a key that so many of the last thousand articles have; of one whose 24 newest began so long ago.
_IDF_BY_COUNT = np.array([round(100 * log(_IDF_WINDOW / max(1, near))) for near in range(_MAX_POSTINGS + 1)])
_IDF_BY_DISTANCE = np.array([round(100 * log(max(1, distance / _MAX_POSTINGS))) for distance in range(_IDF_WINDOW + 1)])
