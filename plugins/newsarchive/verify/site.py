"""What a finished site consists of, and where an address on one of its pages leads."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path
from urllib.parse import unquote, urlsplit

from newsarchive.diagnostics import NewsArchiveError
from newsarchive.fs.untrusted_files import RefusedFile, list_files, read_file

HOME = "index.html"
NOT_FOUND = "404.html"
"""Shown at addresses of any depth, so its links are absolute."""

_MOST_BYTES = 200_000_000  # of a file that is looked into; the catalogue of 100,000 articles has a tenth of them

_CANONICAL = re.compile(rb'<link rel="?canonical"? href="?([^">]*)/index\.html"?>')


class NoSiteError(NewsArchiveError):
    """A folder that holds no site."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address leads: to a `path` of the site, and a `fragment` there; outside, `path` is empty.

    `fault` says what is wrong with it, "" when nothing is; `is_absolute` whether the site's own address stands in it.
    """

    path: str = ""
    fragment: str = ""
    reason: str = ""
    is_absolute: bool = False
    scheme: str = ""
    host: str = ""


@dataclass(frozen=True)
class Site:
    """The files of an output folder: path → bytes. `address` is where it is published, "" where that is not known."""

    folder: Path
    sizes: Mapping[str, int]
    folders: frozenset[str]
    refused: Mapping[str, str] = field(default_factory=dict)  # no regular files, and what they are: "a symbolic link"
    address: str = ""
    allowed_hosts: frozenset[str] = frozenset()
    skipped: Sequence[str] = ()
    _folded: dict[str, str] = field(default_factory=dict)
    _known: dict[tuple[str, str], Place] = field(default_factory=dict)

    def read(self, path: str) -> bytes:
        """What a file holds. Raises RefusedFile."""
        try:
            return read_file(self.folder, path, _MOST_BYTES)
        except RefusedFile as refused:
            raise RefusedFile(replace(refused.diagnostic, code="file", location=path)) from refused

    def ending(self, *suffixes: str) -> list[str]:
        """The paths that end so, sorted."""
        return [path for path in self.sizes if path.endswith(suffixes)]

    def pages(self) -> list[str]:
        """The pages that have to keep the rules."""
        return [path for path in self.ending(".html") if not any(fnmatch(path, glob) for glob in self.skipped)]

    def find(self, url: str, page: str) -> Place:
        """Where `url` leads on the page at `page`. Most links of a folder's pages are the same, so each is judged once
        a folder; an empty path means the page itself, so that those are not shared."""
        key = (url, page if url[:1] in {"", "#", "?"} else page.rpartition("/")[0])
        if key not in self._known:
            self._known[key] = self._find(url, page)
        return self._known[key]

    def _find(self, url: str, page: str) -> Place:
        try:
            parts = urlsplit(url.strip())
        except ValueError:
            return Place(reason="is no address")
        if self.address and url.startswith(f"{self.address}/"):
            path = unquote(url.removeprefix(f"{self.address}/").partition("#")[0].partition("?")[0])
            return Place(path, unquote(parts.fragment), self.reason_for(path), is_absolute=True)
        if parts.scheme or parts.netloc:
            fault = "" if parts.scheme else "has no scheme: opened from disk it leads to a file"
            return Place(scheme=parts.scheme, host=parts.hostname or "", reason=fault)
        if parts.path.startswith("/"):
            return Place(reason="begins at the root, which neither a folder on disk nor a project's page is")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path))) if parts.path else page
        if parts.path.endswith("/"):
            path += "/"
        return Place(path, unquote(parts.fragment), self.reason_for(path))

    def reason_for(self, path: str) -> str:
        """What is wrong with a path that a link leads to; "" when the file is there."""
        if path in self.sizes:
            return ""
        if path.startswith("../") or path == "..":
            return "leads out of the site"
        if path.rstrip("/") in self.folders or path in {"", ".", "./"}:
            return "leads to a folder, which cannot be opened from disk: end it in index.html"
        if not self._folded:
            self._folded.update({each.casefold(): each for each in self.sizes})
        if near := self._folded.get(path.casefold()):
            return f"is written {near}: a web server tells capitals from small letters"
        return "leads to no file"


def read_site(folder: Path, allowed_hosts: Sequence[str] = (), skipped: Sequence[str] = ()) -> Site:
    """The site in `folder`. Raises NoSiteError when there is none, and RefusedFile when its home page is not read."""
    listing = list_files(folder)
    if HOME not in listing.sizes:
        raise NoSiteError(f"{folder}: there is no {HOME} — name the folder of a built site")
    site = Site(folder, listing.sizes, listing.folders, listing.refused, "", frozenset(allowed_hosts), tuple(skipped))
    found = _CANONICAL.search(site.read(HOME))
    return replace(site, address=found[1].decode("utf-8", "replace")) if found else site
