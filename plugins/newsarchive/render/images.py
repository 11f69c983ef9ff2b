"""Show stored images: replace the image tags of a clean text by tags for the site's own files.

Only image tags change. They keep attributes that passed the allowlist and get the sizes of the stored files. An image
that is not stored becomes text: its description, its address, and a link to an archived copy.
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

# Importing the archive takes a while, and a build in which nothing changed does not need it.
if TYPE_CHECKING:
    from newsarchive.images.image_selection import Shown

_COLUMN = 612  # CSS pixels: the measure of 36 characters of 17 pixels (theme/static/css/site.css)
_MIDDLE = 720  # pixels of the file for readers without `srcset`

_TAG = re.compile(rf"<(?:(?P<image>img)\b{IN_TAG}|(?P<link>a)\b{IN_TAG}|/(?P<end>a))>|<{IN_TAG}>")
_ATTRIBUTE = re.compile(r'\s([a-z]+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class ImageContext:
    """What the images of one text need to know: the path to the root of the site, the article's date, and the text for
    an image that is not stored. `plain` is for feeds, which have no `srcset` and no style sheet."""

    root: str
    date: datetime | None
    missing: str
    plain: bool = False


def show_images(text: str, shown: Shown, context: ImageContext) -> str:
    """Return `text` with its images replaced as `shown` says. The words and all other tags stay as they are."""
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
    """Return the tag of a stored image. The values from the text are escaped already."""
    width, height = _size(values, local)
    given: dict[str, str] = {
        "src": _file_for(local, _MIDDLE, context.root),
        **({} if context.plain else _choices(local, context.root, min(width, _COLUMN))),
        "width": str(width),
        "height": str(height),
        **{name: values[name] for name in ("alt", "loading", "decoding") if name in values},
    }
    attributes = " ".join(f'{name}="{value}"' for name, value in given.items())
    return f"<img {attributes}>"


def _size(values: dict[str, str], local: LocalImage) -> tuple[int, int]:
    """Return (width, height): the size in the article, limited to the size of the file, in the shape of the file."""
    width = min(local.width, int(values.get("width") or local.width))
    if "width" not in values and "height" in values:
        width = min(width, round(int(values["height"]) * local.width / local.height))
    width = max(1, width)
    return width, max(1, round(width * local.height / local.width))


def _choices(local: LocalImage, root: str, width: int) -> dict[str, str]:
    """Return the attributes for choosing a file, and the class that shows a colour until the file is loaded."""
    colour = {"class": _dominant_colour(local)} if local.dominant_colour else {}
    files = _srcset(local, root)
    return {"srcset": files, "sizes": f"min(92vw,{width}px)", **colour} if files else colour


def _dominant_colour(local: LocalImage) -> str:
    """Return three classes of the style sheet, because the policy forbids inline styles."""
    return " ".join(map("".join, zip("rgb", local.dominant_colour, strict=False)))


def _srcset(local: LocalImage, root: str) -> str:
    """Return all files with their widths; "" if there is no choice."""
    if local.is_animated or len(local.files) == 1:
        return ""
    return ", ".join(f"{root}{file.path} {file.width}w" for file in local.files)


def _file_for(local: LocalImage, width: int, root: str) -> str:
    """Return the smallest file that is at least `width` pixels wide, else the largest."""
    return root + next((file.path for file in local.files if file.width >= width), local.files[-1].path)


def _missing(values: dict[str, str], address: str, context: ImageContext, in_link: bool) -> str:
    copy = html.escape(archived(address, context.date))
    where = html.escape(address)
    name = html.escape(html.unescape(values.get("alt", "")))  # text needs other escapes than an attribute
    named = f"{name}<br>" if name else ""
    link = where if in_link else f'<a href="{copy}">{where}</a>'
    return f'<span class="missing">{named}{html.escape(context.missing)}<br>{link}</span>'


def archived(address: str, date: datetime | None) -> str:
    """Return the address of the Wayback Machine for `address` around `date`."""
    return f"https://web.archive.org/web/{f'{date:%Y%m%d}/' if date else ''}{address}"


def lead_file(lead: Image, root: str, width: int) -> str:
    """Return the address of a lead image that is shown about `width` pixels wide."""
    return _file_for(lead.local, width, root) if lead.local else lead.url


def lead_choices(lead: Image, root: str, width: int) -> Markup:
    """Return the attributes by which a browser chooses a file of a lead image that is shown `width` pixels wide."""
    given = _choices(lead.local, root, width) if lead.local else {}
    return Markup(" ").join(Markup('{}="{}"').format(name, value) for name, value in given.items())


def missing_image_text(translations: Translations) -> str:
    """Return the text that replaces an image that is not stored."""
    return translations.gettext("This image is not kept here. Where it was:")


def image_filters() -> dict[str, Callable[..., str]]:
    """Return the filters for lead images; docs/theme.md explains each."""
    return {
        "file": lead_file,
        "choices": lead_choices,
        "dominant_colour": lambda lead: (
            f" {_dominant_colour(lead.local)}" if lead.local and lead.local.dominant_colour else ""
        ),
    }
