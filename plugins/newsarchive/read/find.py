"""Which files there are. Sorted by name, whatever order the disk lists them in."""

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
    """A file of the content folder; `problem` says why it cannot be an article, if so."""

    path: str  # on the disk
    source: str  # relative to the content root, with "/"; bytes that are no UTF-8 stand as \\xNN
    diagnostic: Diagnostic | None = None
    size: int = 0  # bytes
    modified: int = 0  # nanoseconds since 1970, by the disk
    changed: int = 0  # the same of anything about the file; no program can set it back


def find_files(
    root: Path, extensions: Sequence[str], ignore: Sequence[str] = ("**/.*",), left_out: Sequence[str] = ()
) -> list[FoundFile]:
    """Every file below `root` in order of its name, articles or not.

    `extensions` are lower-case endings without the dot; `ignore` are glob patterns for names that nobody means as
    content (Pelican's IGNORE_FILES); `left_out` are folders, relative to `root`, that belong to somebody else
    (hand-made pages, static files, rules).
    """
    excluded = {os.path.normpath(folder) for folder in left_out}
    ignored = re.compile("|".join(translate(pattern.rpartition("/")[2]) for pattern in ignore) or r"\b\B")
    found = [_judge(root, relative, entry, extensions) for relative, entry in _walk(root, ignored, excluded)]
    return sorted(found, key=lambda file: file.source)


def _walk(root: Path, ignored: re.Pattern[str], excluded: set[str]) -> Iterator[tuple[str, os.DirEntry[str] | None]]:
    """(path, entry) of files below `root`; without an entry, of folders that cannot be listed. No recursion, for any
    depth."""
    pending = [""]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(root / folder) as listing:
                entries = list(listing)
        except OSError:
            if not folder:
                raise
            yield folder, None  # what cannot be listed is reported as it stands
            continue
        for entry in entries:
            relative = os.path.join(folder, entry.name)
            if relative in excluded or ignored.match(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                pending.append(relative)
            else:
                yield relative, entry


def _judge(root: Path, relative: str, entry: os.DirEntry[str] | None, extensions: Sequence[str]) -> FoundFile:
    source = relative if relative.isascii() else os.fsencode(relative).decode("utf-8", "backslashreplace")
    source = source.replace(os.sep, "/")
    if is_in_drafts(source):
        return FoundFile(str(root / relative), source, in_drafts(source))
    if entry is None:
        diagnostic = Diagnostic("unreadable", source, "folder cannot be listed", "check its permissions")
        return FoundFile(str(root / relative), source, diagnostic)
    try:
        if entry.is_symlink() and not is_inside(Path(entry.path), root):
            leads_out = "symbolic link leads out of the content folder"
            diagnostic = Diagnostic("symbolic-link", source, leads_out, "copy the file here instead")
            return FoundFile(entry.path, source, diagnostic)
        status = entry.stat()
    except OSError as error:
        diagnostic = Diagnostic("unreadable", source, f"file cannot be read: {error.strerror}", "remove or repair it")
        return FoundFile(entry.path, source, diagnostic)
    wrong = _what_is_wrong(status.st_mode, source, extensions)
    return FoundFile(entry.path, source, wrong, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _what_is_wrong(mode: int, source: str, extensions: Sequence[str]) -> Diagnostic | None:
    if stat.S_ISDIR(mode):  # behind a link: others are walked into
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
