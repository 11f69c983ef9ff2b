"""List hand-written pages, static files and the theme's files, without symbolic links that lead elsewhere.

Pelican follows links out of the content folder and in circles, and takes a folder that it cannot list for an empty one.
It gets the lists of this module instead.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterable, Sequence
from fnmatch import fnmatch
from pathlib import Path

from newsarchive.fs.symlinks import files_below, find_refused_links

logger = logging.getLogger(__name__)


def list_static_files(
    content: Path, paths: Sequence[str], exclude: Sequence[str], endings: Collection[str] | None, ignored: Sequence[str]
) -> set[str]:
    """Return the files at and below `paths`, as paths relative to `content`.

    - `paths`, `exclude`: files and folders relative to `content`.
    - `endings`: the extensions to list, without the dot; None lists all.
    - `ignored`: glob patterns for names of files and folders.

    Logs an error for each link that is not followed. Raises OSError if a folder cannot be listed.
    """
    found = [path for each in paths for path in _files_below(content, content / each)]
    excluded = [content / each for each in exclude if each]  # Pelican adds "", which excludes nothing
    return {
        os.path.relpath(path, content)
        for path in found
        if not any(map(path.is_relative_to, excluded))
        and (endings is None or path.suffix[1:] in endings)
        and not _is_ignored(path.relative_to(content), ignored)
    }


def _is_ignored(path: Path, ignored: Sequence[str]) -> bool:
    return any(fnmatch(part, glob) for part in path.parts for glob in ignored)


def _files_below(content: Path, start: Path) -> list[Path]:
    """Return the files at or below `start`. Logs an error for each link that is not followed."""
    refused = dict(find_refused_links(start, content))
    for diagnostic in refused.values():
        logger.error("%s", diagnostic)
    if start in refused:
        return []
    return [
        path for path in (files_below(start) if start.is_dir() else [start]) if path not in refused and path.is_file()
    ]


def theme_files(sources: Iterable[Path], folder: str, ignored: Sequence[str]) -> list[tuple[str, Path]]:
    """Return (path in the output, file) of each static file of the theme.

    `sources` are files and folders of the theme (THEME_STATIC_PATHS), `folder` their folder in the output
    (THEME_STATIC_DIR), `ignored` glob patterns of names. Raises OSError.
    """
    found = []
    for source in sources:
        for path in files_below(source) if source.is_dir() else [source]:
            relative = path.relative_to(source if source.is_dir() else source.parent)
            if not _is_ignored(relative, ignored):
                found.append((Path(folder, relative).as_posix(), path))
    return found
