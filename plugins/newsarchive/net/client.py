"""Asks for one image: follows redirects, sends no referrer and no cookies, takes no more bytes than it may.

Returns an outcome for the manifest, or raises `TransientFailure`: another attempt may succeed.
"""

from __future__ import annotations

import errno
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from types import TracebackType

import aiohttp
import msgspec
from multidict import CIMultiDictProxy
from yarl import URL

from newsarchive.images.inspect_image import InspectedImage, RejectedImage
from newsarchive.images.manifest import FAILED, GONE, REFUSED, TOO_LARGE, Outcome, StoredImage
from newsarchive.net.address_policy import (
    AddressPolicy,
    AllowedNetwork,
    PrivateAddress,
    PublicResolver,
    parse_allowed_network,
)
from newsarchive.net.rate_limiter import PolitenessPolicy, RateLimiter

Take = Callable[[bytes], Awaitable[InspectedImage]]
"""Measures and stores what came. Raises Unfit."""

_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410})
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_RESTING = frozenset({429, 503})
_NOT_MODIFIED = 304
_PIECE = 65_536  # bytes read at a time
_UNREACHABLE = frozenset(
    {errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT, None}  # None: several in one error
)
_OTHERWISE_IMAGES = "image/*,*/*;q=0.5"  # none is preferred: servers that convert would send something new


class TransientFailure(Exception):
    """No answer, or none that decides. `too_long` says that the host wants to be left alone for longer than we wait."""

    def __init__(self, error: str, status: int = 0, too_long: bool = False) -> None:
        super().__init__(error)
        self.error, self.status, self.too_long = error, status, too_long


class NotModified(Exception):
    """The image is the one that is stored."""


class Mirrors:
    """Servers that are asked instead of others, over plain HTTP: (pattern of host names, host and port)."""

    def __init__(self, given: Sequence[tuple[str, str]] = ()) -> None:
        self._given = tuple(given)

    def of(self, url: URL) -> URL:
        """Where to ask for an address."""
        for pattern, instead in self._given:
            if fnmatchcase(url.host or "", pattern):
                host, _, port = instead.rpartition(":")
                return url.with_scheme("http").with_host(host).with_port(int(port))
        return url

    def address_policy(self) -> list[AllowedNetwork]:
        """They are opened by being named."""
        return [parse_allowed_network(instead) for _, instead in self._given]


def make_tls_context(began: set[str]) -> ssl.SSLContext:
    """The default context of clients, which adds to `began` the name of each host that it begins a handshake with.

    Such a host speaks on its port. What fails there later is never a reason to ask it without TLS: a wrong certificate,
    a connection that an attacker on the way cuts or holds up.
    """

    class Handshake(ssl.SSLObject):
        """Begins when the connection is taken."""

        def do_handshake(self) -> None:
            began.add(self.server_hostname or "")
            super().do_handshake()

    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    context.sslobject_class = Handshake
    return context


