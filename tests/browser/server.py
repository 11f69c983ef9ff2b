"""A web server for a built site that behaves as static hosts do: a prefix, 404.html, no folder listings."""

from __future__ import annotations

import functools
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

# Gives the base address of a folder, served under a prefix.
Serve = Callable[..., str]

# Spelled out, because Python takes the rest from the machine's own table, which differs between machines.
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".gz": "application/gzip",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}


class SiteHandler(SimpleHTTPRequestHandler):
    """Serves one folder under one prefix, in silence."""

    # Browsers keep the connection; without this every file costs a new one.
    protocol_version = "HTTP/1.1"
    # As every web server: else head and body, sent one after the other, wait 40 ms for each other on a kept connection.
    disable_nagle_algorithm = True
    extensions_map = SimpleHTTPRequestHandler.extensions_map | CONTENT_TYPES

    def __init__(self, *args: object, prefix: str, directory: str) -> None:
        """Note the prefix first: the base class answers the request while it is being made."""
        self.prefix = prefix
        super().__init__(*args, directory=directory)  # type: ignore[arg-type]  # socket, address, server: passed through

    def translate_path(self, path: str) -> str:
        """Map an address below the prefix to a file; what lies outside maps to no file at all."""
        if not path.startswith(self.prefix):
            return str(Path(self.directory) / "outside the prefix")
        return super().translate_path("/" + path[len(self.prefix) :])

    def list_directory(self, path: object) -> io.BytesIO | None:
        """Answer 404 for a folder without index.html, as static hosts do."""
        self.send_error(HTTPStatus.NOT_FOUND)
        return None

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Send the site's own 404.html with the status 404, where there is one."""
        page = Path(self.directory) / "404.html"
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", CONTENT_TYPES[".html"])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def copyfile(self, source: BinaryIO, outputfile: BinaryIO) -> None:  # type: ignore[override]
        """Copy a file; a browser that leaves the page hangs up in the middle, which is no error."""
        try:
            super().copyfile(source, outputfile)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: what matters is recorded in the browser."""


@contextmanager
def serving(folder: Path, prefix: str = "/") -> Iterator[str]:
    """Serve a folder on a free port of 127.0.0.1 and give the base address, prefix included."""
    handler = functools.partial(SiteHandler, prefix=prefix, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        # Half the default poll: closing a server waits for one poll, and there are many servers.
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{prefix}"
        server.shutdown()
