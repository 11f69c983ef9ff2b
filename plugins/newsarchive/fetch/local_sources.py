"""Find wanted images in local files: in a folder, or in a HAR file that a browser recorded. Uses no network."""

from __future__ import annotations

import base64
import binascii
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

import msgspec

from newsarchive.diagnostics import ConfigurationError, Diagnostic
from newsarchive.fs.untrusted_files import RefusedFile, list_files, read_file


class LocalSource(NamedTuple):
    """The bytes of a wanted image."""

    address: str
    data: bytes
    without_tls: bool = False  # True if the browser got them over plain HTTP


def images_in_folder(
    folder: Path, wanted: Collection[str], max_bytes: int, on_refused: Callable[[Diagnostic], None]
) -> Iterator[LocalSource]:
    """Yield the wanted images that are files below `folder`. The first of these rules that matches a file decides:

    1. By path: the address without its scheme, `host/path/name.jpg`, with or without `?query` (as `wget -x` saves).
    2. By name: the whole address, percent-encoded.
    3. By name: the last part of the address's path, if exactly one file and one wanted address have it.

    Links, pipes and files of more than `max_bytes` are not read: `on_refused` is called with a diagnostic. Raises
    ConfigurationError if `folder` does not exist.
    """
    if not folder.is_dir():
        raise ConfigurationError([Diagnostic("not-found", str(folder), "there is no such folder", "name the folder")])
    listing = list_files(folder)
    files = listing.sizes
    for diagnostic in listing.diagnostics:
        on_refused(diagnostic)
    by_name: dict[str, list[str]] = defaultdict(list)
    for file in files:
        by_name[PurePosixPath(file).name].append(file)
    wanted_by_name: dict[str, list[str]] = defaultdict(list)
    for address in wanted:
        wanted_by_name[_last_part(address)].append(address)
    for address in wanted:
        name = _last_part(address)
        unique = by_name[name] if len(by_name.get(name, ())) == 1 == len(wanted_by_name[name]) else []
        for file in (*_mirror_paths(address), *by_name.get(quote(address, safe=""), ()), *unique):
            if file in files:
                try:
                    yield LocalSource(address, read_file(folder, file, max_bytes, "raise --max-bytes"))
                except RefusedFile as refused:
                    on_refused(refused.diagnostic)
                break


def _mirror_paths(address: str) -> Iterator[str]:
    """Yield the paths under which `wget -x` saves the image at an address."""
    parts = urlsplit(address)
    for path in dict.fromkeys((parts.path, unquote(parts.path))):
        if parts.query:
            yield f"{parts.netloc}{path}?{parts.query}"
        yield f"{parts.netloc}{path}"


def _last_part(address: str) -> str:
    return unquote(PurePosixPath(urlsplit(address).path).name)


class _Content(msgspec.Struct):
    text: str = ""
    encoding: str = ""


class _Response(msgspec.Struct):
    status: int = 0
    redirectURL: str = ""  # noqa: N815 - as HAR spells it
    content: _Content = msgspec.field(default_factory=_Content)


class _Request(msgspec.Struct):
    url: str


class _Entry(msgspec.Struct):
    request: _Request
    response: _Response


class _Log(msgspec.Struct):
    entries: list[_Entry]


class _Har(msgspec.Struct):
    """The fields of HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/) that are needed to read bodies."""

    log: _Log


def images_in_har(file: Path, wanted: Collection[str]) -> Iterator[LocalSource]:
    """Yield the wanted images that a HAR file has responses for, redirects followed.

    Raises ConfigurationError if the file cannot be read or is not HAR.
    """
    try:
        entries = msgspec.json.decode(file.read_bytes(), type=_Har).log.entries
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        hint = "record it again with contents (in Chromium: Save all as HAR with content)"
        raise ConfigurationError([Diagnostic("har", str(file), f"is not an HTTP archive: {error}", hint)]) from None
    redirects = {
        each.request.url: urljoin(each.request.url, each.response.redirectURL)
        for each in entries
        if each.response.redirectURL
    }
    bodies = {each.request.url: each.response.content for each in entries if each.response.status == 200}
    for address in wanted:
        for requested in _with_http(address):
            urls = _follow_redirects(requested, redirects)
            content = bodies.get(urls[-1])
            if content and (data := _decode_body(content)):
                yield LocalSource(address, data, any(url.startswith("http://") for url in urls))
                break


def _with_http(address: str) -> tuple[str, ...]:
    """Return the address and its http form: cleaning made every address https, the browser may have used http."""
    return address, f"http://{address.removeprefix('https://')}"


def _follow_redirects(address: str, redirects: dict[str, str]) -> list[str]:
    """Return `address` and the addresses that redirects lead to from it, in order; a circle ends."""
    urls = [address]
    while urls[-1] in redirects and len(urls) <= len(redirects):
        urls.append(redirects[urls[-1]])
    return urls


def _decode_body(content: _Content) -> bytes:
    """Return the bytes of a response; b"" unless they are in base64, as HAR records binary bodies."""
    if content.encoding != "base64":
        return b""
    try:
        return base64.b64decode(content.text)
    except binascii.Error:
        return b""
