"""Which machines may be asked: those of the public Internet, and those that a user opens by name.

A scraped address may name anything, and what it names may resolve to a machine of the house, or redirect to one. So it
is not names that are judged but the addresses that are connected to: each, at the moment it is.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_UNICAST_6 = ipaddress.IPv6Network("2000::/3")  # what is given out of IPv6 (RFC 4291)
_TUNNELS_6 = (ipaddress.IPv6Network("2002::/16"), ipaddress.IPv6Network("2001::/32"))  # 6to4, Teredo: nobody's servers
_TRANSLATED_6 = ipaddress.IPv6Network("64:ff9b::/96")  # IPv4 behind a translator (RFC 6052)


class PrivateAddress(OSError):
    """A machine that is not asked."""


@dataclass(frozen=True, slots=True)
class AllowedNetwork:
    """Machines that are opened: a network, and a port of theirs (0: any)."""

    network: _Network
    port: int = 0

    def contains(self, address: _Address, port: int) -> bool:
        """True for one of them."""
        return address in self.network and self.port in (0, port)


def parse_allowed_network(text: str) -> AllowedNetwork:
    """`10.1.2.3`, `10.1.2.3:8000`, `198.18.0.0/15`, `[fd00::1]:80`. Raises ValueError."""
    host, colon, port = text.rpartition(":")
    if colon and port.isdigit() and (host.endswith("]") or ":" not in host):
        return AllowedNetwork(ipaddress.ip_network(host.strip("[]")), int(port))
    return AllowedNetwork(ipaddress.ip_network(text.strip("[]")))


def is_public(address: _Address) -> bool:
    """True for a machine of the public Internet (the registries of RFC 6890, as `ipaddress` has them)."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if address in _TRANSLATED_6:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if address not in _UNICAST_6 or any(address in tunnel for tunnel in _TUNNELS_6):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


class AddressPolicy:
    """Says of an address whether it may be connected to; made from the doors that are opened beside the public ones."""

    def __init__(self, opened: Sequence[AllowedNetwork] = ()) -> None:
        self._opened = tuple(opened)

    def allows(self, host: str, port: int) -> bool:
        """True for an IP address that may be connected to."""
        address = ipaddress.ip_address(host.partition("%")[0])
        return is_public(address) or any(door.contains(address, port) for door in self._opened)

    def open_socket(
        self, info: tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]
    ) -> socket.socket:
        """A socket for connecting to what `getaddrinfo` found. Raises PrivateAddress.

        It is the last word: the system connects to this very address, whatever a name resolves to by then.
        """
        family, kind, protocol, _, (host, port, *_rest) = info
        if not self.allows(str(host), int(port)):
            raise PrivateAddress(f"{host} is no address of the public Internet")
        return socket.socket(family, kind, protocol)


class PublicResolver(AbstractResolver):
    """Resolves names to the addresses that may be connected to. Raises PrivateAddress where that leaves none."""

    def __init__(self, address_policy: AddressPolicy, resolver: AbstractResolver | None = None) -> None:
        self._doors, self._resolver = address_policy, resolver or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """What a name stands for."""
        found = await self._resolver.resolve(host, port, family)
        public = [each for each in found if self._doors.allows(each["host"], each["port"])]
        if found and not public:
            raise PrivateAddress(f"{host} is {found[0]['host']}, which is no address of the public Internet")
        return public

    async def close(self) -> None:
        """Let go of what it holds."""
        await self._resolver.close()
