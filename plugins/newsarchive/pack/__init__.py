"""Pack: a finished site as one file, to keep and hand on. The same site gives the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from newsarchive.diagnostics import Diagnostic
from newsarchive.fs.untrusted_files import read_file, refusal, too_large
from newsarchive.verify.site import HOME, read_site

_MOST_BYTES = 1_000_000_000  # of one file: as much as GitHub Pages takes of a whole site

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
"""Spelled out: Python's own table takes in the machine's, and a package must not depend on the machine."""


@dataclass(frozen=True, slots=True)
class Source:
    """A site to pack, and what its home page says of it."""

    folder: Path
    paths: tuple[str, ...]  # sorted
    name: str
    language: str
    description: str
    address: str
    left_out: Sequence[Diagnostic] = ()  # links, pipes, what is too large

    def read(self, path: str) -> bytes:
        """What a file holds. Raises RefusedFile."""
        return read_file(self.folder, path, _MOST_BYTES)


def open_source(folder: Path) -> Source:
    """The site in `folder`. Raises NoSiteError when there is none."""
    site = read_site(folder)
    home = LexborHTMLParser(site.read(HOME))
    sizes = {path: size for path, size in site.sizes.items() if _is_packed(path)}
    left_out = [refusal(folder / path, what) for path, what in site.refused.items() if _is_packed(path)]
    left_out += [
        too_large(folder / path, _MOST_BYTES, "publish it elsewhere, and link to it")
        for path, size in sizes.items()
        if size > _MOST_BYTES
    ]
    title, described = home.css_first("title"), home.css_first('meta[name="description"]')
    return Source(
        folder=folder,
        paths=tuple(path for path, size in sizes.items() if size <= _MOST_BYTES),
        name=title.text(strip=True) if title else folder.name,
        language=(home.root.attributes.get("lang") if home.root else "") or "zh-CN",
        description=(described.attributes.get("content") or "") if described else "",
        address=site.address,
        left_out=left_out,
    )


def _is_packed(path: str) -> bool:
    """False for what is hidden: it is not published either."""
    return not any(part.startswith(".") for part in path.split("/"))
