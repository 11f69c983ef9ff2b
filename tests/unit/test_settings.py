"""Settings are declared once, and every mistake in them is told at once."""

from __future__ import annotations

from dataclasses import Field
from typing import Any

import pytest

from newsarchive.config.settings import SETTINGS, Settings, read_settings, setting_name
from newsarchive.diagnostics import ConfigurationError


def problems_of(given: dict[str, Any]) -> list[str]:
    """The lines that a user reads."""
    with pytest.raises(ConfigurationError) as error:
        read_settings(given)
    return str(error.value).split("\n")


def test_without_any_setting_the_defaults_hold() -> None:
    assert read_settings({}) == Settings()


def test_a_setting_is_taken_and_pelicans_own_are_passed_over() -> None:
    settings = read_settings({"NEWSARCHIVE_PER_PAGE": 20, "SITENAME": "甲", "PATH": "content"})

    assert (settings.per_page, settings.home_articles) == (20, Settings().home_articles)


def test_a_settings_own_name_is_in_capitals_behind_the_prefix() -> None:
    assert "NEWSARCHIVE_MAX_FILE_BYTES" in [setting_name(setting) for setting in SETTINGS]


def test_a_misspelt_setting_is_told_the_right_name() -> None:
    assert problems_of({"NEWSARCHIVE_PERPAGE": 20}) == [
        "NEWSARCHIVE_PERPAGE: there is no such setting — did you mean NEWSARCHIVE_PER_PAGE?"
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("BUILD_PROFILE", "PROFILE"),
        ("EARLIER_ARTICLES", "RELATED_ARTICLES"),
        ("FEED_ARTICLES", "FEED_MAX_ITEMS"),
        ("MAX_DEPTH", "MAX_HTML_DEPTH"),
        ("MAX_LOSS", "WARN_REMOVED_PERCENT"),
        ("PICTURES", "IMAGES"),
        ("PICTURE_BYTES", "IMAGE_BYTES"),
        ("REPETITION", "REMOVE_REPEATED"),
        ("SHARED_PICTURE_MINIMUM", "SHARED_IMAGE_MINIMUM"),
    ],
)
def test_a_renamed_setting_is_refused_with_its_new_name(old: str, new: str) -> None:
    assert problems_of({f"NEWSARCHIVE_{old}": 3}) == [
        f"NEWSARCHIVE_{old}: there is no such setting — did you mean NEWSARCHIVE_{new}?"
    ]
    assert f"NEWSARCHIVE_{new}" in [setting_name(setting) for setting in SETTINGS]


def test_a_setting_like_no_other_is_to_be_deleted() -> None:
    (told,) = problems_of({"NEWSARCHIVE_QWXZ": 1})

    assert told == "NEWSARCHIVE_QWXZ: there is no such setting — delete it; docs/settings.md lists all settings"


def test_all_problems_are_told_at_once() -> None:
    told = problems_of({"NEWSARCHIVE_PER_PAGE": "50", "NEWSARCHIVE_RULES_PATH": None, "NEWSARCHIVE_X": 1})

    assert [line.partition(":")[0] for line in told] == [
        "NEWSARCHIVE_X",
        "NEWSARCHIVE_RULES_PATH",
        "NEWSARCHIVE_PER_PAGE",
    ]


@pytest.mark.parametrize("value", ["50", 50.0, True, None, 4, 1_001, -1])
def test_a_number_out_of_range_or_of_another_kind_is_refused(value: object) -> None:
    assert problems_of({"NEWSARCHIVE_PER_PAGE": value}) == [
        f"NEWSARCHIVE_PER_PAGE: {value!r} is not a whole number from 5 to 1,000 — the default is 50"
    ]


def test_a_truth_value_is_no_number_and_a_number_no_truth_value() -> None:
    told = problems_of({"NEWSARCHIVE_TAG_PAGE_MINIMUM": True, "NEWSARCHIVE_REMOVE_REPEATED": 1})

    assert [line.partition(" — ")[0] for line in told] == [
        "NEWSARCHIVE_REMOVE_REPEATED: 1 is not True or False",
        "NEWSARCHIVE_TAG_PAGE_MINIMUM: True is not a whole number from 1 to 1,000",
    ]


@pytest.mark.parametrize("value", [5, 1_000])
def test_the_ends_of_a_range_are_in_it(value: int) -> None:
    assert read_settings({"NEWSARCHIVE_PER_PAGE": value}).per_page == value


@pytest.mark.parametrize("value", ["md", [], [".md"], ["md", 3], [""], {"md"}])
def test_endings_are_a_list_without_dots(value: object) -> None:
    (told,) = problems_of({"NEWSARCHIVE_ARTICLE_EXTENSIONS": value})

    assert "is not a list of file name endings without the dot, like ['md']" in told


def test_endings_are_the_same_in_capitals() -> None:
    assert read_settings({"NEWSARCHIVE_ARTICLE_EXTENSIONS": ["MD", "Html"]}).article_extensions == ("md", "html")


@pytest.mark.parametrize("setting", SETTINGS, ids=setting_name)
def test_every_default_passes_its_own_check_and_every_setting_says_what_it_does(setting: Field[Any]) -> None:
    assert setting.metadata["check"](setting.default) == ""
    assert setting.metadata["help"].endswith(".")
