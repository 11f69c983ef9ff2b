"""Names that some system will not take: Windows, macOS (where capitals do not count), GitHub Pages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from newsarchive.diagnostics import Diagnostic
from newsarchive.verify.site import Site

# learn.microsoft.com/windows/win32/fileio/naming-a-file; a control character is in no name that a person means.
_REFUSED_CHARACTERS = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)

MOST_CHARACTERS = 240
"""Windows opens paths of 260 by default; the rest is for the folder that the site is unpacked into."""

_REPAIR = "give it another name"


def check_portable_names(site: Site) -> Iterator[Diagnostic]:
    """Every name that would not arrive."""
    for path, what in site.refused.items():
        yield Diagnostic("name", path, f"{what}, which is not published", "put a file there, or take it out")
    for path in site.sizes:
        yield from _check_path(path)
    yield from _check_case(site)


def _check_path(path: str) -> Iterator[Diagnostic]:
    if len(path) > MOST_CHARACTERS:
        diagnostic = f"longer than {MOST_CHARACTERS} characters, which Windows may not open"
        yield Diagnostic("name", path, diagnostic, "shorten it")
    for name in path.split("/"):
        if name.startswith("."):
            yield Diagnostic("name", path, "a name that begins with a dot is not published", _REPAIR)
        if name.startswith("_"):
            yield Diagnostic("name", path, "GitHub Pages may leave out what begins with _", _REPAIR)
        if _RESERVED.fullmatch(name):
            yield Diagnostic("name", path, f"Windows keeps the name {name} for itself", _REPAIR)
        if _REFUSED_CHARACTERS.search(name) or name.endswith((".", " ")):
            yield Diagnostic("name", path, "Windows refuses the name", _REPAIR)


def _check_case(site: Site) -> Iterator[Diagnostic]:
    seen: dict[str, str] = {}
    for path in (*site.sizes, *sorted(site.folders)):
        folded = unicodedata.normalize("NFC", path).casefold()
        first = seen.setdefault(folded, path)
        if first != path:
            yield Diagnostic("name", path, f"on Windows and macOS the same as {first}", _REPAIR)
