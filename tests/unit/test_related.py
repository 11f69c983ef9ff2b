"""Earlier coverage, for rows long enough that keys forget and windows pass."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from math import log

import numpy as np
import pytest

from newsarchive.collect.related import FeatureHashes, RelatedArticles, feature_hashes, find_related
from unit.factories import make_article

MOST = 3


def make_row(count: int, seed: int) -> tuple[list[FeatureHashes], list[str]]:
    """Keys and titles of made articles: a few keys that most have, many that few have, and stories that go on."""
    dice = random.Random(seed)
    keys: list[set[int]] = []
    for _ in range(count):
        own = {int(4_000 * dice.random() ** 4) for _ in range(dice.randrange(9))}
        story = dice.choice(keys) if keys else own
        keys.append(own | set(dice.sample(sorted(story), min(2, len(story)))))
    return [np.array(sorted(own), np.uint64) for own in keys], [f"标题{dice.randrange(count)}" for _ in range(count)]


def find_plainly(keys: list[FeatureHashes], titles: list[str]) -> dict[int, tuple[int, ...]]:
    """Earlier coverage as it is defined, article by article."""
    places = defaultdict[int, list[int]](list)
    found = {}
    for place, own in enumerate(keys):
        scores = Counter[int]()
        for key in own.tolist():
            newest = places[key][-24:]
            near = sum(place - other <= 1_000 for other in newest)
            rarity = log(1_000 / max(near, 1)) if near < 24 else log((place - newest[0]) / 24)
            scores.update(dict.fromkeys(newest, round(100 * rarity) * (100 if key % 2 else 40) // 100))
            places[key].append(place)
        best = {
            titles[other]: other
            for score, other in sorted((score, other) for other, score in scores.items() if score >= 820)
        }  # of each title the last, which is the best
        if others := sorted(best.values(), key=lambda other: (scores[other], other), reverse=True)[:MOST]:
            found[place] = tuple(others)
    return found


@pytest.mark.parametrize("count", [0, 1, 2, 3_000])
def test_earlier_coverage_is_what_its_definition_says(count: int) -> None:
    keys, titles = make_row(count, seed=1)

    found = RelatedArticles(keys, titles).find(MOST)

    assert found == find_plainly(keys, titles)
    assert count < 3 or len(found) > count / 4


def test_an_article_that_comes_or_goes_touches_few_others() -> None:
    keys, titles = make_row(4_000, seed=2)
    whole = RelatedArticles(keys, titles)
    with_it = whole.find(MOST)

    for place in (0, 700, 2_500, 3_999):
        without = RelatedArticles(keys[:place] + keys[place + 1 :], titles[:place] + titles[place + 1 :])
        shifted = {
            _shift(one, place): tuple(_shift(other, place) for other in others)
            for one, others in without.find(MOST).items()
        }
        touched = set(whole.dirty_after(place).tolist())
        changed = {one for one in {*with_it, *shifted} if with_it.get(one) != shifted.get(one)}

        assert place in touched
        assert changed <= touched
        assert len(touched) < 1_400
        assert whole.find(MOST, touched) == {one: with_it[one] for one in with_it if one in touched}


def _shift(number: int, place: int) -> int:
    """The number that an article has when there is one more at `place`."""
    return number + (number >= place)


def test_tags_count_for_more_than_words_of_the_title_and_both_whatever_their_case() -> None:
    one = make_article(title="云上日志 NFT 周报", tags=("AI", "芯片"))
    other = make_article(title="nft", tags=("ai",))

    shared = set(feature_hashes(one).tolist()) & set(feature_hashes(other).tolist())

    assert sorted(key % 2 for key in shared) == [0, 1]
    assert len(feature_hashes(one)) == 3 + 1 + 1 + 2


def test_one_shared_tag_is_not_enough_and_with_a_word_of_the_title_it_is() -> None:
    articles = [
        make_article("a.md", "2021-10-10", title="甲报道", tags=("量子计算",)),
        make_article("b.md", "2021-10-11", title="乙", tags=("量子计算",)),
        make_article("c.md", "2021-10-12", title="又一篇报道", tags=("量子计算",)),
        make_article("d.md", "", title="又一篇报道", tags=("量子计算",)),
    ]

    earlier, _ = find_related(articles, MOST)

    assert {own: [other.source for other in others] for own, others in earlier.items()} == {articles[2].id: ["a.md"]}
