"""Pictures of the site's own files: how a tag of the clean text becomes one that names them.

The tag alone is written anew, out of attributes that the allowlist let through and of what is known of the files. In
place of a picture that is not here stand words: what it showed, where it was, and where a copy may be found.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from markupsafe import Markup

from newsarchive.articles import LocalPicture, Picture
from newsarchive.render.words import Words

if (
    TYPE_CHECKING
):  # the archive and all that makes it take a while, and a build in which nothing changed needs none of it
    from newsarchive.pictures.album import Shown

_COLUMN = 612  # CSS pixels: the measure of 36 characters of 17 pixels (theme/static/css/site.css)
_MIDDLE = 720  # pixels of the file that is named for readers that know no `srcset`

_QUOTED = r'(?:[^>"]|"[^"]*")*'
_TAG = re.compile(rf"<(?:(?P<picture>img)\b{_QUOTED}|(?P<link>a)\b{_QUOTED}|/(?P<end>a))>|<{_QUOTED}>")
_ATTRIBUTE = re.compile(r'\s([a-z]+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text with pictures stands: what leads to the root of the site from there, the article's date, and what
    is said of a picture that is not here. `plain` is for readers of feeds, who get one file and no style."""

    root: str
    date: datetime | None
    missing: str
    plain: bool = False


def show_pictures(text: str, shown: Shown, place: Place) -> str:
    """`text`, with its pictures as `shown` says. The words and all other tags stay as they are."""
    if not shown:
        return text
    in_link = False

    def write(match: re.Match[str]) -> str:
        nonlocal in_link
        if match["link"] or match["end"]:
            in_link = bool(match["link"])
        if not match["picture"]:
            return match[0]
        values = dict(_ATTRIBUTE.findall(match[0]))
        address = html.unescape(values.get("src", ""))
        if address not in shown:
            return match[0]
        local = shown[address]
        return _picture(values, local, place) if local else _missing(values, address, place, in_link)

    return _TAG.sub(write, text)


def _picture(values: dict[str, str], local: LocalPicture, place: Place) -> str:
    """The tag of a picture that is here. Of the values that come from the text, all are escaped as they stand."""
    width, height = _size(values, local)
    given: dict[str, str] = {
        "src": _file_for(local, _MIDDLE, place.root),
        **({} if place.plain else _choices(local, place.root, min(width, _COLUMN))),
        "width": str(width),
        "height": str(height),
        **{name: values[name] for name in ("alt", "loading", "decoding") if name in values},
    }
    told = " ".join(f'{name}="{value}"' for name, value in given.items())
    return f"<img {told}>"


def _size(values: dict[str, str], local: LocalPicture) -> tuple[int, int]:
    """As large as the article had it, but no larger than it is; its shape is its own."""
    width = min(local.width, int(values.get("width") or local.width))
    if "width" not in values and "height" in values:
        width = min(width, round(int(values["height"]) * local.width / local.height))
    width = max(1, width)
    return width, max(1, round(width * local.height / local.width))


def _choices(local: LocalPicture, root: str, width: int) -> dict[str, str]:
    """The files to choose from, how wide the picture will stand, and its colour until it is there."""
    tint = {"class": _tint(local)} if local.tint else {}
    files = _srcset(local, root)
    return {"srcset": files, "sizes": f"min(92vw,{width}px)", **tint} if files else tint


def _tint(local: LocalPicture) -> str:
    """Three classes of the style sheet: a policy without inline styles leaves no room for others."""
    return " ".join(map("".join, zip("rgb", local.tint, strict=False)))


def _srcset(local: LocalPicture, root: str) -> str:
    """All files with their widths; empty where there is no choice."""
    if local.moves or len(local.files) == 1:
        return ""
    return ", ".join(f"{root}{file.path} {file.width}w" for file in local.files)


def _file_for(local: LocalPicture, width: int, root: str) -> str:
    """The smallest file that is at least `width` wide, else the largest; of an animation, a card gets a still."""
    return root + next((file.path for file in local.files if file.width >= width), local.files[-1].path)


def _missing(values: dict[str, str], address: str, place: Place, in_link: bool) -> str:
    told = html.escape(archived(address, place.date))
    where = html.escape(address)
    name = html.escape(html.unescape(values.get("alt", "")))  # what is safe in an attribute need not be in a text
    named = f"{name}<br>" if name else ""
    link = where if in_link else f'<a href="{told}">{where}</a>'
    return f'<span class="missing">{named}{html.escape(place.missing)}<br>{link}</span>'


def archived(address: str, date: datetime | None) -> str:
    """Where the Wayback Machine has what stood at an address, about the time of the article."""
    return f"https://web.archive.org/web/{f'{date:%Y%m%d}/' if date else ''}{address}"


def lead_file(lead: Picture, root: str, width: int) -> str:
    """Where a lead image is, for a place that shows it about `width` pixels wide."""
    return _file_for(lead.local, width, root) if lead.local else lead.url


def lead_choices(lead: Picture, root: str, width: int) -> Markup:
    """The attributes by which a browser chooses among the files of a lead image, for a place `width` pixels wide."""
    given = _choices(lead.local, root, width) if lead.local else {}
    return Markup(" ").join(Markup('{}="{}"').format(name, value) for name, value in given.items())


def missing_words(words: Words) -> str:
    """What stands where a picture is not."""
    return words.say("This picture is not kept here. Where it was:")


def picture_filters() -> dict[str, Callable[..., str]]:
    """What templates may write after a bar for a lead image; docs/theme.md explains each."""
    return {
        "file": lead_file,
        "choices": lead_choices,
        "tint": lambda lead: f" {_tint(lead.local)}" if lead.local and lead.local.tint else "",
    }
