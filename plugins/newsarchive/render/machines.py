"""What machines ask a site for: the sitemap, robots.txt, how to search it, and its articles as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from urllib.parse import quote
from xml.sax.saxutils import escape

from newsarchive.cache.serialization import to_lines
from newsarchive.collect import Archive
from newsarchive.models import Article
from newsarchive.render.page import File
from newsarchive.render.site import Site

_MOST_IN_SITEMAP = 50_000  # sitemaps.org
_XML = '<?xml version="1.0" encoding="utf-8"?>\n'
_SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"


def machine_files(archive: Archive, site: Site, pages: Sequence[str]) -> Iterator[File]:
    """All of them. `pages` are the paths of all pages. What needs full addresses waits for the site to have one."""
    yield File("catalog.jsonl", (archive.articles,), partial(_catalog, archive))
    if site.url:
        yield from sitemaps(site, pages)
        yield File("robots.txt", (), lambda: f"User-agent: *\nAllow: /\nSitemap: {site.url}/sitemap.xml\n")
        if site.searchable:
            yield File("opensearch.xml", (), partial(_open_search, site))


def _catalog(archive: Archive) -> str:
    return to_lines([_catalog_line(article) for article in archive.articles]).decode()


def _catalog_line(article: Article) -> dict[str, object]:
    return {
        "title": article.title,
        "url": article.url,
        "date": article.date.isoformat(timespec="seconds") if article.date else None,
        "categories": article.categories,
        "tags": article.tags,
        "source": article.publication,
    }


def sitemaps(site: Site, pages: Sequence[str], most: int = _MOST_IN_SITEMAP) -> Iterator[File]:
    """One sitemap; beyond `most` pages, an index of numbered ones. Articles come first, oldest first, so that of the
    numbered ones only the last change."""
    parts = [pages[at : at + most] for at in range(0, len(pages), most)]
    if len(parts) <= 1:
        yield File("sitemap.xml", (pages,), partial(_urls, "urlset", "url", site, pages))
        return
    files = [f"sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
    yield File("sitemap.xml", (files,), partial(_urls, "sitemapindex", "sitemap", site, files))
    for file, part in zip(files, parts, strict=True):
        yield File(file, (part,), partial(_urls, "urlset", "url", site, part))


def _urls(root: str, element: str, site: Site, paths: Sequence[str]) -> str:
    lines = [f"<{element}><loc>{escape(f'{site.url}/{quote(path)}')}</loc></{element}>\n" for path in paths]
    return f'{_XML}<{root} xmlns="{_SITEMAPS}">\n{"".join(lines)}</{root}>\n'


def _open_search(site: Site) -> str:
    name = escape(site.name[:16])  # no more, says the specification
    template = escape(f"{site.url}/search.html?q={{searchTerms}}", {'"': "&quot;"})
    return (
        f'{_XML}<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">\n'
        f"<ShortName>{name}</ShortName>\n<Description>{escape(site.subtitle or site.name)}</Description>\n"
        "<InputEncoding>UTF-8</InputEncoding>\n"
        f'<Url type="text/html" template="{template}"/>\n</OpenSearchDescription>\n'
    )
