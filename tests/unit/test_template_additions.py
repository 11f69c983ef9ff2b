"""A site's own names for templates: when two builds are known to have the same ones."""

from __future__ import annotations

from datetime import date

import pytest

from newsarchive.render.template_additions import make_additions


@pytest.mark.parametrize("value", ["a", 1, 1.5, None, date(2021, 10, 10), ["a", ("b", {"c": [True]})]])
def test_a_plain_global_is_the_same_in_every_build(value: object) -> None:
    assert make_additions(globals=[("a", value)]) == make_additions(globals=[("a", value)])


@pytest.mark.parametrize(("one", "other"), [(1, True), (1, 1.0), (["a", 1], {"a": 1}), ([1], (1,)), ("1", 1)])
def test_globals_that_a_template_could_tell_apart_are_not_the_same(one: object, other: object) -> None:
    assert make_additions(globals=[("a", one)]) != make_additions(globals=[("a", other)])


@pytest.mark.parametrize("kind", ["filters", "globals", "tests"])
def test_a_function_may_do_something_else_in_the_next_build(kind: str) -> None:
    assert make_additions(**{kind: [("shout", str.upper)]}) != make_additions(**{kind: [("shout", str.upper)]})


@pytest.mark.parametrize("value", [[str.upper], {"a": {1}}, object()])
def test_a_global_that_cannot_be_compared_counts_as_a_function(value: object) -> None:
    assert make_additions(globals=[("a", value)]) != make_additions(globals=[("a", value)])


def test_a_site_without_names_of_its_own_is_the_same_in_every_build() -> None:
    assert make_additions() == make_additions([], [], [])
