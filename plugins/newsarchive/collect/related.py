"""Find related articles: for each article the older ones that share the most features with it.

Features are tags, Latin words of the title, and character bigrams of Han in the title. Scores are sums of IDF weights
over the shared features. Two limits keep the work and the effect of an edit local: a feature only has its 24 newest
articles before the current one as postings, and its document frequency is counted over the thousand articles before it.
So a new article changes no page of an older one and few of later ones (`RelatedArticles.dirty_after`), and the work
grows linearly with the number of articles, not with its square.
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

# Postings of a feature: the newest articles before the current one. A feature with more is common, and the newest of
# its articles are the most likely to be related.
_MAX_POSTINGS = 24
# Articles before the current one over which document frequency is counted. Counting all of them would make every
# article's weights depend on every older article.
_IDF_WINDOW = 1_000
# One shared tag is not enough, however rare (its weight is at most 691); a tag and a word of the title are, and so are
# two tags.
_MIN_SCORE = 820
# In hundredths: integer sums do not depend on their order. A title feature weighs less, because a bigram is half a
# word, and the bigrams of one word are shared together.
_TAG_WEIGHT, _TITLE_WEIGHT = 100, 40
_MAX_TITLE_CHARACTERS = 40

_HAN = re.compile(f"[{HAN}]{{2,}}")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9+#.-]{2,}")

FeatureHashes = NDArray[np.uint64]
Positions = NDArray[np.int64]  # of articles, oldest first, or of postings in the index

_WEIGHT_BITS, _POSITION_BITS = 12, 32
_BATCH_SIZE = 128  # articles ranked together: about 400,000 candidates, which fit into the processor's cache


@dataclass(slots=True)
class RelatedCache:
    """Result and inputs of the previous build, for all dated articles, oldest first.

    With it only the articles that an edit can affect are computed again. The result is the same without it. All lists
    are parallel.
    """

    limit: int = 0
    ids: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)  # of the fields that features are made of
    features: bytes = b""  # uint64, all articles' features in sequence
    counts: list[int] = field(default_factory=list)  # features of each article
    related: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def feature_arrays(self) -> list[FeatureHashes]:
        """Return the feature hashes of each article: uint64, shape (features of the article,)."""
        ends = np.cumsum(np.array(self.counts, np.int64))
        return np.split(np.frombuffer(self.features, np.uint64), ends[:-1]) if self.counts else []


_MAX_EDITS = 50  # more edits affect nearly every article


def find_related(
    articles: Sequence[Article], limit: int, cache: RelatedCache | None = None
) -> tuple[Mapping[str, tuple[Article, ...]], RelatedCache]:
    """Return (article id → at most `limit` related older articles, best first; the cache for the next build).

    `articles` must be sorted oldest first. Undated articles are left out: their age is unknown. A `cache` made with
    another `limit` is ignored.
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
    """Return the ids of the articles whose related articles may have changed, None for all of them."""
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
    """Return the article's distinct features as hashes: uint64, shape (features,).

    Tags have odd numbers, features of the first 40 characters of the title even ones.
    """
    title = article.title[:_MAX_TITLE_CHARACTERS]
    features = {(ord(first) << 21 | ord(second)) << 1 for run in _HAN.findall(title) for first, second in pairwise(run)}
    features |= {_hash(word.casefold()) & ~1 for word in _LATIN.findall(title)}
    features |= {_hash(tag_key(tag)) | 1 for tag in article.tags}
    return np.fromiter(features, np.uint64, len(features))


def _features_digest(article: Article) -> str:
    """Return a digest of the fields that `feature_hashes` reads: 16 hexadecimal digits."""
    return blake2b("\0".join((article.title, *article.tags)).encode("utf-8", "replace"), digest_size=8).hexdigest()


def _hash(text: str) -> int:
    """Return the 64-bit BLAKE2b hash of `text`."""
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest())


