"""Pack: a finished site as one file, to keep and hand on. The same site gives the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from newsarchive.verify.site import HOME, read_site

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


def open_source(folder: Path) -> Source:
    """The site in `folder`. Raises NoSiteError when there is none."""
    site = read_site(folder)
    home = LexborHTMLParser(site.read(HOME))
    title, described = home.css_first("title"), home.css_first('meta[name="description"]')
    return Source(
        folder=folder,
        paths=tuple(path for path in site.sizes if not any(part.startswith(".") for part in path.split("/"))),
        name=title.text(strip=True) if title else folder.name,
        language=(home.root.attributes.get("lang") if home.root else "") or "zh-CN",
        description=(described.attributes.get("content") or "") if described else "",
        address=site.address,
    )
