"""Check that catalog.jsonl lists every article that has a page, and no other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Set

from newsarchive.diagnostics import Diagnostic
from newsarchive.verify.site import Site

CATALOG = "catalog.jsonl"
_HINT = "build the site again"


def check_catalog(site: Site, articles: Set[str]) -> Iterator[Diagnostic]:
    """Compare the catalogue with `articles`, the paths of the pages that contain an article. Raises RefusedFile."""
    if CATALOG not in site.sizes:
        yield Diagnostic("catalogue", CATALOG, "is missing", _HINT)
        return
    listed: set[str] = set()
    for number, line in enumerate(site.read(CATALOG).decode("utf-8", "replace").split("\n")[:-1], start=1):
        location = f"{CATALOG}:{number}"
        try:
            url = json.loads(line)["url"]
        except (ValueError, KeyError, TypeError):
            yield Diagnostic("catalogue", location, "is not a JSON object with a url", _HINT)
            continue
        if url in listed:
            yield Diagnostic("catalogue", location, f"{url} is listed twice", _HINT)
        if url not in articles:
            yield Diagnostic("catalogue", location, f"{url} is not a page with an article", _HINT)
        listed.add(url)
    for path in sorted(articles - listed):
        yield Diagnostic("catalogue", path, "the article is not in the catalogue", _HINT)


def read_urls(site: Site) -> set[str]:
    """Return the addresses in the catalogue. Skips invalid lines, which `check_catalog` reports. Raises RefusedFile."""
    urls: set[str] = set()
    for line in site.read(CATALOG).decode("utf-8", "replace").split("\n") if CATALOG in site.sizes else ():
        try:
            urls.add(json.loads(line)["url"])
        except (ValueError, KeyError, TypeError):
            continue
    return urls
