"""Images that somebody has already: in a folder, or in what a browser recorded (HAR)."""

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
    """An image that is wanted."""

    address: str
    data: bytes
    without_tls: bool = False


def images_in_folder(
    folder: Path, wanted: Collection[str], most: int, refuse: Callable[[Diagnostic], None]
) -> Iterator[LocalSource]:
    """Files below `folder` that are wanted images, by the first of three rules that finds one.

    Links, pipes and images of more than `most` bytes are not read; `refuse` gets the problem of each.

    1. By path: the address without its scheme, `host/path/name.jpg`, with or without `?query` (as `wget -x` saves).
    2. By name: the whole address, percent-encoded.
    3. By name: the last part of the address's path, where one file and one wanted address alone have it.
    """
    if not folder.is_dir():
        raise ConfigurationError([Diagnostic("not-found", str(folder), "there is no such folder", "name the folder")])
    listing = list_files(folder)
    files = listing.sizes
    for diagnostic in listing.diagnostics:
        refuse(diagnostic)
    by_name: dict[str, list[str]] = defaultdict(list)
    for file in files:
        by_name[PurePosixPath(file).name].append(file)
    asked: dict[str, list[str]] = defaultdict(list)
    for address in wanted:
        asked[_last_part(address)].append(address)
    for address in wanted:
        last = _last_part(address)
        alone = by_name[last] if len(by_name.get(last, ())) == 1 == len(asked[last]) else []
        for file in (*_paths(address), *by_name.get(quote(address, safe=""), ()), *alone):
            if file in files:
                try:
                    yield LocalSource(address, read_file(folder, file, most, "raise --max-bytes"))
                except RefusedFile as refused:
                    refuse(refused.diagnostic)
                break


def _paths(address: str) -> Iterator[str]:
    """Where a copy of a site has the image at an address."""
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
    """As much of HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/) as is about bodies."""

    log: _Log


def images_in_har(file: Path, wanted: Collection[str]) -> Iterator[LocalSource]:
    """Bodies in an HTTP archive whose addresses are wanted, or redirected from such. Raises ConfigurationError."""
    try:
        entries = msgspec.json.decode(file.read_bytes(), type=_Har).log.entries
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        repair = "record it anew with contents (in Chromium: Save all as HAR with content)"
        raise ConfigurationError([Diagnostic("har", str(file), f"is no HTTP archive: {error}", repair)]) from None
    redirects = {
        each.request.url: urljoin(each.request.url, each.response.redirectURL)
        for each in entries
        if each.response.redirectURL
    }
    bodies = {each.request.url: each.response.content for each in entries if each.response.status == 200}
    for address in wanted:
        for found in _ways_to(address):
            steps = _steps(found, redirects)
            content = bodies.get(steps[-1])
            if content and (data := _body(content)):
                yield LocalSource(address, data, any(step.startswith("http://") for step in steps))
                break


def _ways_to(address: str) -> tuple[str, ...]:
    """Cleaning made every address https; the browser may have asked by http."""
    return address, f"http://{address.removeprefix('https://')}"


def _steps(address: str, redirects: dict[str, str]) -> list[str]:
    """An address, and where redirects led to from it."""
    steps = [address]
    while steps[-1] in redirects and len(steps) <= len(redirects):
        steps.append(redirects[steps[-1]])
    return steps


def _body(content: _Content) -> bytes:
    """Images are recorded in base64; anything else is no image."""
    if content.encoding != "base64":
        return b""
    try:
        return base64.b64decode(content.text)
    except binascii.Error:
        return b""
