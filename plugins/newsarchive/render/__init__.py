"""Stage 5, render: the archive → pages, as (path, HTML) pairs. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import Environment

from newsarchive.collect import Archive
from newsarchive.render.pages import pages_of
from newsarchive.render.site import Site, base_context
from newsarchive.settings import Settings

__all__ = ["render_archive"]


def render_archive(
    archive: Archive, site: Site, environment: Environment, settings: Settings
) -> Iterator[tuple[str, str]]:
    """Every page of the archive, in a fixed order, each rendered when it is asked for."""
    for page in pages_of(archive, settings):
        context = base_context(page.path, page.title, site, page.breadcrumbs)
        template = environment.get_template(page.template)
        yield page.path, template.render({**context, **page.context})
