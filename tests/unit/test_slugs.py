"""Names become addresses that every system takes, and no two names share one."""

from __future__ import annotations

import pytest

from newsarchive.collect.slugs import assign_slugs


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("金融", "jin-rong"),
        ("新浪财经－国內", "xin-lang-cai-jing-guo-nei"),
        ("重庆", "chong-qing"),
        ("Hacker News", "hacker-news"),
        ("Ünïcödé", "unicode"),
        ("日本語", "ri-ben-yu"),
        ("36氪", "36-ke"),
        ("a\x00b", "a-b"),
        ("../../etc", "etc"),
    ],
)
def test_a_name_is_spelled_in_ascii(name: str, slug: str) -> None:
    assert assign_slugs([name]) == {name: slug}


@pytest.mark.parametrize("name", ["con", "CON", "nul", "Aux", "com1", "lpt9", "COM¹", "index"])
def test_a_name_that_windows_reserves_gets_a_mark(name: str) -> None:
    slug = assign_slugs([name])[name]

    assert slug.startswith(f"{name.lower().replace('¹', '1')}-")


@pytest.mark.parametrize("name", ["😀", "..", ".", "/", "-", "", "\u0301", "？！"])
def test_a_name_of_which_nothing_is_left_gets_an_address_all_the_same(name: str) -> None:
    slug = assign_slugs([name])[name]

    assert slug.startswith("x-")
    assert len(slug) == 8


def test_names_that_sound_alike_are_told_apart() -> None:
    slugs = assign_slugs(["北京", "背景", "bei jing"])

    assert slugs["北京"] == "bei-jing"
    assert len(set(slugs.values())) == 3


def test_the_first_name_keeps_the_plain_address_whoever_comes_later() -> None:
    before = assign_slugs(["C", "C++"])

    after = assign_slugs(["C", "C++", "C#", "c"])

    assert {name: after[name] for name in before} == before


def test_a_mark_depends_on_the_name_and_not_on_what_else_there_is() -> None:
    assert assign_slugs(["C", "C++"])["C++"] == assign_slugs(["c", "C#", "C++"])["C++"]


def test_a_name_that_looks_like_anothers_mark_is_told_apart_too() -> None:
    marked = assign_slugs(["C", "C++"])["C++"]

    slugs = assign_slugs([marked, "C", "C++"])

    assert len(set(slugs.values())) == 3


def test_a_name_given_twice_is_one_name() -> None:
    assert assign_slugs(["金融", "金融"]) == {"金融": "jin-rong"}


def test_six_levels_of_the_longest_names_fit_into_a_path_on_windows() -> None:
    names = ["长" * 300, "长" * 301, "x" * 300, "x" * 301]

    slugs = assign_slugs(names)

    assert all(len(f"{slug}/") * 6 < 260 for slug in slugs.values())
    assert len(set(slugs.values())) == 4
