"""catalog.jsonl names every article that has a page, and no other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Set

from newsarchive.diagnostics import Diagnostic
from newsarchive.verify.site import Site

CATALOG = "catalog.jsonl"
_REPAIR = "build the site again"


def check_catalog(site: Site, articles: Set[str]) -> Iterator[Diagnostic]:
    """Compare the catalogue with the pages that hold an article."""
    if CATALOG not in site.sizes:
        yield Diagnostic("catalogue", CATALOG, "is missing", _REPAIR)
        return
    named: set[str] = set()
    for number, line in enumerate(site.read(CATALOG).decode("utf-8", "replace").split("\n")[:-1], start=1):
        place = f"{CATALOG}:{number}"
        try:
            url = json.loads(line)["url"]
        except (ValueError, KeyError, TypeError):
            yield Diagnostic("catalogue", place, "is no line of JSON with a url", _REPAIR)
            continue
        if url in named:
            yield Diagnostic("catalogue", place, f"{url} stands here twice", _REPAIR)
        if url not in articles:
            yield Diagnostic("catalogue", place, f"{url} is no page with an article", _REPAIR)
        named.add(url)
    for path in sorted(articles - named):
        yield Diagnostic("catalogue", path, "an article that does not stand in the catalogue", _REPAIR)


def read_urls(site: Site) -> set[str]:
    """The addresses in the catalogue; what cannot be read is told of by `check_catalog`."""
    urls: set[str] = set()
    for line in site.read(CATALOG).decode("utf-8", "replace").split("\n") if CATALOG in site.sizes else ():
        try:
            urls.add(json.loads(line)["url"])
        except (ValueError, KeyError, TypeError):
            continue
    return urls
