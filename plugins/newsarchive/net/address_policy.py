"""Decide which IP addresses the client may connect to: those of the public Internet, and those that the user allows.

A scraped URL may name any host, and the host may resolve or redirect to a machine of the local network (server-side
request forgery, CWE-918). So the policy checks the IP address of each connection when it is made, not the host name.
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

_UNICAST_6 = ipaddress.IPv6Network("2000::/3")  # global unicast, all that is allocated of IPv6 (RFC 4291)
_TUNNELS_6 = (ipaddress.IPv6Network("2002::/16"), ipaddress.IPv6Network("2001::/32"))  # 6to4, Teredo: not for servers
_TRANSLATED_6 = ipaddress.IPv6Network("64:ff9b::/96")  # IPv4 behind a NAT64 translator (RFC 6052)


class PrivateAddress(OSError):
    """The client does not connect to this IP address."""


@dataclass(frozen=True, slots=True)
class AllowedNetwork:
    """A network that the user allows, and a port (0: any)."""

    network: _Network
    port: int = 0

    def contains(self, address: _Address, port: int) -> bool:
        """Return True if the address is in the network and the port matches."""
        return address in self.network and self.port in (0, port)


def parse_allowed_network(text: str) -> AllowedNetwork:
    """Parse an IP address or network with an optional port. Raises ValueError.

    >>> parse_allowed_network("10.1.2.3:8000")
    AllowedNetwork(network=IPv4Network('10.1.2.3/32'), port=8000)

    `10.1.2.3`, `198.18.0.0/15` and `[fd00::1]:80` are valid too.
    """
    host, colon, port = text.rpartition(":")
    if colon and port.isdigit() and (host.endswith("]") or ":" not in host):
        return AllowedNetwork(ipaddress.ip_network(host.strip("[]")), int(port))
    return AllowedNetwork(ipaddress.ip_network(text.strip("[]")))


def is_public(address: _Address) -> bool:
    """Return True for a unicast address of the public Internet.

    `ipaddress` has the registries of special-purpose addresses (RFC 6890). An IPv4 address that is mapped or translated
    to IPv6 counts as the IPv4 address.
    """
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if address in _TRANSLATED_6:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if address not in _UNICAST_6 or any(address in tunnel for tunnel in _TUNNELS_6):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


class AddressPolicy:
    """Allows public addresses and the `allowed` networks."""

    def __init__(self, allowed: Sequence[AllowedNetwork] = ()) -> None:
        self._allowed = tuple(allowed)

    def allows(self, host: str, port: int) -> bool:
        """Return True if the client may connect to this IP address and port. Raises ValueError for a host name."""
        address = ipaddress.ip_address(host.partition("%")[0])
        return is_public(address) or any(network.contains(address, port) for network in self._allowed)

    def open_socket(
        self, info: tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]
    ) -> socket.socket:
        """Return a socket for an entry of `getaddrinfo`. Raises PrivateAddress.

        This check cannot be bypassed by DNS rebinding: the system connects to this IP address, whatever the name
        resolves to by then.
        """
        family, kind, protocol, _, (host, port, *_rest) = info
        if not self.allows(str(host), int(port)):
            raise PrivateAddress(f"{host} is not an address of the public Internet")
        return socket.socket(family, kind, protocol)


class PublicResolver(AbstractResolver):
    """Resolves host names to the IP addresses that a policy allows."""

    def __init__(self, address_policy: AddressPolicy, resolver: AbstractResolver | None = None) -> None:
        self._policy, self._resolver = address_policy, resolver or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the allowed addresses of `host`. Raises PrivateAddress if it has addresses and none is allowed."""
        found = await self._resolver.resolve(host, port, family)
        allowed = [each for each in found if self._policy.allows(each["host"], each["port"])]
        if found and not allowed:
            raise PrivateAddress(f"{host} is {found[0]['host']}, which is not an address of the public Internet")
        return allowed

    async def close(self) -> None:
        """Close the wrapped resolver."""
        await self._resolver.close()
