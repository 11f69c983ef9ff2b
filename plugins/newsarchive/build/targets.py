"""Every file that is made of the archive, but the pages of articles (`render.article_work`).

Each says what it is made from before it is made, so that one which stands already need not be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby

from jinja2 import Environment

from newsarchive.build.page_dependencies import PageDigests
from newsarchive.collect import Archive
from newsarchive.config.settings import Settings
from newsarchive.i18n import Translations
from newsarchive.images.image_selection import ImageSelection
from newsarchive.models import Bodies
from newsarchive.render.citations import bibliographies
from newsarchive.render.feeds import feeds_of
from newsarchive.render.images import missing_image_text
from newsarchive.render.machines import machine_files
from newsarchive.render.page import File, Page, render_page
from newsarchive.render.pages import pages_of
from newsarchive.render.site import Site

_NOT_TO_BE_FOUND = {"404.html", "offline.html", "search.html"}


@dataclass(frozen=True, slots=True)
class Output:
    """A file to be: where, a fingerprint of what it is made from, and how to make it."""

    path: str
    inputs_digest: bytes
    make: Callable[[], str]


@dataclass(frozen=True, slots=True)
class OutputGroup:
    """Files that need not be looked at one by one while a fingerprint of what all are made from is the same."""

    name: str
    inputs_digest: bytes
    paths: Sequence[str]
    outputs: Callable[[], Iterator[Output]]


def render_lists(
    archive: Archive,
    bodies: Bodies,
    site: Site,
    environment: Environment,
    settings: Settings,
    translations: Translations,
    digests: PageDigests,
    selection: ImageSelection | None = None,
) -> Iterator[Output | OutputGroup]:
    """All of them, in a fixed order."""

    def output_of(page: Page) -> Output:
        return Output(page.path, digests.page(page), partial(render_page, page, site, environment))

    lists = [page.url for page in site.pages]
    for page in pages_of(archive, site, settings, translations):
        if isinstance(page, Page):
            yield output_of(page)
            lists += [] if page.path in _NOT_TO_BE_FOUND else [page.path]
        else:
            yield OutputGroup(page.name, digests.group(page), page.paths, partial(_each, output_of, page.pages))
            lists += page.paths
    paths = [*(article.url for article in archive.articles), *lists]

    def output_of_file(file: File) -> Output:
        return Output(file.path, digests.other(file.path, *file.inputs), file.make)

    for year, of_year in groupby(bibliographies(archive, site), key=lambda file: file.path.partition("/")[0]):
        files = list(of_year)
        inputs_digest = digests.other([file.inputs for file in files])
        paths_of_year = [file.path for file in files]
        yield OutputGroup(f"cite.bib of {year}", inputs_digest, paths_of_year, partial(map, output_of_file, files))
    yield from map(
        output_of_file,
        chain(
            feeds_of(archive, bodies, site, settings, selection or ImageSelection(), missing_image_text(translations)),
            machine_files(archive, site, paths),
        ),
    )


def _each(output_of: Callable[[Page], Output], pages: Callable[[], Iterator[Page]]) -> Iterator[Output]:
    return map(output_of, pages())
