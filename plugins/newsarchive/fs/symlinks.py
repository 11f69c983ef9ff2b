"""List files without following symbolic links out of a folder.

A crawler or a pull request may add a link. It must not publish a file from outside the folder, nor lead in a circle.
For folders that other people made, `untrusted_files` follows no link at all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from newsarchive.diagnostics import Diagnostic


def is_inside(path: Path, root: Path) -> bool:
    """Return True if `path` is in `root` with all links resolved; False for a broken or circular link too."""
    try:
        return path.resolve(strict=True).is_relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):  # ValueError: a name that no file system accepts, as with "\0"
        return False


def files_below(folder: Path) -> Iterator[Path]:
    """Yield every file below `folder`, sorted by name in each folder. Does not follow links to folders. Raises OSError.

    A folder that does not exist has no files.
    """
    return (Path(entry.path) for entry in _walk(folder) if entry.is_file())


def files_in(folder: Path, suffix: str) -> list[Path]:
    """Return the files of a folder whose names end with `suffix`, sorted; none if the folder does not exist.

    Raises OSError if the folder cannot be listed. `Path.glob` would return nothing.
    """
    try:
        return [folder / name for name in sorted(os.listdir(folder)) if name.endswith(suffix)]
    except (FileNotFoundError, NotADirectoryError):
        return []


def find_refused_links(folder: Path, root: Path) -> Iterator[tuple[Path, Diagnostic]]:
    """Yield (link, reason) of each link that is not followed.

    These are the links below `folder` that lead to folders or out of `root`, and `folder` itself if it leads out of
    `root`. Raises OSError.
    """
    if folder != root and folder.exists() and not is_inside(folder, root):
        yield folder, _diagnostic(folder, f"leads out of {root}")
        return
    for entry in _walk(folder):
        if entry.is_symlink():
            link = Path(entry.path)
            if not is_inside(link, root):
                yield link, _diagnostic(link, f"symbolic link leads out of {root}, or to no file")
            elif link.is_dir():
                yield link, _diagnostic(link, "links to folders are not followed")


def scan_files(folder: Path) -> tuple[dict[str, tuple[int, int]], set[str]]:
    """Return the regular files and the symbolic links below `folder`, by their paths relative to it.

    A file has its (size in bytes, mtime in nanoseconds). Skips pipes, devices, and folders without permission: the
    archive did not make them.
    """
    files: dict[str, tuple[int, int]] = {}
    links: set[str] = set()
    pending = [""]
    while pending:
        prefix = pending.pop()
        try:
            with os.scandir(folder / prefix) as entries:
                for entry in entries:
                    path = f"{prefix}{entry.name}"
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(f"{path}/")
                    elif entry.is_symlink():
                        links.add(path)
                    elif entry.is_file(follow_symlinks=False):
                        status = entry.stat(follow_symlinks=False)
                        files[path] = (status.st_size, status.st_mtime_ns)
        except (FileNotFoundError, PermissionError):
            continue
    return files, links


def _walk(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Yield everything below `folder` except real folders, sorted by name in each folder. Raises OSError.

    A stack instead of recursion, so that no depth of folders exceeds Python's recursion limit.
    """
    pending = [folder]
    while pending:
        try:
            with os.scandir(pending.pop()) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):  # a folder that does not exist counts as empty
            continue
        folders = [entry for entry in listed if entry.is_dir(follow_symlinks=False)]
        pending += [Path(entry.path) for entry in reversed(folders)]
        yield from (entry for entry in listed if entry not in folders)


def _diagnostic(link: Path, message: str) -> Diagnostic:
    return Diagnostic("symbolic-link", str(link), message, "replace it with a copy of its target")
