"""Links and images lead where a reader can go, straight, or nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from newsarchive.clean.addresses import MAX_ADDRESS, image_address, is_affiliate, link_target
from unit.factories import load_cases


@pytest.mark.parametrize("case", [*load_cases("addresses", "both"), *load_cases("addresses", "links")])
def test_a_link_leads_where_it_really_points(case: dict[str, Any]) -> None:
    assert link_target(case["found"]) == case["leads_to"]


@pytest.mark.parametrize("case", [*load_cases("addresses", "both"), *load_cases("addresses", "images")])
def test_a_image_is_asked_for_where_it_really_lies(case: dict[str, Any]) -> None:
    assert image_address(case["found"]) == case["leads_to"]


@pytest.mark.parametrize("case", load_cases("addresses", "based"))
def test_a_relative_address_is_relative_to_the_source(case: dict[str, Any]) -> None:
    assert link_target(case["found"], case["base"]) == case["leads_to"]
    assert image_address(case["found"], case["base"]) == case["leads_to"]


def test_an_address_longer_than_any_is_none() -> None:
    endless = "https://a.com/" + "x" * MAX_ADDRESS

    assert (link_target(endless), image_address(endless), link_target("tel:" + "1" * MAX_ADDRESS)) == ("", "", "")


def test_a_image_too_large_for_an_address_is_none() -> None:
    assert image_address("data:image/png;base64," + "A" * 200_000) == ""


@pytest.mark.parametrize("base", ["https://[", "nonsense", "//a.com:x/"])
def test_a_base_that_is_no_address_stops_nothing(base: str) -> None:
    assert (link_target("/b.jpg", base), image_address("/b.jpg", base)) == ("", "")


@pytest.mark.parametrize("case", load_cases("addresses", "affiliates"))
def test_a_link_that_pays_whoever_placed_it_is_known(case: dict[str, Any]) -> None:
    assert is_affiliate(case["found"]) == case["pays"]
