"""List the files of a built site, and resolve the links on its pages."""

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
"""Web servers show this page at addresses of any depth, so its links are absolute."""

_MAX_BYTES = 200_000_000  # of a file to read; the catalogue of 100,000 articles has a tenth of that

_CANONICAL = re.compile(rb'<link rel="?canonical"? href="?([^">]*)/index\.html"?>')


class NoSiteError(NewsArchiveError):
    """The folder contains no built site."""


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """Where a link leads."""

    path: str = ""  # in the site; empty for a link to another site
    fragment: str = ""
    reason: str = ""  # what is wrong with the link; "" if nothing is
    is_absolute: bool = False  # True if the link contains the site's own address
    scheme: str = ""  # of a link to another site
    host: str = ""


@dataclass(frozen=True)
class Site:
    """The files of an output folder. Paths are relative to it, with "/"."""

    folder: Path
    sizes: Mapping[str, int]  # path → bytes
    folders: frozenset[str]
    refused: Mapping[str, str] = field(default_factory=dict)  # path → type of what is not a file: "a symbolic link"
    address: str = ""  # where the site is published (SITEURL); "" if unknown
    allowed_hosts: frozenset[str] = frozenset()
    skipped: Sequence[str] = ()  # glob patterns
    _casefolded: dict[str, str] = field(default_factory=dict)
    _targets: dict[tuple[str, str], LinkTarget] = field(default_factory=dict)

    def read(self, path: str) -> bytes:
        """Return the bytes of a file. Raises RefusedFile."""
        try:
            return read_file(self.folder, path, _MAX_BYTES)
        except RefusedFile as refused:
            raise RefusedFile(replace(refused.diagnostic, code="file", location=path)) from refused

    def ending(self, *suffixes: str) -> list[str]:
        """Return the paths that end with one of `suffixes`, sorted."""
        return [path for path in self.sizes if path.endswith(suffixes)]

    def pages(self) -> list[str]:
        """Return the paths of the HTML files that are checked, sorted."""
        return [path for path in self.ending(".html") if not any(fnmatch(path, glob) for glob in self.skipped)]

    def resolve_link(self, url: str, page: str) -> LinkTarget:
        """Return where `url` leads on the page at path `page`.

        The pages of a folder share most links, so targets are cached by folder; links without a path (`#top`) by page.
        """
        key = (url, page if url[:1] in {"", "#", "?"} else page.rpartition("/")[0])
        if key not in self._targets:
            self._targets[key] = self._resolve(url, page)
        return self._targets[key]

    def _resolve(self, url: str, page: str) -> LinkTarget:
        try:
            parts = urlsplit(url.strip())
        except ValueError:
            return LinkTarget(reason="is not a valid address")
        if self.address and url.startswith(f"{self.address}/"):
            path = unquote(url.removeprefix(f"{self.address}/").partition("#")[0].partition("?")[0])
            return LinkTarget(path, unquote(parts.fragment), self.reason_against(path), is_absolute=True)
        if parts.scheme or parts.netloc:
            reason = "" if parts.scheme else "has no scheme: opened from disk it leads to a file"
            return LinkTarget(scheme=parts.scheme, host=parts.hostname or "", reason=reason)
        if parts.path.startswith("/"):
            reason = "begins at the root, which differs for a folder on disk and for a project's GitHub Pages"
            return LinkTarget(reason=reason)
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path))) if parts.path else page
        if parts.path.endswith("/"):
            path += "/"
        return LinkTarget(path, unquote(parts.fragment), self.reason_against(path))

    def reason_against(self, path: str) -> str:
        """Return what is wrong with a path that a link leads to; "" if the file exists."""
        if path in self.sizes:
            return ""
        if path.startswith("../") or path == "..":
            return "leads out of the site"
        if path.rstrip("/") in self.folders or path in {"", ".", "./"}:
            return "leads to a folder, which cannot be opened from disk: end the link with index.html"
        if not self._casefolded:
            self._casefolded.update({each.casefold(): each for each in self.sizes})
        if near := self._casefolded.get(path.casefold()):
            return f"is written {near}: web servers distinguish upper and lower case"
        return "leads to no file"


def read_site(folder: Path, allowed_hosts: Sequence[str] = (), skipped: Sequence[str] = ()) -> Site:
    """List the site in `folder`; its address is that of the home page's canonical link.

    Raises NoSiteError if there is no home page, and RefusedFile if the home page cannot be read.
    """
    listing = list_files(folder)
    if HOME not in listing.sizes:
        raise NoSiteError(f"{folder}: there is no {HOME} — name the folder of a built site")
    site = Site(folder, listing.sizes, listing.folders, listing.refused, "", frozenset(allowed_hosts), tuple(skipped))
    found = _CANONICAL.search(site.read(HOME))
    return replace(site, address=found[1].decode("utf-8", "replace")) if found else site
