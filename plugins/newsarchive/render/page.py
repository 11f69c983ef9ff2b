"""Pages and other files that a build makes when they are not up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from jinja2 import Environment

from newsarchive.render.site import Link, Site, base_context
from newsarchive.render.template_errors import render_template


@dataclass(frozen=True, slots=True)
class Page:
    """A page; `context` has the names that its template gets besides the base context (docs/theme.md)."""

    path: str
    template: str
    title: str  # "" is the site's own
    context: Mapping[str, Any]
    breadcrumbs: Sequence[Link] = field(default=())


class PageGroup(NamedTuple):
    """Pages with the same few inputs: while these stay the same, no page of the group is planned.

    `inputs` are all that `pages` uses beside the site, its words and the settings.
    """

    name: str
    template: str
    inputs: tuple[object, ...]
    paths: Sequence[str]
    pages: Callable[[], Iterator[Page]]


class File(NamedTuple):
    """A file without a template: its path, its inputs besides the site, and the function that makes it."""

    path: str
    inputs: tuple[object, ...]
    make: Callable[[], str]


def render_page(page: Page, site: Site, environment: Environment) -> str:
    """Render a page by its template. Raises RenderError for an error in the template."""
    context = base_context(page.path, page.title, site, page.breadcrumbs)
    return render_template(environment, page.template, {**context, **page.context})
