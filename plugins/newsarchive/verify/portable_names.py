"""Find file names that some system rejects: Windows, macOS (which ignores case), GitHub Pages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from newsarchive.diagnostics import Diagnostic
from newsarchive.verify.site import Site

# learn.microsoft.com/windows/win32/fileio/naming-a-file, and U+007F, which is never intended.
_INVALID_CHARACTERS = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)

MAX_PATH_LENGTH = 240
"""Characters. Windows opens paths of 260 by default; the rest is for the folder that the site is unpacked into."""

_HINT = "give it another name"


def check_portable_names(site: Site) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each name that cannot be published or copied everywhere."""
    for path, file_type in site.refused.items():
        yield Diagnostic("name", path, f"{file_type}, which is not published", "put a file there, or take it out")
    for path in site.sizes:
        yield from _check_path(path)
    yield from _check_case(site)


def _check_path(path: str) -> Iterator[Diagnostic]:
    if len(path) > MAX_PATH_LENGTH:
        message = f"longer than {MAX_PATH_LENGTH} characters, which Windows may not open"
        yield Diagnostic("name", path, message, "shorten it")
    for name in path.split("/"):
        if name.startswith("."):
            yield Diagnostic("name", path, "a name that begins with a dot is not published", _HINT)
        if name.startswith("_"):
            yield Diagnostic("name", path, "GitHub Pages may leave out what begins with _", _HINT)
        if _RESERVED.fullmatch(name):
            yield Diagnostic("name", path, f"Windows reserves the name {name}", _HINT)
        if _INVALID_CHARACTERS.search(name) or name.endswith((".", " ")):
            yield Diagnostic("name", path, "Windows rejects the name", _HINT)


def _check_case(site: Site) -> Iterator[Diagnostic]:
    seen: dict[str, str] = {}
    for path in (*site.sizes, *sorted(site.folders)):
        folded = unicodedata.normalize("NFC", path).casefold()
        first = seen.setdefault(folded, path)
        if first != path:
            yield Diagnostic("name", path, f"on Windows and macOS the same as {first}", _HINT)
