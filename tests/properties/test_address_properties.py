"""Properties of addresses: nothing raises, what comes out stays the same, and the last gate lets it through."""

from __future__ import annotations

import re
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from newsarchive.clean.addresses import MAX_ADDRESS, image_address, link_target

from .strategies import hostile_text, quick_property_test

schemes = st.sampled_from(
    ["", "http://", "HTTPS://", "//", "/", "\\\\", "javascript:", "data:image/png;base64,", "mailto:"]
)
hosts = st.sampled_from(
    ["a.com", "a.com:80", "a.com:x", "user@a.com", "[::1]", "[", "127.0.0.1", "例子.中国", "undefined", "localhost", ""]
)
paths = st.sampled_from(["", "/", "/b.jpg", "/go", "?utm_source=x&a=", "?a=%B1", "#", "//"])

# What scraped pages wrap an address in: proxies and redirectors.
wrappers = st.sampled_from(
    ["https://cors.dev/?", "//cors.dev/?", "https://link.zhihu.com/?target=", "http://a.com/go?url=", "/jump?x=1&to="]
)


@st.composite
def addresses(draw: st.DrawFn) -> str:
    """An address in up to two others, encoded as often as not: as deep as the wild has them."""
    address = draw(schemes) + draw(hosts) + draw(paths) + draw(hostile_text)
    for wrapper in draw(st.lists(wrappers, max_size=2)):
        address = wrapper + (quote(address, safe="") if draw(st.booleans()) else address)
    return address


bases = st.sampled_from(["", "https://a.com/b/c.html", "http://a.com", "nonsense"])


@quick_property_test
@given(addresses(), bases)
def test_where_a_link_leads_is_where_it_leads(address: str, base: str) -> None:
    target = link_target(address, base)

    assert link_target(target, base) == target


@quick_property_test
@given(addresses(), bases)
def test_where_a_image_lies_is_where_it_lies(address: str, base: str) -> None:
    found = image_address(address, base)

    assert image_address(found, base) == found


@quick_property_test
@given(addresses(), bases)
def test_a_link_is_of_a_kind_that_can_be_followed(address: str, base: str) -> None:
    target = link_target(address, base)

    assert not target or re.fullmatch(r"(?i:https?://[^\s\\]+|(?:mailto|tel):\S*)", target)
    assert len(target) <= MAX_ADDRESS


@quick_property_test
@given(addresses(), bases)
def test_a_image_is_of_a_kind_that_a_page_may_show(address: str, base: str) -> None:
    found = image_address(address, base)

    assert not found or re.fullmatch(
        r"https://[^\s\\]+|data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=]+", found
    )
