"""Style sheets: what they load lies in the site."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsarchive.diagnostics import Diagnostic
from newsarchive.verify.site import Site

_LOADED = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def check_stylesheet(path: str, site: Site) -> Iterator[Diagnostic]:
    """Every address in a style sheet that is none of the site's files."""
    text = _COMMENT.sub("", site.read(path).decode("utf-8", "replace"))
    for match in _LOADED.finditer(text):
        url = match[1] or match[2]
        place = site.find(url, path)
        if place.scheme == "data" or url.startswith("#"):
            continue
        if place.scheme or place.host:
            yield Diagnostic("outside", path, f"{url} comes from elsewhere", "keep the file in the site")
        elif place.reason:
            yield Diagnostic("link", path, f"{url} {place.reason}", "put the file there, or mend the address")
