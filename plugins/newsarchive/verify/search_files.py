"""The search's files are of one build, none is missing or left over, and they hold the articles of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from newsarchive.diagnostics import Diagnostic
from newsarchive.index.files import FOLDER, MANIFEST
from newsarchive.index.shards import unpack_terms
from newsarchive.search.published import NoIndexError, PublishedIndex, PublishedSegment, open_published
from newsarchive.verify.catalog import read_urls
from newsarchive.verify.site import Site

_REPAIR = "build the site again"
_URL = 1  # in what is known of a document: title, address, …


def check_search(site: Site) -> Iterator[Diagnostic]:
    """Everything a search could stumble over. A site without search needs none."""
    if MANIFEST not in site.sizes:
        if "search.html" in site.sizes:
            yield Diagnostic("search", MANIFEST, "is missing, although there is a search.html", _REPAIR)
        return
    try:
        published = open_published(site.folder)
    except (NoIndexError, ValueError, KeyError, IndexError, TypeError) as error:
        yield _diagnostic(MANIFEST, error)
        return
    found: set[str] = set()
    for segment in published.segments:
        yield from _check_segment(segment, published, site, found)
    known = {segment.name for segment in published.segments}
    for folder in sorted(path for path in site.folders if path.startswith(f"{FOLDER}/")):
        if folder.removeprefix(f"{FOLDER}/") not in known:
            yield Diagnostic("search", folder, "is no part of the index: an older build left it", "delete the folder")
    urls = read_urls(site)
    for url in sorted(urls - found):
        yield Diagnostic("search", url, "stands in the catalogue, and cannot be searched for", _REPAIR)
    for url in sorted(found - urls):
        yield Diagnostic("search", url, "can be searched for, and does not stand in the catalogue", _REPAIR)


def _check_segment(
    segment: PublishedSegment, published: PublishedIndex, site: Site, found: set[str]
) -> Iterator[Diagnostic]:
    folder = f"{FOLDER}/{segment.name}"
    last = ""
    for number, first in enumerate(segment.first_terms):
        try:
            packed, _ = segment.read_part("terms", number)
        except (NoIndexError, ValueError) as error:
            yield _diagnostic(f"{folder}/terms-{number}.js", error)
            continue
        begins = next(unpack_terms(packed), "")
        if begins != first or (last and _order(begins) <= _order(last)):
            diagnostic = f"begins with {begins!r}, where the manifest says {first!r}"
            yield Diagnostic("search", f"{folder}/terms-{number}.js", diagnostic, _REPAIR)
        last = begins
    documents = sum(path.startswith(f"{folder}/documents-") for path in site.sizes)
    for number in range(documents):
        try:
            (chunk,) = segment.read_part("documents", number)
            found.update(f"{document[_URL]}.html" for document in chunk)
        except (NoIndexError, ValueError, TypeError, IndexError) as error:
            yield _diagnostic(f"{folder}/documents-{number}.js", error)
    shards = sum(path.startswith(f"{folder}/terms-") for path in site.sizes)
    if shards != len(segment.first_terms):
        diagnostic = f"{shards} files of terms, where the manifest knows of {len(segment.first_terms)}"
        yield Diagnostic("search", folder, diagnostic, "delete the search folder and build the site again")


def _order(term: str) -> bytes:
    """By what browsers look for a term: as JavaScript sorts strings."""
    return term.encode("utf-16-be", "surrogatepass")


def _diagnostic(place: str, error: Exception) -> Diagnostic:
    told = str(error).partition(" — ")[0].rpartition(": ")[2] if isinstance(error, NoIndexError) else repr(error)
    return Diagnostic("search", place, told, _REPAIR)
