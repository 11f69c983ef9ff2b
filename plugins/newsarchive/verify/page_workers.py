"""Pages, looked at by several processes: they are independent of one another, and most of the work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import chain

from newsarchive.parallel.progress import Progress
from newsarchive.verify.pages import PageReport, check_page
from newsarchive.verify.site import Site

_PAGES_AT_ONCE = 200
"""About a tenth of a second's work: little enough for progress to move, much enough to be worth the way."""


def check_pages(site: Site, workers: int, progress: Progress) -> Iterator[PageReport]:
    """What was found on each page, in order of their paths."""
    pages = site.pages()
    parts = [pages[at : at + _PAGES_AT_ONCE] for at in range(0, len(pages), _PAGES_AT_ONCE)]
    return progress.each("check pages", chain.from_iterable(_spread(site, parts, workers)), len(pages))


def _spread(site: Site, parts: Sequence[Sequence[str]], workers: int) -> Iterator[list[PageReport]]:
    if workers < 2 or len(parts) < 2:  # starting processes takes longer than looking at a small site
        yield from ([check_page(page, site) for page in part] for part in parts)
        return
    with ProcessPoolExecutor(workers, initializer=_begin, initargs=(site,)) as crew:
        yield from crew.map(_check_part, parts)


# A process of the crew holds the site: sent along with each part of the work, its list of files would cost seconds.
_held: list[Site] = []


def _begin(site: Site) -> None:
    _held[:] = [site]


def _check_part(pages: Sequence[str]) -> list[PageReport]:
    return [check_page(page, _held[0]) for page in pages]
