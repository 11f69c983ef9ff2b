"""Pack a built site into one file, to keep or to share. The same site gives the same bytes.

This module selects the files; `zip_file` and `zim_file` write them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from newsarchive.diagnostics import Diagnostic
from newsarchive.fs.untrusted_files import read_file, refusal, too_large
from newsarchive.verify.site import HOME, read_site

_MAX_BYTES = 1_000_000_000  # of one file; GitHub Pages accepts as much for a whole site

MIME_TYPES = {
    ".avif": "image/avif",
    ".bib": "application/x-bibtex",
    ".css": "text/css",
    ".gif": "image/gif",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}
"""File extension → MIME type. Python's `mimetypes` adds those of the machine, and a package must not depend on it."""


@dataclass(frozen=True, slots=True)
class Source:
    """A site to pack. Name, language and description are those of its home page."""

    folder: Path
    paths: tuple[str, ...]  # sorted
    name: str
    language: str
    description: str
    address: str
    excluded: Sequence[Diagnostic] = ()  # a diagnostic for each link, pipe and file that is too large

    def read(self, path: str) -> bytes:
        """Return the bytes of a file. Raises RefusedFile."""
        return read_file(self.folder, path, _MAX_BYTES)


def open_source(folder: Path) -> Source:
    """Read the site in `folder`. Raises NoSiteError if there is none, RefusedFile if its home page is not a file."""
    site = read_site(folder)
    home = LexborHTMLParser(site.read(HOME))
    sizes = {path: size for path, size in site.sizes.items() if _is_packed(path)}
    excluded = [refusal(folder / path, file_type) for path, file_type in site.refused.items() if _is_packed(path)]
    excluded += [
        too_large(folder / path, _MAX_BYTES, "publish it elsewhere, and link to it")
        for path, size in sizes.items()
        if size > _MAX_BYTES
    ]
    title, described = home.css_first("title"), home.css_first('meta[name="description"]')
    return Source(
        folder=folder,
        paths=tuple(path for path, size in sizes.items() if size <= _MAX_BYTES),
        name=title.text(strip=True) if title else folder.name,
        language=(home.root.attributes.get("lang") if home.root else "") or "zh-CN",
        description=(described.attributes.get("content") or "") if described else "",
        address=site.address,
        excluded=excluded,
    )


def _is_packed(path: str) -> bool:
    """Return False for hidden files and files in hidden folders: they are not published either."""
    return not any(part.startswith(".") for part in path.split("/"))
