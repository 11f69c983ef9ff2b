"""Properties of the describe stage."""

from __future__ import annotations

import html
import itertools
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.describe.dates import parse_date
from newsarchive.describe.summaries import count_words, summarise
from newsarchive.describe.titles import plain_title, repair_title

from .strategies import ZONE, any_text, hostile_text, moments_since, property_test, quick_property_test, sentences

# China has had no summer time since 1991, in which a time without a zone was two moments. Unix time in milliseconds has
# 13 digits since September 2001; with 12 it could be a day, an hour and a minute written together.
MOMENTS, MOMENTS_OF_13_DIGITS = moments_since(datetime(1992, 1, 1)), moments_since(datetime(2001, 9, 10))

WRITTEN: dict[str, Callable[[datetime], str]] = {
    "RFC 822": format_datetime,
    "RFC 822, GMT": lambda moment: format_datetime(moment.astimezone(UTC), usegmt=True),
    "RFC 822, -0000": lambda moment: format_datetime(moment.astimezone(UTC).replace(tzinfo=None)),
    "ISO 8601": datetime.isoformat,
    "ISO 8601, UTC": lambda moment: moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "ISO 8601, milliseconds": lambda moment: moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.250Z"),
    "digits": lambda moment: moment.strftime("%Y%m%d%H%M%S"),
    "plain": lambda moment: moment.strftime("%Y-%m-%d %H:%M:%S"),
    "slashes": lambda moment: moment.strftime("%Y/%m/%d %H:%M:%S"),
    "full stops": lambda moment: moment.strftime("%Y.%m.%d %H:%M:%S"),
    "Go": lambda moment: moment.strftime("%Y-%m-%d %H:%M:%S +0800 CST"),
    "Unix date": lambda moment: moment.strftime("%a %b %d %H:%M:%S CST %Y"),
    "seconds": lambda moment: str(int(moment.timestamp())),
    "Chinese": lambda moment: moment.strftime("%Y年%m月%d日 %H:%M:%S"),
    "Chinese, in words": lambda moment: f"{moment.year}年{moment.month}月{moment.day}日{moment:%H时%M分%S秒}",
    "Chinese, halves of a day": lambda moment: moment.strftime(
        f"%Y年%m月%d日 {'上午' if moment.hour < 12 else '下午'}%I:%M:%S"
    ),
}


@quick_property_test
@given(hostile_text | st.text("0123456789-/:.年月日时 TZ+GMT", max_size=40))
def test_no_text_is_too_strange_for_a_date(found: str) -> None:
    moment, diagnostic = parse_date(found, ZONE)

    assert (moment is None) == bool(diagnostic)
    assert moment is None or (1990 <= moment.year <= 2100 and moment.tzinfo is ZONE and not moment.microsecond)


@pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN)
@property_test
@given(moment=MOMENTS)
def test_a_moment_written_in_any_known_form_is_that_moment(write: Callable[[datetime], str], moment: datetime) -> None:
    assert parse_date(write(moment), ZONE) == (moment, "")


@property_test
@given(moment=MOMENTS_OF_13_DIGITS, thousands=st.sampled_from([1_000, 1_000_000]))
def test_unix_time_in_thousandths_or_millionths_is_that_moment(moment: datetime, thousands: int) -> None:
    assert parse_date(str(int(moment.timestamp()) * thousands), ZONE) == (moment, "")


@quick_property_test
@given(hostile_text | any_text)
def test_a_plain_title_has_nothing_left_to_make_plain(found: str) -> None:
    title = plain_title(found)

    assert plain_title(html.escape(title)) == title


@quick_property_test
@given(hostile_text | any_text | st.text("a\u0300\u0489 ", max_size=400))
def test_a_plain_title_is_short_visible_and_stays_on_its_line(found: str) -> None:
    title = plain_title(found)

    assert len(title) <= 300
    assert title == " ".join(title.split())
    assert not any(unicodedata.category(char) in {"Cc", "Zl", "Zp"} for char in title)
    assert not set(title) & set("\u200b\u200e\u202e\u2066\ufeff\U000e0041")
    assert _longest_run_of_marks(title) <= 4


@quick_property_test
@given(st.text(st.sampled_from("北京新闻“” _abA?:"), max_size=40), hostile_text, hostile_text)
def test_repairing_a_title_twice_changes_nothing(title: str, text: str, original: str) -> None:
    once = repair_title(title, text, original)

    assert repair_title(once, text, original) == once


@property_test
@given(st.text("北京新闻 _abA0", max_size=40), hostile_text)
def test_repairing_a_title_loses_no_word(title: str, text: str) -> None:
    repaired = repair_title(title, text, "")

    assert [char for char in repaired if char.isalnum()] == [char for char in title if char.isalnum()]


@quick_property_test
@given(text=sentences | hostile_text, wanted=st.integers(20, 300))
def test_a_summary_is_the_articles_own_words_and_about_as_long_as_wanted(text: str, wanted: int) -> None:
    summary = summarise(text, wanted)

    assert len(summary) <= wanted * 3 // 2 + 1
    assert _stands_in_order(summary.removesuffix("…").replace(" ", ""), text)


@property_test
@given(st.text("北京abc 1，\n", min_size=1, max_size=200).filter(str.strip))
def test_an_article_with_words_has_a_summary(text: str) -> None:
    assert summarise(text, 100).strip("…")


@property_test
@given(hostile_text, hostile_text)
def test_words_of_two_lines_are_counted_together(one: str, other: str) -> None:
    assert count_words(f"{one}\n{other}") == count_words(one) + count_words(other)


def _longest_run_of_marks(text: str) -> int:
    runs = itertools.groupby(text, key=lambda char: unicodedata.category(char) in {"Mn", "Me"})
    return max((len(list(run)) for is_mark, run in runs if is_mark), default=0)


def _stands_in_order(piece: str, text: str) -> bool:
    """Every character of `piece` occurs in `text`, in the same order."""
    rest = iter(text)
    return all(char in rest for char in piece)
