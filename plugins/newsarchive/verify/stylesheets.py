"""Check that style sheets load only files of the site: `url(…)` and `@import`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsarchive.diagnostics import Diagnostic
from newsarchive.verify.site import Site

_LOADED = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def check_stylesheet(path: str, site: Site) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each address in a style sheet that is not a file of the site. Raises RefusedFile."""
    text = _COMMENT.sub("", site.read(path).decode("utf-8", "replace"))
    for match in _LOADED.finditer(text):
        url = match[1] or match[2]
        target = site.resolve_link(url, path)
        if target.scheme == "data" or url.startswith("#"):
            continue
        if target.scheme or target.host:
            yield Diagnostic("outside", path, f"{url} is loaded from another site", "keep the file in the site")
        elif target.reason:
            yield Diagnostic("link", path, f"{url} {target.reason}", "put the file there, or correct the address")
