"""Files to be: pages by a template, and others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from jinja2 import Environment

from newsarchive.render.site import Link, Site, base_context


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be; `context` are the names that its template gets beside the base context (docs/theme.md)."""

    path: str
    template: str
    title: str  # "" is the site's own
    context: Mapping[str, Any]
    breadcrumbs: Sequence[Link] = field(default=())


class File(NamedTuple):
    """A file to be that has no template: where, all that it is made of beside the site, and how it is made."""

    path: str
    inputs: tuple[object, ...]
    make: Callable[[], str]


def render_page(page: Page, site: Site, environment: Environment) -> str:
    """A page by its template."""
    context = base_context(page.path, page.title, site, page.breadcrumbs)
    return environment.get_template(page.template).render({**context, **page.context})
