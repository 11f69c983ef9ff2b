"""The sitemap names every page that is to be found, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from newsarchive.diagnostics import Diagnostic
from newsarchive.fs.untrusted_files import RefusedFile
from newsarchive.verify.feeds import NotWellFormedError, read_xml
from newsarchive.verify.site import Site

_SITEMAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_MOST = 50_000  # sitemaps.org
_NOT_TO_BE_FOUND = {"404.html", "offline.html", "search.html"}
_REPAIR = "build the site again"


def check_sitemap(site: Site) -> Iterator[Diagnostic]:
    """Compare the sitemap, in one file or several, with the pages; a site without an address needs none."""
    if not site.address:
        return
    if "sitemap.xml" not in site.sizes:
        yield Diagnostic("sitemap", "sitemap.xml", "is missing", _REPAIR)
        return
    if f"{site.address}/sitemap.xml" not in _robots(site):
        yield Diagnostic("sitemap", "robots.txt", "does not name the sitemap", _REPAIR)
    named: dict[str, str] = {}  # page → the file it stands in
    for file in _files(site):
        try:
            root = read_xml(file, site)
        except (NotWellFormedError, RefusedFile):
            continue  # told of as an XML file, or as an address that leads nowhere
        places = [location.text or "" for location in root.iter(f"{_SITEMAPS}loc")]
        if len(places) > _MOST:
            yield Diagnostic("sitemap", file, f"{len(places):,} addresses, of at most {_MOST:,}", _REPAIR)
        for place in places:
            path = unquote(place.removeprefix(f"{site.address}/"))
            if not place.startswith(f"{site.address}/"):
                yield Diagnostic("sitemap", file, f"{place} is no address of the site", "build with one SITEURL")
            elif fault := site.reason_for(path):
                yield Diagnostic("sitemap", file, f"{place} {fault}", _REPAIR)
            named[path] = file
    for page in site.pages():
        if page not in named and page not in _NOT_TO_BE_FOUND:
            yield Diagnostic("sitemap", page, "stands in no sitemap", _REPAIR)


def _robots(site: Site) -> str:
    return site.read("robots.txt").decode("utf-8", "replace") if "robots.txt" in site.sizes else ""


def _files(site: Site) -> list[str]:
    """The sitemap, or the files that it is an index of, beside itself."""
    numbered = [path for path in site.ending(".xml") if path.startswith("sitemap-") and "/" not in path]
    return ["sitemap.xml", *numbered]
