"""Check that the sitemap (sitemaps.org) lists every page for search engines, and that robots.txt names the sitemap."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from newsarchive.diagnostics import Diagnostic
from newsarchive.fs.untrusted_files import RefusedFile
from newsarchive.verify.feeds import NotWellFormedError, read_xml
from newsarchive.verify.site import Site

_SITEMAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_MAX_URLS = 50_000  # in one file, by sitemaps.org
_UNLISTED = {"404.html", "offline.html", "search.html"}
_HINT = "build the site again"


def check_sitemap(site: Site) -> Iterator[Diagnostic]:
    """Compare the sitemap, in one or several files, with the pages. A site without an address needs no sitemap."""
    if not site.address:
        return
    if "sitemap.xml" not in site.sizes:
        yield Diagnostic("sitemap", "sitemap.xml", "is missing", _HINT)
        return
    if f"{site.address}/sitemap.xml" not in _robots(site):
        yield Diagnostic("sitemap", "robots.txt", "does not name the sitemap", _HINT)
    listed: set[str] = set()  # paths
    for file in _files(site):
        try:
            root = read_xml(file, site)
        except (NotWellFormedError, RefusedFile):
            continue  # reported by `check_feeds`, or as an address without a file
        urls = [location.text or "" for location in root.iter(f"{_SITEMAPS}loc")]
        if len(urls) > _MAX_URLS:
            yield Diagnostic("sitemap", file, f"{len(urls):,} addresses, of at most {_MAX_URLS:,}", _HINT)
        for url in urls:
            path = unquote(url.removeprefix(f"{site.address}/"))
            if not url.startswith(f"{site.address}/"):
                yield Diagnostic("sitemap", file, f"{url} is not an address of the site", "build with one SITEURL")
            elif reason := site.reason_against(path):
                yield Diagnostic("sitemap", file, f"{url} {reason}", _HINT)
            listed.add(path)
    for page in site.pages():
        if page not in listed and page not in _UNLISTED:
            yield Diagnostic("sitemap", page, "is not in the sitemap", _HINT)


def _robots(site: Site) -> str:
    return site.read("robots.txt").decode("utf-8", "replace") if "robots.txt" in site.sizes else ""


def _files(site: Site) -> list[str]:
    """Return the path of the sitemap, and of the files that it is an index of."""
    numbered = [path for path in site.ending(".xml") if path.startswith("sitemap-") and "/" not in path]
    return ["sitemap.xml", *numbered]
