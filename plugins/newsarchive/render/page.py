"""A page to be: where, by which template, and what that template is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from newsarchive.render.site import Link


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be; `context` are the names that its template gets beside the base context (docs/theme.md)."""

    path: str
    template: str
    title: str  # "" is the site's own
    context: Mapping[str, Any]
    breadcrumbs: Sequence[Link] = field(default=())
