"""What every template is given: the site, the page's head, the way back to the root. docs/theme.md is the reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from newsarchive.collect import Archive


@dataclass(frozen=True, slots=True)
class Link:
    """Words and where they lead, relative to the output folder; an empty address is a place without a page."""

    name: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """What all pages share. Nothing here counts articles: else each new one would change every page."""

    name: str
    subtitle: str
    url: str  # SITEURL without a slash at its end; "" where the site is not published
    language: str
    sections: Sequence[Link]
    pages: Sequence[Link]  # hand-made ones
    searchable: bool = False


def describe_site(
    archive: Archive,
    name: str,
    subtitle: str,
    url: str,
    language: str,
    pages: Sequence[Link],
    searchable: bool = False,
) -> Site:
    """The site of an archive."""
    sections = tuple(Link(section.name, section.url) for section in archive.sections)
    return Site(name, subtitle, url.rstrip("/"), language, sections, tuple(pages), searchable)


def base_context(path: str, title: str, site: Site, breadcrumbs: Sequence[Link] = ()) -> dict[str, Any]:
    """The names that `base.html` needs on the page at `path`; an empty `title` is the site's own."""
    return {"site": site, "title": title, "root": root_of(path, site), "path": path, "breadcrumbs": breadcrumbs}


def root_of(path: str, site: Site) -> str:
    """From a page back to the root, so that links work on `file://` and under any base path.

    `404.html` is shown at addresses of any depth, so its links are absolute where the site's address is known.
    """
    if path == "404.html" and site.url:
        return f"{site.url}/"
    return "../" * path.count("/")
