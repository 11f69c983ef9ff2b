"""Images of the site's own files: how a tag of the clean text becomes one that names them.

The tag alone is written anew, out of attributes that the allowlist let through and of what is known of the files. In
place of an image that is not here stand words: what it showed, where it was, and where a copy may be found.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from markupsafe import Markup

from newsarchive.i18n import Translations
from newsarchive.models import IN_TAG, Image, LocalImage

if (
    TYPE_CHECKING
):  # the archive and all that makes it take a while, and a build in which nothing changed needs none of it
    from newsarchive.images.image_selection import Shown

_COLUMN = 612  # CSS pixels: the measure of 36 characters of 17 pixels (theme/static/css/site.css)
_MIDDLE = 720  # pixels of the file that is named for readers that know no `srcset`

_TAG = re.compile(rf"<(?:(?P<image>img)\b{IN_TAG}|(?P<link>a)\b{IN_TAG}|/(?P<end>a))>|<{IN_TAG}>")
_ATTRIBUTE = re.compile(r'\s([a-z]+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class ImageContext:
    """Where a text with images stands: what leads to the root of the site from there, the article's date, and what
    is said of an image that is not here. `plain` is for readers of feeds, who get one file and no style."""

    root: str
    date: datetime | None
    missing: str
    plain: bool = False


def show_images(text: str, shown: Shown, context: ImageContext) -> str:
    """`text`, with its images as `shown` says. The words and all other tags stay as they are."""
    if not shown:
        return text
    in_link = False

    def write(match: re.Match[str]) -> str:
        nonlocal in_link
        if match["link"] or match["end"]:
            in_link = bool(match["link"])
        if not match["image"]:
            return match[0]
        values = dict(_ATTRIBUTE.findall(match[0]))
        address = html.unescape(values.get("src", ""))
        if address not in shown:
            return match[0]
        local = shown[address]
        return _image(values, local, context) if local else _missing(values, address, context, in_link)

    return _TAG.sub(write, text)


def _image(values: dict[str, str], local: LocalImage, context: ImageContext) -> str:
    """The tag of an image that is here. Of the values that come from the text, all are escaped as they stand."""
    width, height = _size(values, local)
    given: dict[str, str] = {
        "src": _file_for(local, _MIDDLE, context.root),
        **({} if context.plain else _choices(local, context.root, min(width, _COLUMN))),
        "width": str(width),
        "height": str(height),
        **{name: values[name] for name in ("alt", "loading", "decoding") if name in values},
    }
    told = " ".join(f'{name}="{value}"' for name, value in given.items())
    return f"<img {told}>"


def _size(values: dict[str, str], local: LocalImage) -> tuple[int, int]:
    """As large as the article had it, but no larger than it is; its shape is its own."""
    width = min(local.width, int(values.get("width") or local.width))
    if "width" not in values and "height" in values:
        width = min(width, round(int(values["height"]) * local.width / local.height))
    width = max(1, width)
    return width, max(1, round(width * local.height / local.width))


def _choices(local: LocalImage, root: str, width: int) -> dict[str, str]:
    """The files to choose from, how wide the image will stand, and its colour until it is there."""
    colour = {"class": _dominant_colour(local)} if local.dominant_colour else {}
    files = _srcset(local, root)
    return {"srcset": files, "sizes": f"min(92vw,{width}px)", **colour} if files else colour


def _dominant_colour(local: LocalImage) -> str:
    """Three classes of the style sheet: a policy without inline styles leaves no room for others."""
    return " ".join(map("".join, zip("rgb", local.dominant_colour, strict=False)))


def _srcset(local: LocalImage, root: str) -> str:
    """All files with their widths; empty where there is no choice."""
    if local.is_animated or len(local.files) == 1:
        return ""
    return ", ".join(f"{root}{file.path} {file.width}w" for file in local.files)


def _file_for(local: LocalImage, width: int, root: str) -> str:
    """The smallest file that is at least `width` wide, else the largest; of an animation, a card gets a still."""
    return root + next((file.path for file in local.files if file.width >= width), local.files[-1].path)


def _missing(values: dict[str, str], address: str, context: ImageContext, in_link: bool) -> str:
    told = html.escape(archived(address, context.date))
    where = html.escape(address)
    name = html.escape(html.unescape(values.get("alt", "")))  # what is safe in an attribute need not be in a text
    named = f"{name}<br>" if name else ""
    link = where if in_link else f'<a href="{told}">{where}</a>'
    return f'<span class="missing">{named}{html.escape(context.missing)}<br>{link}</span>'


def archived(address: str, date: datetime | None) -> str:
    """Where the Wayback Machine has what stood at an address, about the time of the article."""
    return f"https://web.archive.org/web/{f'{date:%Y%m%d}/' if date else ''}{address}"


def lead_file(lead: Image, root: str, width: int) -> str:
    """Where a lead image is, for a place that shows it about `width` pixels wide."""
    return _file_for(lead.local, width, root) if lead.local else lead.url


def lead_choices(lead: Image, root: str, width: int) -> Markup:
    """The attributes by which a browser chooses among the files of a lead image, for a place `width` pixels wide."""
    given = _choices(lead.local, root, width) if lead.local else {}
    return Markup(" ").join(Markup('{}="{}"').format(name, value) for name, value in given.items())


def missing_image_text(translations: Translations) -> str:
    """What stands where an image is not."""
    return translations.gettext("This image is not kept here. Where it was:")


def image_filters() -> dict[str, Callable[..., str]]:
    """What templates may write after a bar for a lead image; docs/theme.md explains each."""
    return {
        "file": lead_file,
        "choices": lead_choices,
        "dominant_colour": lambda lead: (
            f" {_dominant_colour(lead.local)}" if lead.local and lead.local.dominant_colour else ""
        ),
    }
