"""Properties of earlier coverage that is remembered: in a row long enough that keys forget and windows pass."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from newsarchive.cache.serialization import from_bytes, to_bytes
from newsarchive.collect.archive import sort_key
from newsarchive.collect.related import RelatedCache, find_related
from newsarchive.models import Article

from .strategies import ZONE, article, slow_property_test


def long_row(length: int) -> list[Article]:
    """Articles six hours apart: of a hundred stories that go on to the end and share tags, and of many that come back
    once or twice."""
    dice = random.Random(4)
    names = ["".join(chr(dice.randrange(0x4E00, 0x9000)) for _ in range(3)) for _ in range(700)]
    stories = [dice.sample(names[:150], 6) for _ in range(100)]
    stories += [[name, name[:2], dice.choice(names[:150])] for name in names[150:]]
    row = []
    for number in range(length):
        story = dice.choice(stories[:100] if dice.random() < 0.7 else stories[100:])
        tags = dice.sample(story, min(4, len(story)))
        title = story[0] + (f"第{number}条" if dice.random() < 0.8 else "")
        date = datetime(2020, 1, 1, tzinfo=ZONE) + timedelta(hours=6 * number)
        row.append(article(f"{number}.md", title=title, date=date, tags=tuple(tags)))
    return row


MOST = 8
ROW = long_row(2_000)
MOMENT = timedelta(hours=1)  # too short for a place in the row to change
EDITS = ("remove", "add", "retitle", "retag", "redate a little", "redate", "undate", "date")
Edits = Sequence[tuple[str, int, int]]
edits = st.lists(
    st.tuples(st.sampled_from(EDITS), st.integers(0, len(ROW) - 1), st.integers(0, len(ROW) - 1)), max_size=5
)


FOUND, KNOWN = find_related(ROW, MOST)


def edit(row: Sequence[Article], edits: Edits) -> list[Article]:
    """A row after edits: each of an article at a place, by the model of one at another place."""
    edited = list(row)
    for kind, at, model_at in edits:
        one, model = edited[at % len(edited)], edited[model_at % len(edited)]
        date = (model.date or datetime(2020, 1, 1, tzinfo=ZONE)) + MOMENT
        edited.remove(one)
        match kind:
            case "add":
                sources = {each.source for each in (*edited, one)}
                source = next(f"new {number}.md" for number in count() if f"new {number}.md" not in sources)
                new = article(source, title=model.title, tags=model.tags, date=one.date and one.date + MOMENT)
                edited += [one, new]
            case "retitle":
                edited.append(replace(one, title=model.title))
            case "retag":
                edited.append(replace(one, tags=model.tags))
            case "redate a little":
                edited.append(replace(one, date=one.date and one.date + MOMENT))
            case "redate":
                edited.append(replace(one, date=date))
            case "undate":
                edited.append(replace(one, date=None))
            case "date":
                edited.append(replace(one, date=one.date or date))
    return sorted(edited, key=sort_key)


def kept(known: RelatedCache) -> RelatedCache:
    """What is known, as the next build reads it."""
    return from_bytes(to_bytes(known), RelatedCache)


@pytest.mark.slow
@slow_property_test
@given(edits, edits)
def test_what_is_known_of_a_row_before_it_was_edited_changes_no_earlier_coverage(first: Edits, second: Edits) -> None:
    known = KNOWN
    row: Sequence[Article] = ROW

    for made in (first, second):
        row = edit(row, made)
        found, known = find_related(row, MOST, kept(known))

        assert (found, known) == find_related(row, MOST)


@pytest.mark.parametrize("most", [0, 1, MOST + 1])
def test_coverage_of_another_length_is_not_made_of_what_is_known(most: int) -> None:
    assert find_related(ROW, most, KNOWN) == find_related(ROW, most)


def test_the_row_that_properties_are_tried_on_has_earlier_coverage_beyond_every_window() -> None:
    places = {one.id: place for place, one in enumerate(ROW)}
    distances = [places[own] - places[other.id] for own, others in FOUND.items() for other in others]

    assert len(FOUND) > len(ROW) / 2
    assert sum(distance > 1_000 for distance in distances) > 100
