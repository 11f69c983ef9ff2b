"""Sitemaps (sitemaps.org, protocol 0.9)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from urllib.parse import quote
from xml.sax.saxutils import escape

from newsarchive.render.page import File
from newsarchive.render.site import Site

_MAX_URLS = 50_000  # in one file, says the protocol
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def sitemap_files(site: Site, paths: Sequence[str], max_urls: int = _MAX_URLS) -> Iterator[File]:
    """Yield the sitemap of the pages at `paths`; beyond `max_urls` pages, an index and numbered sitemaps.

    Articles come first, oldest first, so that a new article changes only the last of the numbered sitemaps. A sitemap
    needs full addresses: without SITEURL there is none.
    """
    if not site.url:
        return
    parts = [paths[at : at + max_urls] for at in range(0, len(paths), max_urls)]
    if len(parts) <= 1:
        yield File("sitemap.xml", (paths,), partial(_urls, "urlset", "url", site, paths))
        return
    files = [f"sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
    yield File("sitemap.xml", (files,), partial(_urls, "sitemapindex", "sitemap", site, files))
    for file, part in zip(files, parts, strict=True):
        yield File(file, (part,), partial(_urls, "urlset", "url", site, part))


def _urls(root: str, element: str, site: Site, paths: Sequence[str]) -> str:
    lines = [f"<{element}><loc>{escape(f'{site.url}/{quote(path)}')}</loc></{element}>\n" for path in paths]
    return f'<?xml version="1.0" encoding="utf-8"?>\n<{root} xmlns="{_NAMESPACE}">\n{"".join(lines)}</{root}>\n'
