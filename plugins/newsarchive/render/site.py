"""The context of every template: the site, the page's head, the path to the root. docs/theme.md is the reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from newsarchive.i18n import Translations
from newsarchive.models import UNCATEGORISED

if TYPE_CHECKING:
    from newsarchive.collect import Archive


class Link(Struct, frozen=True):
    """A text and its address, relative to the output folder; without an address it is shown as text."""

    name: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """What all pages share. It counts no articles: a new article would change every page."""

    name: str
    subtitle: str
    url: str  # SITEURL without a slash at its end; "" where the site is not published
    language: str
    right_to_left: bool
    sections: tuple[Link, ...]
    pages: tuple[Link, ...]  # hand-made ones
    searchable: bool = False
    remote_images: bool = True  # pages may show images from other hosts


def label_uncategorised(archive: Archive, translations: Translations) -> Archive:
    """Return the archive with the section "Uncategorised" named in the site's language; its address stays."""
    sections = (
        replace(section, name=translations.gettext("Uncategorised")) if section.path == (UNCATEGORISED,) else section
        for section in archive.sections
    )
    return replace(archive, sections=tuple(sections))


def describe_site(
    archive: Archive,
    name: str,
    subtitle: str,
    url: str,
    translations: Translations,
    pages: Sequence[Link],
    searchable: bool = False,
    remote_images: bool = True,
) -> Site:
    """Return the site of an archive; `url` is SITEURL."""
    sections = tuple(Link(section.name, section.url) for section in label_uncategorised(archive, translations).sections)
    right_to_left = translations.locale.text_direction == "rtl"
    return Site(
        name=name,
        subtitle=subtitle,
        url=url.rstrip("/"),
        language=translations.language,
        right_to_left=right_to_left,
        sections=sections,
        pages=tuple(pages),
        searchable=searchable,
        remote_images=remote_images,
    )


def base_context(path: str, title: str, site: Site, breadcrumbs: Sequence[Link] = ()) -> dict[str, Any]:
    """Return the names that `base.html` needs on the page at `path`; an empty `title` shows the site's name."""
    return {"site": site, "title": title, "root": root_of(path, site), "path": path, "breadcrumbs": breadcrumbs}


def root_of(path: str, site: Site) -> str:
    """Return the path from a page to the root, so that links work on `file://` and under any base path.

    Servers show `404.html` at addresses of any depth, so its links are absolute if the site has an address.
    """
    if path == "404.html" and site.url:
        return f"{site.url}/"
    return "../" * path.count("/")