class RelatedArticles:
    """An inverted index from features to the dated articles.

    The related articles of an article are a pure function of its features, of the 24 newest earlier articles with each
    of them, and of how many articles ago those appeared, up to 1,000. Positions count articles from the oldest, 0.
    """

    def __init__(self, features: Sequence[FeatureHashes], titles: list[str]) -> None:
        """Index the articles, oldest first.

        - `features`: `feature_hashes` of each article.
        - `titles`: the title of each article; related articles never repeat a title.
        """
        self.titles = titles
        lengths = np.fromiter(map(len, features), np.int64, len(features))
        self._feature_starts = np.concatenate(
            [[0], np.cumsum(lengths)]
        )  # shape (articles + 1,): where each article's features begin
        all_features = np.concatenate([*features, np.empty(0, np.uint64)])
        order = np.argsort(all_features, kind="stable")  # by feature, then by time
        self._features = all_features[order]
        self._articles = np.repeat(np.arange(len(features)), lengths)[order]
        self._posting_indices = np.empty_like(order)  # from an article's feature to its posting
        self._posting_indices[order] = np.arange(len(order))
        begins = np.flatnonzero(np.diff(self._features, prepend=self._features[:1] + np.uint64(1)))
        self._list_starts = np.repeat(begins, np.diff(begins, append=len(order)))  # where each posting's list begins

    def find(self, limit: int, wanted: Iterable[int] | None = None) -> dict[int, tuple[int, ...]]:
        """Return position → at most `limit` positions of related older articles, best first.

        Articles without related articles are left out. `wanted` are the positions to compute, by default all.
        """
        positions = np.arange(len(self.titles)) if wanted is None else np.unique(np.fromiter(wanted, np.int64))
        related: dict[int, tuple[int, ...]] = {}
        for start in range(0, len(positions) if limit else 0, _BATCH_SIZE):
            for position, candidates in self._rank_candidates(positions[start : start + _BATCH_SIZE]):
                related[position] = tuple(islice(self._with_distinct_titles(candidates), limit))
        return related

    def dirty_after(self, position: int) -> Positions:
        """Return the positions that may change if the article at `position` is added, removed or edited: sorted int64.

        These are the article itself, the next 1,000 articles (which count it in their document frequencies), and for
        each of its features the next 24 articles with it (which have it among their postings).
        """
        near = np.arange(position, min(position + _IDF_WINDOW + 1, len(self.titles)))
        postings = self._posting_indices[self._feature_starts[position] : self._feature_starts[position + 1]]
        following = (postings[:, None] + np.arange(1, _MAX_POSTINGS + 1)).clip(max=len(self._features) - 1)
        same = self._features[following] == self._features[postings][:, None]
        dirty: Positions = np.union1d(near, self._articles[following[same]])
        return dirty

    def _rank_candidates(self, positions: Positions) -> Iterator[tuple[int, list[int]]]:
        """Yield (position, positions of older articles that score at least 820, best first).

        `positions` is int64, shape (articles,). Articles without such candidates are left out.
        """
        sizes = self._feature_starts[positions + 1] - self._feature_starts[positions]
        query_indices = np.repeat(np.arange(len(positions)), sizes)
        within = np.arange(len(query_indices)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        postings = self._posting_indices[self._feature_starts[positions][query_indices] + within]
        # Shape (features, 24): the postings before each posting, newest first.
        previous = postings[:, None] - np.arange(1, _MAX_POSTINGS + 1)
        is_candidate = previous >= self._list_starts[postings][:, None]
        candidates = self._articles[previous.clip(min=0)]
        weights = self._idf_weights(self._features[postings], positions[query_indices], candidates, is_candidate)
        is_candidate &= weights[:, None] > 0
        # Query, candidate and weight in one integer: sorting integers is far cheaper than an indirect sort.
        joined = (query_indices[:, None] << _POSITION_BITS | candidates) << _WEIGHT_BITS | weights[:, None]
        shared = np.sort(joined[is_candidate])
        pairs = shared >> _WEIGHT_BITS
        firsts = np.flatnonzero(np.diff(pairs, prepend=-1))
        scores = np.add.reduceat(shared & ((1 << _WEIGHT_BITS) - 1), firsts) if len(firsts) else firsts
        enough = scores >= _MIN_SCORE
        pairs, scores = pairs[firsts][enough], scores[enough]
        query_indices, candidates = pairs >> _POSITION_BITS, pairs & ((1 << _POSITION_BITS) - 1)
        ranked = np.lexsort((-candidates, -scores, query_indices))  # of equal scores, the newer article first
        rows = zip(positions[query_indices[ranked]].tolist(), candidates[ranked].tolist(), strict=True)
        for position, row in groupby(rows, key=lambda pair: pair[0]):
            yield position, [candidate for _, candidate in row]

    def _idf_weights(
        self, features: FeatureHashes, positions: Positions, candidates: Positions, is_candidate: NDArray[np.bool_]
    ) -> Positions:
        """Return the weight of each shared feature in hundredths: int64, shape (features,).

        - `features`, `positions`: shape (features,), the feature and the position of the article that has it.
        - `candidates`, `is_candidate`: shape (features, 24), earlier positions, newest first, and which of them have
          the feature.

        The IDF is estimated from how many of the last 1,000 articles have the feature, or, if 24 postings are not
        enough to count them, from the distance to the 24th.
        """
        near = np.count_nonzero(is_candidate & (candidates >= positions[:, None] - _IDF_WINDOW), axis=1)
        distance = (positions - candidates[:, -1]).clip(1, _IDF_WINDOW)
        idf = np.where(near < _MAX_POSTINGS, _IDF_BY_COUNT[near], _IDF_BY_DISTANCE[distance])
        weights: Positions = idf * np.where(features & np.uint64(1), _TAG_WEIGHT, _TITLE_WEIGHT) // 100
        return weights

    def _with_distinct_titles(self, positions: Iterable[int]) -> Iterator[int]:
        """Yield each position with a new title: two articles of a column with a fixed title are one too many."""
        seen: set[str] = set()
        for position in positions:
            if self.titles[position] not in seen:
                seen.add(self.titles[position])
                yield position


# IDF in hundredths, by the number of the last 1,000 articles with the feature, and by the distance to its 24th posting.
_IDF_BY_COUNT = np.array([round(100 * log(_IDF_WINDOW / max(1, near))) for near in range(_MAX_POSTINGS + 1)])
_IDF_BY_DISTANCE = np.array([round(100 * log(max(1, distance / _MAX_POSTINGS))) for distance in range(_IDF_WINDOW + 1)])
