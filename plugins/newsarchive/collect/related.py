"""Earlier coverage: for each article the older ones that share most with it.

Only older ones, and weighed by how common a tag or word was until then: a new article changes no old page. The index
is inverted and short: of each key the newest articles are kept, so the work grows with the articles, not their square.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from math import log

from newsarchive.articles import Article
from newsarchive.describe.tags import tag_key

# What a key remembers. A key with more articles than this behind it is common, and its newest are the likeliest.
_REMEMBERED = 24
# Articles supposed to lie before the first: else everything would be common in a young archive.
_BEFORE = 1_000
# One shared tag is not enough, however rare; with a word of the title it is, and so are two.
_LEAST = 9.0
_TAG, _PAIR = 1.0, 0.4  # a pair of characters is half a word, and pairs of one word come together
_LONGEST_TITLE = 40

_HAN = re.compile("[\u3400-\u9fff]{2,}")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9+#.-]{2,}")


def find_earlier(articles: Sequence[Article], most: int) -> Mapping[str, tuple[Article, ...]]:
    """For each article, by id, at most `most` older ones, best first. `articles` come oldest first; the undated, of
    which nobody can say that they are older, relate to nothing."""
    index: dict[str, deque[int]] = defaultdict(lambda: deque(maxlen=_REMEMBERED))
    times: dict[str, int] = defaultdict(int)
    earlier: dict[str, tuple[Article, ...]] = {}
    for number, article in enumerate(articles):
        if article.date is None or not most:
            continue
        scores: dict[int, float] = defaultdict(float)
        for key, weight in _keys(article).items():
            if seen := times[key]:
                rarity = weight * log((number + _BEFORE) / seen)
                for other in index[key]:
                    scores[other] += rarity
            times[key] = seen + 1
            index[key].append(number)
        best = sorted((-score, -other) for other, score in scores.items() if score >= _LEAST)
        chosen = _distinct(articles[-other] for _, other in best)
        if found := tuple(other for other, _ in zip(chosen, range(most), strict=False)):
            earlier[article.id] = found
    return earlier


def _keys(article: Article) -> dict[str, float]:
    """What two related articles share: tags, and what their titles are made of; with the weight of each."""
    title = article.title[:_LONGEST_TITLE]
    pairs = {run[at : at + 2]: _PAIR for run in _HAN.findall(title) for at in range(len(run) - 1)}
    words = {word.casefold(): _PAIR for word in _LATIN.findall(title)}
    return pairs | words | {f"#{tag_key(tag)}": _TAG for tag in article.tags}


def _distinct(articles: Iterable[Article]) -> Iterable[Article]:
    """Each title once: a column that repeats its name is one article too many."""
    seen: set[str] = set()
    for article in articles:
        if article.title not in seen:
            seen.add(article.title)
            yield article
