"""Dates as feeds write them become one moment in the site's zone, or none: never the clock's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from newsarchive.describe.dates import parse_date
from unit.factories import SHANGHAI, load_cases


@pytest.mark.parametrize("case", load_cases("dates", "read"))
def test_a_date_is_read(case: dict[str, Any]) -> None:
    moment, diagnostic = parse_date(case["found"], SHANGHAI)

    assert (moment and moment.isoformat(), diagnostic) == (case["moment"], "")


@pytest.mark.parametrize("case", load_cases("dates", "undated"))
def test_what_is_no_date_leaves_the_article_undated_and_says_why(case: dict[str, Any]) -> None:
    assert parse_date(case["found"], SHANGHAI) == (None, case["says"])


def test_a_date_that_fills_the_message_is_cut_short() -> None:
    _, diagnostic = parse_date("x" * 10_000, SHANGHAI)

    assert len(diagnostic) < 100


@pytest.mark.parametrize(
    "found",
    [
        "Sun, 10 Oct 2021 11:06:15 +0800",
        "Sun, 10 Oct 2021 11:06:15 GMT+8",
        "2021-10-10T11:06:15+08:00",
        "1633835175",
        "Sun Oct 10 11:06:15 CST 2021",
    ],
)
def test_a_date_with_a_zone_is_the_same_moment_wherever_the_site_is(found: str) -> None:
    moment, _ = parse_date(found, ZoneInfo("America/New_York"))

    assert moment == datetime(2021, 10, 10, 3, 6, 15, tzinfo=UTC)


def test_a_date_without_a_zone_is_a_time_where_the_site_is() -> None:
    moment, _ = parse_date("2021年7月1日 08:00", ZoneInfo("Europe/Berlin"))

    assert moment == datetime(2021, 7, 1, 6, 0, tzinfo=UTC)
