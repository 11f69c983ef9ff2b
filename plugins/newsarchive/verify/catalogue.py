"""catalog.jsonl names every article that has a page, and no other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Set

from newsarchive.problems import Problem
from newsarchive.verify.site import Site

CATALOGUE = "catalog.jsonl"
_REPAIR = "build the site again"


def check_catalogue(site: Site, articles: Set[str]) -> Iterator[Problem]:
    """Compare the catalogue with the pages that hold an article."""
    if CATALOGUE not in site.sizes:
        yield Problem("catalogue", CATALOGUE, "is missing", _REPAIR)
        return
    named: set[str] = set()
    for number, line in enumerate(site.read(CATALOGUE).decode("utf-8", "replace").split("\n")[:-1], start=1):
        place = f"{CATALOGUE}:{number}"
        try:
            url = json.loads(line)["url"]
        except (ValueError, KeyError, TypeError):
            yield Problem("catalogue", place, "is no line of JSON with a url", _REPAIR)
            continue
        if url in named:
            yield Problem("catalogue", place, f"{url} stands here twice", _REPAIR)
        if url not in articles:
            yield Problem("catalogue", place, f"{url} is no page with an article", _REPAIR)
        named.add(url)
    for path in sorted(articles - named):
        yield Problem("catalogue", path, "an article that does not stand in the catalogue", _REPAIR)


def read_urls(site: Site) -> set[str]:
    """The addresses in the catalogue; what cannot be read is told of by `check_catalogue`."""
    urls: set[str] = set()
    for line in site.read(CATALOGUE).decode("utf-8", "replace").split("\n") if CATALOGUE in site.sizes else ():
        try:
            urls.add(json.loads(line)["url"])
        except (ValueError, KeyError, TypeError):
            continue
    return urls
