"""What the site's owner made by hand: files of pages, static files, the theme's, that lie where they seem to.

Pelican follows links, out of the content and in circles, and finds a folder empty that it may not list: it is given
what is found here.
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
    """The files at and below `paths`, relative to the content; of those endings, or all (None). Raises OSError."""
    found = [path for each in paths for path in _files_below(content, content / each)]
    excluded = [content / each for each in exclude if each]  # "" excludes nothing: Pelican puts it there
    return {
        os.path.relpath(path, content)
        for path in found
        if not any(map(path.is_relative_to, excluded))
        and (endings is None or path.suffix[1:] in endings)
        and not _is_ignored(path.relative_to(content), ignored)
    }


def _is_ignored(path: Path, ignored: Sequence[str]) -> bool:
    return any(fnmatch(part, glob) for part in path.parts for glob in ignored)


def _files_below(content: Path, below: Path) -> list[Path]:
    """The files at or below a path; links that are not followed are told."""
    refused = dict(find_refused_links(below, content))
    for diagnostic in refused.values():
        logger.error("%s", diagnostic)
    if below in refused:
        return []
    return [
        path for path in (files_below(below) if below.is_dir() else [below]) if path not in refused and path.is_file()
    ]


def theme_files(sources: Iterable[Path], folder: str, ignored: Sequence[str]) -> list[tuple[str, Path]]:
    """(path in the output, file) of what the theme brings beside its templates, below a folder. Raises OSError."""
    found = []
    for source in sources:
        for path in files_below(source) if source.is_dir() else [source]:
            relative = path.relative_to(source if source.is_dir() else source.parent)
            if not _is_ignored(relative, ignored):
                found.append((Path(folder, relative).as_posix(), path))
    return found
