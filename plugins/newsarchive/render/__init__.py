"""Stage 5, render: the archive → files, as (path, text) pairs. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import Environment

from newsarchive.articles import Bodies
from newsarchive.collect import Archive
from newsarchive.render.citations import bibliographies
from newsarchive.render.feeds import feeds_of
from newsarchive.render.machines import machine_files
from newsarchive.render.pages import pages_of
from newsarchive.render.site import Site, base_context, name_nameless
from newsarchive.render.words import Words
from newsarchive.settings import Settings

__all__ = ["render_archive"]

_NOT_TO_BE_FOUND = {"404.html", "offline.html", "search.html"}


def render_archive(
    archive: Archive, bodies: Bodies, site: Site, environment: Environment, settings: Settings, words: Words
) -> Iterator[tuple[str, str]]:
    """Everything that is made of the archive, in a fixed order, each file rendered when it is asked for."""
    archive = name_nameless(archive, words)
    lists = [page.url for page in site.pages]
    for page in pages_of(archive, bodies, site, settings, words):
        context = base_context(page.path, page.title, site, page.breadcrumbs)
        yield page.path, environment.get_template(page.template).render({**context, **page.context})
        if page.template != "article.html" and page.path not in _NOT_TO_BE_FOUND:
            lists.append(page.path)
    yield from bibliographies(archive, site)
    yield from feeds_of(archive, bodies, site, settings)
    yield from machine_files(archive, site, [*(article.url for article in archive.articles), *lists])
