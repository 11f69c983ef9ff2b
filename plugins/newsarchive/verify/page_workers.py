"""Check pages in several processes. Pages are independent of one another, and most of the work of a check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import chain

from newsarchive.parallel.progress import Progress
from newsarchive.verify.pages import PageReport, check_page
from newsarchive.verify.site import Site

_BATCH_SIZE = 200
"""Pages, about a tenth of a second of work: few enough for the progress to move, enough to outweigh the transfer."""


def check_pages(site: Site, workers: int, progress: Progress) -> Iterator[PageReport]:
    """Yield the report of each page, in the order of the paths. `workers` is the number of processes."""
    pages = site.pages()
    batches = [pages[start : start + _BATCH_SIZE] for start in range(0, len(pages), _BATCH_SIZE)]
    return progress.each("check pages", chain.from_iterable(_check_batches(site, batches, workers)), len(pages))


def _check_batches(site: Site, batches: Sequence[Sequence[str]], workers: int) -> Iterator[list[PageReport]]:
    if workers < 2 or len(batches) < 2:  # starting processes takes longer than checking a small site
        yield from ([check_page(page, site) for page in batch] for batch in batches)
        return
    with ProcessPoolExecutor(workers, initializer=_set_site, initargs=(site,)) as executor:
        yield from executor.map(_check_batch, batches)


# The site that a worker process checks. Sending its list of files with each batch would cost seconds.
_worker_site: list[Site] = []


def _set_site(site: Site) -> None:
    _worker_site[:] = [site]


def _check_batch(pages: Sequence[str]) -> list[PageReport]:
    return [check_page(page, _worker_site[0]) for page in pages]
