"""No scraped address makes the program knock inside somebody's network."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from newsarchive.net.address_policy import (
    AddressPolicy,
    PrivateAddress,
    PublicResolver,
    is_public,
    parse_allowed_network,
)


@pytest.mark.parametrize("address", ["8.8.8.8", "203.119.25.1", "2400:3200::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_a_machine_of_the_public_internet_may_be_asked(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",  # shared by a provider's customers
        "169.254.169.254",  # where clouds tell their machines secrets
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd12:3456::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::1",
        "2001:0:7f00:1::1",
    ],
)
def test_no_other_machine_may(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    ("door", "host", "port", "lets"),
    [
        ("10.1.2.3", "10.1.2.3", 80, True),
        ("10.1.2.3", "10.1.2.4", 80, False),
        ("10.1.2.3:8000", "10.1.2.3", 8000, True),
        ("10.1.2.3:8000", "10.1.2.3", 8001, False),
        ("198.18.0.0/15", "198.19.1.2", 443, True),
        ("198.18.0.0/15:443", "198.19.1.2", 80, False),
        ("fd00::1", "fd00::1", 80, True),
        ("[fd00::1]:8000", "fd00::1", 8000, True),
        ("[fd00::1]:8000", "fd00::1", 8001, False),
        ("fd00::/8", "fd12::1", 80, True),
    ],
)
def test_a_door_opens_what_it_names_and_nothing_else(door: str, host: str, port: int, lets: bool) -> None:
    assert AddressPolicy([parse_allowed_network(door)]).allows(host, port) == lets


@pytest.mark.parametrize("text", ["", "house", "10.1.2.3/40", "10.1.2.3:port", "localhost:80"])
def test_what_is_no_door_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_allowed_network(text)


class Names(AbstractResolver):
    """Resolves every name to the same addresses."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses."""
        return [
            ResolveResult(hostname=host, host=each, port=port, family=family, proto=0, flags=0)
            for each in self.addresses
        ]

    async def close(self) -> None:
        """Nothing to close."""


def test_of_the_addresses_of_a_name_only_public_ones_are_used() -> None:
    resolver = PublicResolver(AddressPolicy(), Names("192.168.0.1", "8.8.8.8"))

    found = asyncio.run(resolver.resolve("a.example", 443))

    assert [each["host"] for each in found] == ["8.8.8.8"]


def test_a_name_for_a_private_address_alone_is_refused() -> None:
    resolver = PublicResolver(AddressPolicy(), Names("192.168.0.1"))

    with pytest.raises(PrivateAddress, match=r"a\.example is 192\.168\.0\.1"):
        asyncio.run(resolver.resolve("a.example", 443))


def test_the_address_that_is_connected_to_has_the_last_word() -> None:
    info = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "a.example", ("127.0.0.1", 80))

    with pytest.raises(PrivateAddress):
        AddressPolicy().open_socket(info)
    AddressPolicy([parse_allowed_network("127.0.0.1:80")]).open_socket(info).close()