class Client:
    """Asks hosts for images, each in its turn. For use in `async with`."""

    def __init__(
        self,
        politeness: PolitenessPolicy,
        turns: RateLimiter,
        address_policy: Sequence[AllowedNetwork],
        mirrors: Mirrors,
        agent: str,
        max_bytes: int,
    ) -> None:
        opened = AddressPolicy([*address_policy, *mirrors.address_policy()])
        self._spoke_tls: set[str] = set()  # hosts
        connector = aiohttp.TCPConnector(
            limit=0,
            resolver=PublicResolver(opened),
            socket_factory=opened.open_socket,
            ttl_dns_cache=300,
            ssl=make_tls_context(self._spoke_tls),
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(politeness.timeout, sock_connect=politeness.connect_timeout),
            headers={"User-Agent": agent, "Accept": _OTHERWISE_IMAGES, "Accept-Encoding": "identity"},
            trust_env=False,  # a proxy would connect for us, unjudged
        )
        self._turns, self._mirrors, self._max_bytes = turns, mirrors, max_bytes
        self._longest_rest = politeness.max_backoff

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def get(self, address: str, conditions: Mapping[str, str], take: Take) -> StoredImage:
        """What becomes of one attempt at an address. Raises Passing, or Unchanged where `conditions` hold."""
        try:
            url = _url(address)
        except ValueError as error:
            return StoredImage(address=address, outcome=REFUSED, error=str(error))
        without_tls = False
        for _ in range(_MOST_REDIRECTS + 1):
            without_tls |= url.scheme == "http"  # one such step is enough: it may have led anywhere
            try:
                async with self._turns.at(url.host or ""):
                    answer = await self._ask(address, url, conditions, take)
            except _NotSecurely:
                url = url.with_scheme("http")
                continue
            except PrivateAddress as error:
                answer = StoredImage(address=address, outcome=REFUSED, error=str(error))
            if isinstance(answer, StoredImage):
                return _with_final(answer, url, without_tls)
            try:
                url = _url(str(url.join(URL(answer))))
            except ValueError as error:
                return StoredImage(address=address, outcome=REFUSED, error=f"redirects: {error}")
        failed = StoredImage(address=address, outcome=FAILED, error="redirects without end")
        return _with_final(failed, url, without_tls)

    async def _ask(self, address: str, url: URL, conditions: Mapping[str, str], take: Take) -> StoredImage | str:
        """One request: an outcome, or where it redirects to."""
        headers = {**conditions, "Host": url.authority} if self._mirrors.of(url) != url else dict(conditions)
        try:
            async with self._session.get(self._mirrors.of(url), headers=headers, allow_redirects=False) as response:
                self._turns.record_answer(url.host or "")
                if response.status in _REDIRECTS and (leads_to := response.headers.get("Location")):
                    return leads_to
                return await self._judge(address, url, response, take)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise self._unconnected(url, error) from error
        except aiohttp.InvalidURL as error:  # numbers that systems read as addresses: 127.1
            return StoredImage(address=address, outcome=REFUSED, error=f"is no address on the web: {error}")
        except TimeoutError:
            raise TransientFailure("no whole answer in time") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise TransientFailure(f"{type(error).__name__}: {error}") from error

    def _unconnected(self, url: URL, error: aiohttp.ClientError) -> Exception:
        """What it means that a host takes no connection."""
        cause = getattr(error, "os_error", None)
        if isinstance(cause, PrivateAddress):
            return cause
        if self._has_no_tls(url, error):
            return _NotSecurely()
        self._turns.record_timeout(url.host or "")
        if isinstance(cause, ssl.SSLError):
            return TransientFailure(f"no secure connection: {getattr(cause, 'verify_message', '') or cause.reason}")
        return TransientFailure(
            f"no connection: {cause.strerror or cause}" if isinstance(cause, OSError) else "no connection"
        )

    def _has_no_tls(self, url: URL, error: aiohttp.ClientError) -> bool:
        """True where the host took no connection on the port of https: refused, or no answer at all."""
        if url.scheme != "https" or not url.is_default_port() or (url.raw_host or "").rstrip(".") in self._spoke_tls:
            return False
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return True
        is_resolved = not isinstance(error, aiohttp.ClientConnectorDNSError | aiohttp.ClientSSLError)
        return is_resolved and getattr(error, "errno", 0) in _UNREACHABLE

    async def _judge(self, address: str, url: URL, response: aiohttp.ClientResponse, take: Take) -> StoredImage:
        """What a final answer means for an address."""
        status, reason = response.status, f"{response.status} {response.reason or ''}".strip()
        if status == _NOT_MODIFIED:
            raise NotModified
        if status in _PASSING:
            rest = _retry_after(response.headers) if status in _RESTING else 0.0
            if rest <= self._longest_rest:
                self._turns.backoff(url.host or "", rest)
            raise TransientFailure(reason, status, too_long=rest > self._longest_rest)
        if status >= 300:
            outcome: Outcome = GONE if status in _GONE else REFUSED
            return StoredImage(address=address, outcome=outcome, status=status, error=reason)
        try:
            measured = await take(await self._read(response))
        except RejectedImage as unfit:
            return StoredImage(
                address=address,
                outcome=unfit.outcome,
                status=status,
                type=unfit.kind,
                width=unfit.width,
                height=unfit.height,
                error=unfit.error,
            )
        return stored(
            address,
            measured,
            status=status,
            etag=response.headers.get("ETag", ""),
            last_modified=response.headers.get("Last-Modified", ""),
        )

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """The whole answer. Raises Unfit as soon as it turns out to be too large."""
        said = response.content_length or 0
        data = bytearray()
        if said <= self._max_bytes:
            async for piece in response.content.iter_chunked(_PIECE):
                data += piece
                if len(data) > self._max_bytes:
                    break
        if max(said, len(data)) > self._max_bytes:
            response.close()  # what is still under way is not waited for
            raise RejectedImage(TOO_LARGE, f"more than {self._max_bytes:,} bytes")
        return bytes(data)


class _NotSecurely(Exception):
    """Nothing on the port of https: cleaning makes every address https, and old servers may have http alone."""


def stored(
    address: str,
    measured: InspectedImage,
    status: int = 0,
    etag: str = "",
    last_modified: str = "",
    without_tls: bool = False,
) -> StoredImage:
    """The record of an image that is stored."""
    return StoredImage(
        address=address,
        outcome="stored",
        status=status,
        type=measured.type,
        size=measured.size,
        width=measured.width,
        height=measured.height,
        frames=measured.frames,
        sha256=measured.sha256,
        dhash=measured.dhash,
        qr_percent=measured.qr_percent,
        etag=etag,
        last_modified=last_modified,
        without_tls=without_tls,
    )


def host_of(address: str) -> str:
    """The host that an address names; "" where it names none."""
    try:
        return URL(address).host or ""
    except ValueError:
        return ""


def _url(address: str) -> URL:
    """Raises ValueError for what is no address on the web, or would send a password."""
    url = URL(address)
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError(f"is no address on the web: {address[:200]}")
    if url.user or url.password:
        raise ValueError("holds a name or password")
    return url.with_fragment(None)


def _with_final(image: StoredImage, url: URL, without_tls: bool) -> StoredImage:
    final = "" if url == _url(image.address) else str(url)
    return msgspec.structs.replace(image, final_address=final, without_tls=without_tls)


def _retry_after(headers: CIMultiDictProxy[str]) -> float:
    """Retry-After (RFC 9110, 10.2.3), which is seconds or a date, in seconds."""
    said = headers.get("Retry-After", "").strip()
    if said.isdigit():
        return float(said)
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return 0.0
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
