"""Style sheets: what they load lies in the site."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsarchive.problems import Problem
from newsarchive.verify.site import Site

_LOADED = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def check_sheet(path: str, site: Site) -> Iterator[Problem]:
    """Every address in a style sheet that is none of the site's files."""
    text = _COMMENT.sub("", site.read(path).decode("utf-8", "replace"))
    for match in _LOADED.finditer(text):
        url = match[1] or match[2]
        place = site.find(url, path)
        if place.scheme == "data" or url.startswith("#"):
            continue
        if place.scheme or place.host:
            yield Problem("outside", path, f"{url} comes from elsewhere", "keep the file in the site")
        elif place.fault:
            yield Problem("link", path, f"{url} {place.fault}", "put the file there, or mend the address")
