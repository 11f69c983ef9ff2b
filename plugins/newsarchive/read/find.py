"""Which files there are. Sorted by name, whatever order the disk lists them in."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from newsarchive.problems import Problem


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file of the content folder; `problem` says why it cannot be an article, if so."""

    path: Path
    source: str  # relative to the content root, with "/"; bytes that are no UTF-8 stand as \\xNN
    problem: Problem | None = None


def find_files(
    root: Path, extensions: Sequence[str], ignore: Sequence[str] = ("**/.*",), left_out: Sequence[str] = ()
) -> list[FoundFile]:
    """Every file below `root` in order of its name, articles or not.

    `extensions` are lower-case endings without the dot; `ignore` are glob patterns for names that nobody means as
    content (Pelican's IGNORE_FILES); `left_out` are folders, relative to `root`, that belong to somebody else
    (hand-made pages, static files, rules).
    """
    excluded = {os.path.normpath(folder) for folder in left_out}
    found = [_judge(root, relative, extensions) for relative in _walk(root, ignore, excluded)]
    return sorted(found, key=lambda file: file.source)


def _walk(root: Path, ignore: Sequence[str], excluded: set[str]) -> Iterator[str]:
    """Paths of files below `root`, and of folders that cannot be listed; without recursion, for any depth."""
    pending = [""]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(root / folder) as listing:
                entries = list(listing)
        except OSError:
            if not folder:
                raise
            yield folder  # what cannot be listed is reported as it stands
            continue
        for entry in entries:
            relative = os.path.join(folder, entry.name)
            if relative in excluded or _is_ignored(entry.name, ignore):
                continue
            if entry.is_dir(follow_symlinks=False):
                pending.append(relative)
            else:
                yield relative


def _is_ignored(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch(name, pattern.rpartition("/")[2]) for pattern in patterns)


def _judge(root: Path, relative: str, extensions: Sequence[str]) -> FoundFile:
    path = root / relative
    source = os.fsencode(path.relative_to(root).as_posix()).decode("utf-8", "backslashreplace")
    return FoundFile(path, source, _what_is_wrong(root, path, source, extensions))


def _what_is_wrong(root: Path, path: Path, source: str, extensions: Sequence[str]) -> Problem | None:  # noqa: PLR0911
    if path.is_symlink() and not _stays_inside(root, path):
        return Problem(
            "symbolic-link", source, "symbolic link leads out of the content folder", "copy the file here instead"
        )
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return Problem("unreadable", source, f"file cannot be read: {error.strerror}", "remove or repair it")
    if stat.S_ISDIR(mode):
        if path.is_symlink():
            return Problem("symbolic-link", source, "links to folders are not followed", "move the folder here instead")
        return Problem("unreadable", source, "folder cannot be listed", "check its permissions")
    if not stat.S_ISREG(mode):
        return Problem("not-a-file", source, "neither a file nor a folder", "remove it")
    if path.suffix[1:].lower() not in extensions:
        wanted = ", ".join(f".{extension}" for extension in extensions)
        return Problem(
            "not-an-article",
            source,
            f"articles end in {wanted}",
            "rename it, move it under a folder of STATIC_PATHS, or name its ending in NEWSARCHIVE_ARTICLE_EXTENSIONS",
        )
    return None


def _stays_inside(root: Path, path: Path) -> bool:
    try:
        return path.resolve(strict=True).is_relative_to(root.resolve())
    except (OSError, RuntimeError):  # broken, or a circle
        return False
