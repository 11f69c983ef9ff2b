"""What crawlers and browsers ask a site for by a known name: `robots.txt` and `opensearch.xml`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from xml.sax.saxutils import escape

from newsarchive.render.page import File
from newsarchive.render.site import Site

_SHORT_NAME_LENGTH = 16  # characters at most (OpenSearch 1.1, "ShortName")


def robots_files(site: Site) -> Iterator[File]:
    """Yield `robots.txt` (RFC 9309) and the OpenSearch description; both need full addresses."""
    if site.url:
        yield File("robots.txt", (), lambda: f"User-agent: *\nAllow: /\nSitemap: {site.url}/sitemap.xml\n")
        if site.searchable:
            yield File("opensearch.xml", (), partial(_open_search, site))


def _open_search(site: Site) -> str:
    name = escape(site.name[:_SHORT_NAME_LENGTH])
    template = escape(f"{site.url}/search.html?q={{searchTerms}}", {'"': "&quot;"})
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">\n'
        f"<ShortName>{name}</ShortName>\n<Description>{escape(site.subtitle or site.name)}</Description>\n"
        "<InputEncoding>UTF-8</InputEncoding>\n"
        f'<Url type="text/html" template="{template}"/>\n</OpenSearchDescription>\n'
    )
