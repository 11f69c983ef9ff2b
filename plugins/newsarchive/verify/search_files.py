"""Check the files of the search: of one build, none missing or left over, with the articles of the catalogue.

Results of queries are not checked here; the tests of `search` do that.
"""

from __future__ import annotations

from collections.abc import Iterator

from newsarchive.diagnostics import Diagnostic
from newsarchive.index.files import FOLDER, MANIFEST
from newsarchive.index.shards import unpack_terms
from newsarchive.search.published import NoIndexError, PublishedIndex, PublishedSegment, open_published
from newsarchive.verify.catalog import read_urls
from newsarchive.verify.site import Site

_HINT = "build the site again"
_URL = 1  # position of the address in a document's record: title, address, …


def check_search(site: Site) -> Iterator[Diagnostic]:
    """Yield every problem that a search could fail on. A site without search.html needs no index."""
    if MANIFEST not in site.sizes:
        if "search.html" in site.sizes:
            yield Diagnostic("search", MANIFEST, "is missing, although there is a search.html", _HINT)
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
            yield Diagnostic("search", folder, "is not part of the index: an older build left it", "delete the folder")
    urls = read_urls(site)
    for url in sorted(urls - found):
        yield Diagnostic("search", url, "is in the catalogue, but not in the search index", _HINT)
    for url in sorted(found - urls):
        yield Diagnostic("search", url, "is in the search index, but not in the catalogue", _HINT)


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
            message = f"begins with {begins!r}, where the manifest says {first!r}"
            yield Diagnostic("search", f"{folder}/terms-{number}.js", message, _HINT)
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
        message = f"{shards} files of terms, where the manifest lists {len(segment.first_terms)}"
        yield Diagnostic("search", folder, message, "delete the search folder and build the site again")


def _order(term: str) -> bytes:
    """Return the sort key by which browsers search for a term: UTF-16 code units, as JavaScript sorts strings."""
    return term.encode("utf-16-be", "surrogatepass")


def _diagnostic(location: str, error: Exception) -> Diagnostic:
    """Return the diagnostic of an error; of a NoIndexError, only its message without location and hint."""
    message = str(error).partition(" — ")[0].rpartition(": ")[2] if isinstance(error, NoIndexError) else repr(error)
    return Diagnostic("search", location, message, _HINT)
