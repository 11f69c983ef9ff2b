"""Symbolic links: what lies below a folder is read there, and nowhere else. A crawler, or somebody's pull request, may
bring a link; it leads neither out of its folder nor in a circle."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from newsarchive.diagnostics import Diagnostic


def is_inside(path: Path, root: Path) -> bool:
    """False for what leads out of `root`, leads nowhere, or leads in a circle."""
    try:
        return path.resolve(strict=True).is_relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):  # a name that no disk takes is a ValueError
        return False


def files_below(folder: Path) -> Iterator[Path]:
    """Every file below `folder`, by name; links to folders are not followed. Raises OSError."""
    return (Path(entry.path) for entry in _walk(folder) if entry.is_file())


def files_in(folder: Path, suffix: str) -> list[Path]:
    """The files of a folder that end so, by name; none where there is no such folder. Raises OSError for a folder that
    cannot be listed, which `Path.glob` would find empty."""
    try:
        return [folder / name for name in sorted(os.listdir(folder)) if name.endswith(suffix)]
    except (FileNotFoundError, NotADirectoryError):
        return []


def find_refused_links(folder: Path, root: Path) -> Iterator[tuple[Path, Diagnostic]]:
    """The links that are not followed, and why: those below `folder` that lead to folders or out of `root`, and
    `folder` itself where it leads out. Raises OSError."""
    if folder != root and folder.exists() and not is_inside(folder, root):
        yield folder, _diagnostic(folder, f"leads out of {root}")
        return
    for entry in _walk(folder):
        if entry.is_symlink():
            link = Path(entry.path)
            if not is_inside(link, root):
                yield link, _diagnostic(link, f"symbolic link leads out of {root}, or nowhere")
            elif link.is_dir():
                yield link, _diagnostic(link, "links to folders are not followed")


def scan_files(folder: Path) -> tuple[dict[str, tuple[int, int]], set[str]]:
    """(size, time of change) of every regular file below `folder`, and the symbolic links there, by their paths in it.
    What must not be looked into is nobody's of ours, and neither are pipes."""
    files: dict[str, tuple[int, int]] = {}
    links: set[str] = set()
    pending = [""]
    while pending:
        below = pending.pop()
        try:
            with os.scandir(folder / below) as entries:
                for entry in entries:
                    path = f"{below}{entry.name}"
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
    """All that is below `folder` but real folders, sorted in each. No recursion, for any depth. Raises OSError."""
    pending = [folder]
    while pending:
        try:
            with os.scandir(pending.pop()) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):  # no such folder is as good as an empty one
            continue
        folders = [entry for entry in listed if entry.is_dir(follow_symlinks=False)]
        pending += [Path(entry.path) for entry in reversed(folders)]
        yield from (entry for entry in listed if entry not in folders)


def _diagnostic(link: Path, what: str) -> Diagnostic:
    return Diagnostic("symbolic-link", str(link), what, "copy here what it leads to")
