"""A server of images on loopback that behaves as well and as badly as those of the web do, and remembers how it was
asked."""

from __future__ import annotations

import ssl
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass(frozen=True)
class Asked:
    """A request."""

    host: str
    path: str
    headers: dict[str, str]


@dataclass
class Site:
    """What a server answers, by path, and what it was asked."""

    pages: dict[str, Callable[[Handler], None]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    patience: threading.Event = field(default_factory=threading.Event)  # set when slow answers may end
    port: int = 0
    _times: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def server(self) -> str:
        """Its IP address and port."""
        return f"127.0.0.1:{self.port}"

    def is_asked(self, asked: Asked) -> int:
        """Remember a request; returns how often its path was asked for before."""
        with self._lock:
            self.asked.append(asked)
            self._times[asked.path] += 1
            return self._times[asked.path] - 1


class Handler(BaseHTTPRequestHandler):
    """Answers from the site."""

    protocol_version = "HTTP/1.1"
    site: Site
    before: int

    def do_GET(self) -> None:
        """Answer."""
        asked = Asked(self.headers.get("Host", "").partition(":")[0], self.path, dict(self.headers))
        self.before = self.site.is_asked(asked)
        self.site.pages.get(self.path, answer(404))(self)

    def reply(self, status: int, data: bytes = b"", **headers: str) -> None:
        """A whole answer."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


Answer = Callable[[Handler], None]


def answer(status: int, data: bytes = b"", **headers: str) -> Answer:
    """Always the same."""
    return lambda handler: handler.reply(status, data, **headers)


def redirect(location: str, status: int = 302) -> Answer:
    """Somewhere else."""
    return answer(status, Location=location)


def in_turn(*answers: Answer) -> Answer:
    """One after another; the last one for ever."""
    return lambda handler: answers[min(handler.before, len(answers) - 1)](handler)


def unless_referred(data: bytes) -> Answer:
    """403 for whoever comes from somewhere."""
    return lambda handler: handler.reply(*((403, b"") if "Referer" in handler.headers else (200, data)))


def tagged(data: bytes) -> Answer:
    """With an ETag; 304 for who has it."""

    def reply(handler: Handler) -> None:
        if handler.headers.get("If-None-Match") == '"1"':
            handler.reply(304, ETag='"1"')
        else:
            handler.reply(200, data, ETag='"1"', Last_Modified="Sun, 10 Oct 2021 10:10:10 GMT")

    return reply


def dropped(data: bytes) -> Answer:
    """The connection ends in the middle."""

    def reply(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data[: len(data) // 2])
        handler.close_connection = True

    return reply


def endless(size: int) -> Answer:
    """More and more, of no told length."""

    def reply(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.close_connection = True
        try:
            for _ in range(size // 65_536):
                handler.wfile.write(bytes(65_536))
        except OSError:
            pass  # whoever asked has gone

    return reply


def never(handler: Handler) -> None:
    """Nothing, until the test is over."""
    handler.site.patience.wait()
    handler.close_connection = True


def by_and_by(data: bytes, pieces: int = 5) -> Answer:
    """In pieces that are some time apart."""

    def reply(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        size = -(-len(data) // pieces)
        for start in range(0, len(data), size):
            handler.wfile.write(data[start : start + size])
            handler.wfile.flush()
            handler.site.patience.wait(0.02)

    return reply


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever asked may have been killed."""


def make_certificate(folder: Path, *hosts: str) -> Path:
    """A certificate that signs itself, and its key, in one file."""
    file = folder / f"{hosts[0]}.pem"
    names = ",".join(f"DNS:{host}" for host in hosts)
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    named = ["-subj", f"/CN={hosts[0]}", "-addext", f"subjectAltName={names}"]
    command = ["openssl", "req", *kind, *named, "-keyout", "key.pem", "-out", "certificate.pem"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    file.write_bytes((folder / "key.pem").read_bytes() + (folder / "certificate.pem").read_bytes())
    return file


@contextmanager
def serving(site: Site, certificate: Path | None = None) -> Iterator[Site]:
    """The site, served; with a certificate, by TLS."""
    with _Server(("127.0.0.1", 0), type("OwnHandler", (Handler,), {"site": site})) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            # The handshake belongs to the thread of each request: one that fails ends no server.
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        site.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield site
        finally:
            site.patience.set()
            server.shutdown()
            thread.join()
