"""A host is asked without TLS only where it takes no connection for TLS, and what came so is known for good."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from newsarchive.fetch.downloader import Downloader, DownloadLimits, fetch_images
from newsarchive.fetch.report import outcome_lines
from newsarchive.images.manifest import GrowingManifest, StoredImage, read_manifest, write_manifest
from newsarchive.net import client
from newsarchive.net.address_policy import parse_allowed_network
from newsarchive.net.client import Client, Mirrors, TransientFailure, _HttpsUnavailable
from newsarchive.net.rate_limiter import PolitenessPolicy, RateLimiter

from .factories import saved, scene
from .server import Site, answer, make_certificate, redirect, serving

HOST = "old.example"
ADDRESS = f"https://{HOST}/a.jpg"
PHOTO = saved(scene(1))

Listening = Callable[[Path], AbstractContextManager[int]]
"""Opens what listens on the port of https; gives its real port."""


@pytest.fixture
def plain() -> Iterator[Site]:
    """What answers on the port of http: the host, or an attacker on the way."""
    with serving(Site({"/a.jpg": answer(200, PHOTO)})) as site:
        yield site


class Ports(AbstractResolver):
    """Leads every name to this machine, and the ports of the web to those that tests may open."""

    def __init__(self, ports: dict[int, int]) -> None:
        self._ports = ports

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """One address."""
        port = self._ports[port]
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        """Holds nothing."""


@pytest.fixture
def fetch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., StoredImage]:
    """What becomes of the image of a host whose ports are these of this machine."""

    def fetch(https: int, http: int, media: str = "media") -> StoredImage:
        monkeypatch.setattr(client, "PublicResolver", lambda doors: Ports({443: https, 80: http}))
        politeness = PolitenessPolicy(delay=0, retry_delay=0, attempts=2, connect_timeout=0.3)
        with GrowingManifest(tmp_path / media) as manifest:
            how = Downloader(politeness, DownloadLimits(), [parse_allowed_network("127.0.0.1")])
            asyncio.run(fetch_images([ADDRESS], manifest, how, lambda image: None))
        return read_manifest(tmp_path / media)[ADDRESS]

    return fetch


@contextmanager
def self_signed(folder: Path) -> Iterator[int]:
    with serving(Site({"/a.jpg": answer(200, PHOTO)}), make_certificate(folder, HOST)) as site:
        yield site.port


@contextmanager
def another_hosts(folder: Path) -> Iterator[int]:
    certificate = make_certificate(folder, "other.example")
    with pytest.MonkeyPatch.context() as patched, serving(Site(), certificate) as site:
        patched.setenv("SSL_CERT_FILE", str(certificate))  # trusted, but for another name
        yield site.port


@contextmanager
def no_tls_at_all(folder: Path) -> Iterator[int]:
    with serving(Site({"/a.jpg": answer(200, PHOTO)})) as site:
        yield site.port


@contextmanager
def taking_connections(then: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that does nothing but this with each connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    taken, _ = server.accept()
                except OSError:
                    return
                then(taken)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


def cutting(folder: Path) -> AbstractContextManager[int]:
    return taking_connections(lambda taken: taken.close())


def holding_up(folder: Path) -> AbstractContextManager[int]:
    held: list[socket.socket] = []
    return taking_connections(held.append)


@pytest.mark.parametrize(
    ("listening", "error"),
    [
        (self_signed, "no secure connection: self-signed certificate"),
        (another_hosts, "no secure connection: Hostname mismatch"),
        (no_tls_at_all, "no secure connection: WRONG_VERSION_NUMBER"),
        (cutting, "no connection"),
        (holding_up, "no connection"),
    ],
)
def test_a_host_whose_tls_fails_is_never_asked_without(
    listening: Listening, error: str, plain: Site, fetch: Callable[..., StoredImage], tmp_path: Path
) -> None:
    with listening(tmp_path) as https:
        image = fetch(https, plain.port)

    assert (image.outcome, image.final_address) == ("failed", "")
    assert image.error.startswith(error)
    assert plain.asked == []


def what_it_means(error: aiohttp.ClientError, *began: str) -> type[Exception]:
    """That a host takes no connection for TLS, where these hosts began it earlier in the run."""

    async def judge() -> Exception:
        async with Client(PolitenessPolicy(), RateLimiter(PolitenessPolicy()), (), Mirrors(), "test", 1) as asking:
            asking._tls_hosts.update(began)
            return asking._connection_error(URL(ADDRESS), error)

    return type(asyncio.run(judge()))


def no_connection(number: int) -> aiohttp.ClientError:
    return aiohttp.ClientConnectorError(None, OSError(number, "text"))  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ETIMEDOUT])
def test_a_host_that_takes_no_connection_for_tls_is_asked_without(number: int) -> None:
    assert what_it_means(no_connection(number)) is _HttpsUnavailable


def test_a_host_that_does_not_answer_on_the_port_of_https_is_asked_without() -> None:
    assert what_it_means(aiohttp.ConnectionTimeoutError()) is _HttpsUnavailable


def test_a_host_that_once_tls_hosts_is_not_asked_without_when_it_refuses_later() -> None:
    assert what_it_means(no_connection(errno.ECONNREFUSED), HOST) is TransientFailure


def test_want_of_sockets_on_this_machine_is_no_reason_to_ask_without_tls() -> None:
    assert what_it_means(no_connection(errno.EMFILE)) is TransientFailure


def test_what_came_without_tls_is_marked_and_counted(plain: Site, fetch: Callable[..., StoredImage]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    image = fetch(port, plain.port)

    assert (image.outcome, image.final_address) == ("stored", f"http://{HOST}/a.jpg")
    assert image.without_tls
    assert "1 came without TLS, so others could have changed them on the way" in list(outcome_lines([image]))


def test_what_came_by_tls_is_not_marked_and_a_trusted_certificate_is_enough(
    plain: Site, fetch: Callable[..., StoredImage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path, HOST)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    with serving(Site({"/a.jpg": answer(200, PHOTO)}), certificate) as site:
        image = fetch(site.port, plain.port)

    assert (image.outcome, image.without_tls, plain.asked) == ("stored", False, [])
    assert not [line for line in outcome_lines([image]) if "TLS" in line]


def test_a_redirect_through_plain_http_is_marked_wherever_it_ends(
    plain: Site, fetch: Callable[..., StoredImage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path, HOST)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    plain.pages["/a.jpg"] = redirect(f"https://{HOST}/b.jpg")
    pages = {"/a.jpg": redirect(f"http://{HOST}/a.jpg"), "/b.jpg": answer(200, PHOTO)}

    with serving(Site(pages), certificate) as site:
        image = fetch(site.port, plain.port)

    assert (image.outcome, image.final_address) == ("stored", f"https://{HOST}/b.jpg")
    assert image.without_tls


def test_a_manifest_from_before_there_was_a_mark_is_read_and_counted(tmp_path: Path) -> None:
    line = (
        f'{{"address":"{ADDRESS}","outcome":"stored","status":200,"type":"image/jpeg","size":5,"width":1,"height":1,'
        f'"frames":1,"sha256":"{"ab" * 32}","final_address":"http://{HOST}/a.jpg"}}\n'
    )
    (tmp_path / "manifest.jsonl").write_text(line, "utf-8")

    known = read_manifest(tmp_path)
    write_manifest(tmp_path, known)

    assert known[ADDRESS].came_without_tls
    assert (tmp_path / "manifest.jsonl").read_text("utf-8") == line
