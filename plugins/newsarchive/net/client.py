"""Request one image over HTTP: follow redirects, send no referrer and no cookies, stop at a maximum size.

The client returns a `StoredImage` for the manifest, or raises `TransientFailure` if another attempt may succeed. It
does not retry: `fetch.downloader` does.
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

StoreImage = Callable[[bytes], Awaitable[InspectedImage]]
"""Inspects and stores the bytes of an image. Raises RejectedImage."""

# HTTP status codes (RFC 9110); 425 is of RFC 8470, 429 of RFC 6585, 520 to 524 are Cloudflare's.
_MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410})
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_WITH_RETRY_AFTER = frozenset({429, 503})
_NOT_MODIFIED = 304
_CHUNK = 65_536  # bytes read at a time
_UNREACHABLE = frozenset(
    # None: aiohttp tried several addresses and combined their errors
    {errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT, None}
)
_ACCEPT = "image/*,*/*;q=0.5"  # prefers no format: servers that convert images would send a new file


class TransientFailure(Exception):
    """No response, or one that may differ next time.

    `status` is the HTTP status, 0 without a response. `too_long` is True if the host asks for a longer pause
    (Retry-After) than `PolitenessPolicy.max_backoff`.
    """

    def __init__(self, error: str, status: int = 0, too_long: bool = False) -> None:
        super().__init__(error)
        self.error, self.status, self.too_long = error, status, too_long


class NotModified(Exception):
    """The server answered 304: the stored image is current."""


class Mirrors:
    """Servers that get the requests of other hosts, over plain HTTP (`--resolve`)."""

    def __init__(self, servers: Sequence[tuple[str, str]] = ()) -> None:
        """`servers`: (glob pattern of host names, "address:port") pairs."""
        self._servers = tuple(servers)

    def resolve(self, url: URL) -> URL:
        """Return the URL to request instead of `url`."""
        for pattern, server in self._servers:
            if fnmatchcase(url.host or "", pattern):
                host, _, port = server.rpartition(":")
                return url.with_scheme("http").with_host(host).with_port(int(port))
        return url

    def allowed_networks(self) -> list[AllowedNetwork]:
        """Return the networks of the servers: naming a server allows it."""
        return [parse_allowed_network(server) for _, server in self._servers]


def make_tls_context(handshakes: set[str]) -> ssl.SSLContext:
    """Return a default client context that adds to `handshakes` the name of each host it begins a handshake with.

    Such a host listens on the port of https, so the client must not retry it without TLS, whatever fails later: the
    certificate may be wrong, or an attacker on the network may cut or delay the connection.
    """

    class Handshake(ssl.SSLObject):
        """Records the host when the handshake begins, which is after the TCP connection."""

        def do_handshake(self) -> None:
            handshakes.add(self.server_hostname or "")
            super().do_handshake()

    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    context.sslobject_class = Handshake
    return context


class Client:
    """Requests images within the limits of a `RateLimiter`. Use it in `async with`.

    - `address_policy`: networks to allow besides the public Internet.
    - `agent`: the User-Agent header.
    - `max_bytes`: the largest accepted image.
    """

    def __init__(
        self,
        politeness: PolitenessPolicy,
        rate_limiter: RateLimiter,
        address_policy: Sequence[AllowedNetwork],
        mirrors: Mirrors,
        agent: str,
        max_bytes: int,
    ) -> None:
        policy = AddressPolicy([*address_policy, *mirrors.allowed_networks()])
        self._tls_hosts: set[str] = set()
        connector = aiohttp.TCPConnector(
            limit=0,
            resolver=PublicResolver(policy),
            socket_factory=policy.open_socket,
            ttl_dns_cache=300,
            ssl=make_tls_context(self._tls_hosts),
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(politeness.timeout, sock_connect=politeness.connect_timeout),
            headers={"User-Agent": agent, "Accept": _ACCEPT, "Accept-Encoding": "identity"},
            trust_env=False,  # a proxy would connect to addresses that the policy does not see
        )
        self._rate_limiter, self._mirrors, self._max_bytes = rate_limiter, mirrors, max_bytes
        self._max_backoff = politeness.max_backoff

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def get(self, address: str, conditions: Mapping[str, str], store: StoreImage) -> StoredImage:
        """Request an address once, with redirects, and return the outcome.

        `conditions` are headers of a conditional request (RFC 9110, 13.1); `store` gets the bytes. Raises
        TransientFailure, NotModified if the server answers 304, and what `store` raises except RejectedImage.
        """
        try:
            url = _parse_url(address)
        except ValueError as error:
            return StoredImage(address=address, outcome=REFUSED, error=str(error))
        without_tls = False
        for _ in range(_MAX_REDIRECTS + 1):
            without_tls |= url.scheme == "http"  # one such request is enough: its response could redirect anywhere
            try:
                async with self._rate_limiter.limit(url.host or ""):
                    answer = await self._request(address, url, conditions, store)
            except _HttpsUnavailable:
                url = url.with_scheme("http")
                continue
            except PrivateAddress as error:
                answer = StoredImage(address=address, outcome=REFUSED, error=str(error))
            if isinstance(answer, StoredImage):
                return _with_final_address(answer, url, without_tls)
            try:
                url = _parse_url(str(url.join(URL(answer))))
            except ValueError as error:
                return StoredImage(address=address, outcome=REFUSED, error=f"redirects: {error}")
        failed = StoredImage(address=address, outcome=FAILED, error=f"more than {_MAX_REDIRECTS} redirects")
        return _with_final_address(failed, url, without_tls)

    async def _request(
        self, address: str, url: URL, conditions: Mapping[str, str], store: StoreImage
    ) -> StoredImage | str:
        """Make one request; return the outcome, or the Location of a redirect."""
        target = self._mirrors.resolve(url)
        headers = {**conditions, "Host": url.authority} if target != url else dict(conditions)
        try:
            async with self._session.get(target, headers=headers, allow_redirects=False) as response:
                self._rate_limiter.record_answer(url.host or "")
                if response.status in _REDIRECTS and (location := response.headers.get("Location")):
                    return location
                return await self._read_outcome(address, url, response, store)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise self._connection_error(url, error) from error
        except aiohttp.InvalidURL as error:  # numbers that systems read as IP addresses: 127.1
            return StoredImage(address=address, outcome=REFUSED, error=f"is not an address on the web: {error}")
        except TimeoutError:
            raise TransientFailure("no complete response in time") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise TransientFailure(f"{type(error).__name__}: {error}") from error

    def _connection_error(self, url: URL, error: aiohttp.ClientError) -> Exception:
        """Return what to raise for a failed connection: PrivateAddress, _HttpsUnavailable or TransientFailure."""
        cause = getattr(error, "os_error", None)
        if isinstance(cause, PrivateAddress):
            return cause
        if self._is_https_unavailable(url, error):
            return _HttpsUnavailable()
        self._rate_limiter.record_failed_connection(url.host or "")
        if isinstance(cause, ssl.SSLError):
            return TransientFailure(f"no secure connection: {getattr(cause, 'verify_message', '') or cause.reason}")
        return TransientFailure(
            f"no connection: {cause.strerror or cause}" if isinstance(cause, OSError) else "no connection"
        )

    def _is_https_unavailable(self, url: URL, error: aiohttp.ClientError) -> bool:
        """Return True if the host accepted no connection on the port of https: it refused, or did not respond."""
        if url.scheme != "https" or not url.is_default_port() or (url.raw_host or "").rstrip(".") in self._tls_hosts:
            return False
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return True
        is_resolved = not isinstance(error, aiohttp.ClientConnectorDNSError | aiohttp.ClientSSLError)
        return is_resolved and getattr(error, "errno", 0) in _UNREACHABLE

    async def _read_outcome(
        self, address: str, url: URL, response: aiohttp.ClientResponse, store: StoreImage
    ) -> StoredImage:
        """Read a response that is not a redirect and return the outcome. Raises NotModified or TransientFailure."""
        status, reason = response.status, f"{response.status} {response.reason or ''}".strip()
        if status == _NOT_MODIFIED:
            raise NotModified
        if status in _TRANSIENT:
            pause = _retry_after(response.headers) if status in _WITH_RETRY_AFTER else 0.0
            if pause <= self._max_backoff:
                self._rate_limiter.backoff(url.host or "", pause)
            raise TransientFailure(reason, status, too_long=pause > self._max_backoff)
        if status >= 300:
            outcome: Outcome = GONE if status in _GONE else REFUSED
            return StoredImage(address=address, outcome=outcome, status=status, error=reason)
        try:
            inspected = await store(await self._read(response))
        except RejectedImage as rejected:
            return StoredImage(
                address=address,
                outcome=rejected.outcome,
                status=status,
                type=rejected.mime_type,
                width=rejected.width,
                height=rejected.height,
                error=rejected.error,
            )
        return stored(
            address,
            inspected,
            status=status,
            etag=response.headers.get("ETag", ""),
            last_modified=response.headers.get("Last-Modified", ""),
        )

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """Return the body. Raises RejectedImage as soon as it is too large, by Content-Length or by its bytes."""
        declared = response.content_length or 0
        data = bytearray()
        if declared <= self._max_bytes:
            async for chunk in response.content.iter_chunked(_CHUNK):
                data += chunk
                if len(data) > self._max_bytes:
                    break
        if max(declared, len(data)) > self._max_bytes:
            response.close()  # do not wait for the rest of the body
            raise RejectedImage(TOO_LARGE, f"more than {self._max_bytes:,} bytes")
        return bytes(data)


class _HttpsUnavailable(Exception):
    """Nothing listens on the port of https, so http is tried.

    Cleaning makes every address https, and old servers may have only http.
    """


def stored(
    address: str,
    inspected: InspectedImage,
    status: int = 0,
    etag: str = "",
    last_modified: str = "",
    without_tls: bool = False,
) -> StoredImage:
    """Return the manifest's record of a stored image."""
    return StoredImage(
        address=address,
        outcome="stored",
        status=status,
        type=inspected.type,
        size=inspected.size,
        width=inspected.width,
        height=inspected.height,
        frames=inspected.frames,
        sha256=inspected.sha256,
        dhash=inspected.dhash,
        qr_percent=inspected.qr_percent,
        etag=etag,
        last_modified=last_modified,
        without_tls=without_tls,
    )


def host_of(address: str) -> str:
    """Return the host of an address; "" for an address without one."""
    try:
        return URL(address).host or ""
    except ValueError:
        return ""


def _parse_url(address: str) -> URL:
    """Return the URL without its fragment. Raises ValueError if it is not http or https, or has a user or password."""
    url = URL(address)
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError(f"is not an address on the web: {address[:200]}")
    if url.user or url.password:
        raise ValueError("contains a user name or password")
    return url.with_fragment(None)


def _with_final_address(image: StoredImage, url: URL, without_tls: bool) -> StoredImage:
    final = "" if url == _parse_url(image.address) else str(url)
    return msgspec.structs.replace(image, final_address=final, without_tls=without_tls)


def _retry_after(headers: CIMultiDictProxy[str]) -> float:
    """Return the seconds of a Retry-After header (RFC 9110, 10.2.3: seconds or an HTTP date); 0 without a valid one."""
    value = headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
