"""Find the files of the content folder, sorted by path, in whatever order the disk lists them.

The files are listed and not opened; `read_article` reads them.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from fnmatch import translate
from pathlib import Path

from msgspec import Struct

from newsarchive.diagnostics import Diagnostic
from newsarchive.fs.symlinks import is_inside
from newsarchive.read.visibility import in_drafts, is_in_drafts


class FoundFile(Struct, frozen=True):
    """A file of the content folder. `diagnostic` is the reason why it cannot be an article, or None."""

    path: str  # on disk
    source: str  # relative to the content root, with "/"; bytes that are not UTF-8 are written as \\xNN
    diagnostic: Diagnostic | None = None
    size: int = 0  # bytes
    modified: int = 0  # mtime, nanoseconds since 1970
    changed: int = 0  # ctime, nanoseconds since 1970: changes with the metadata too, and no program can set it back


def find_files(
    root: Path, extensions: Sequence[str], ignore: Sequence[str] = ("**/.*",), exclude: Sequence[str] = ()
) -> list[FoundFile]:
    """Return every file below `root`, sorted by `source`; files that cannot be articles have a `diagnostic`.

    - `extensions`: the extensions of articles, in lower case and without the dot.
    - `ignore`: glob patterns of file names to skip silently (Pelican's IGNORE_FILES).
    - `exclude`: folders relative to `root` to skip silently (hand-written pages, static files, rules).

    Raises OSError if `root` itself cannot be listed.
    """
    excluded = {os.path.normpath(folder) for folder in exclude}
    ignored = re.compile("|".join(translate(pattern.rpartition("/")[2]) for pattern in ignore) or r"\b\B")
    found = [_found_file(root, relative, entry, extensions) for relative, entry in _walk(root, ignored, excluded)]
    return sorted(found, key=lambda file: file.source)


def _walk(root: Path, ignored: re.Pattern[str], excluded: set[str]) -> Iterator[tuple[str, os.DirEntry[str] | None]]:
    """Yield (path relative to `root`, entry) of each file, and (path, None) of each folder that cannot be listed.

    A stack instead of recursion, so that no depth of folders exceeds Python's recursion limit.
    """
    pending = [""]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(root / folder) as listing:
                entries = list(listing)
        except OSError:
            if not folder:
                raise
            yield folder, None
            continue
        for entry in entries:
            relative = os.path.join(folder, entry.name)
            if relative in excluded or ignored.match(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                pending.append(relative)
            else:
                yield relative, entry


def _found_file(root: Path, relative: str, entry: os.DirEntry[str] | None, extensions: Sequence[str]) -> FoundFile:
    source = relative if relative.isascii() else os.fsencode(relative).decode("utf-8", "backslashreplace")
    source = source.replace(os.sep, "/")
    if is_in_drafts(source):
        return FoundFile(str(root / relative), source, in_drafts(source))
    if entry is None:
        diagnostic = Diagnostic("unreadable", source, "folder cannot be listed", "check its permissions")
        return FoundFile(str(root / relative), source, diagnostic)
    try:
        if entry.is_symlink() and not is_inside(Path(entry.path), root):
            message = "symbolic link leads out of the content folder"
            diagnostic = Diagnostic("symbolic-link", source, message, "copy the file here instead")
            return FoundFile(entry.path, source, diagnostic)
        status = entry.stat()
    except OSError as error:
        diagnostic = Diagnostic("unreadable", source, f"file cannot be read: {error.strerror}", "remove or repair it")
        return FoundFile(entry.path, source, diagnostic)
    problem = _check_type(status.st_mode, source, extensions)
    return FoundFile(entry.path, source, problem, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _check_type(mode: int, source: str, extensions: Sequence[str]) -> Diagnostic | None:
    """Return the reason why a file of this type (`st_mode`) and extension cannot be an article, or None."""
    if stat.S_ISDIR(mode):  # the target of a link: `_walk` never yields a real folder that it can list
        return Diagnostic("symbolic-link", source, "links to folders are not followed", "move the folder here instead")
    if not stat.S_ISREG(mode):
        return Diagnostic("not-a-file", source, "neither a file nor a folder", "remove it")
    if os.path.splitext(source)[1][1:].lower() not in extensions:
        wanted = ", ".join(f".{extension}" for extension in extensions)
        return Diagnostic(
            "not-an-article",
            source,
            f"articles end in {wanted}",
            "rename it, move it under a folder of STATIC_PATHS, or name its ending in NEWSARCHIVE_ARTICLE_EXTENSIONS",
        )
    return None
