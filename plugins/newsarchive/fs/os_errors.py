"""Report errors of the machine as diagnostics: a full disk, a file without permission, a worker that was killed.

Errors of the program are not among them: those keep their traceback.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from pathlib import Path

from newsarchive.diagnostics import ConfigurationError, Diagnostic, NewsArchiveError

REPORTED_ERRORS = (NewsArchiveError, OSError, sqlite3.Error, BrokenExecutor, MemoryError)
"""The errors that end a build and are not bugs of the program."""

_DEFAULT_HINT = "build again"

_HINTS = {
    errno.ENOSPC: "make room on the disk and build again",
    errno.EDQUOT: "make room in your quota and build again",
    errno.EFBIG: "raise the limit of file sizes (ulimit -f) and build again",
    errno.EACCES: "give yourself permission and build again",
    errno.EPERM: "give yourself permission and build again",
    errno.EROFS: "choose a folder that you can write to",
    errno.EIO: "check the disk and build again",
    errno.ENOENT: "it was deleted during the build: build again",
    errno.ENAMETOOLONG: "give it a shorter name",
    errno.EISDIR: "the build writes a file with the name of this folder: remove the folder",
    errno.ENOTEMPTY: "the build writes a file with the name of this folder: remove the folder",
    errno.ENOTDIR: "the build makes a folder with the name of a file: remove the file",
    errno.EEXIST: "the build makes a folder with the name of a file: remove the file",
    errno.EMFILE: "raise the limit of open files (ulimit -n) and build again",
    errno.ENOMEM: "free some memory and build again",
}


def error_lines(error: BaseException, cache: Path) -> Sequence[str]:
    """Return the lines to print for one of `REPORTED_ERRORS`, each `location: message — hint`.

    `cache` is the folder of the build cache, the location of SQLite's errors.
    """
    if isinstance(error, ConfigurationError):
        return [str(diagnostic) for diagnostic in error.diagnostics]
    if isinstance(error, NewsArchiveError):
        return [str(error)]
    return [str(_diagnostic(error, cache))]


def _diagnostic(error: BaseException, cache: Path) -> Diagnostic:
    if isinstance(error, OSError):
        message, hint = error.strerror or str(error), _HINTS.get(error.errno or 0, _DEFAULT_HINT)
        return Diagnostic("disk", str(error.filename or "the disk"), message, hint)
    if isinstance(error, sqlite3.Error):
        hint = "make room on the disk, check its permissions, and build again"
        return Diagnostic("disk", str(cache / "build.sqlite"), str(error), hint)
    hint = 'free some memory, or try NEWSARCHIVE_EXECUTOR="serial", which needs less'
    message = "ran out of memory" if isinstance(error, MemoryError) else "a worker process was killed"
    return Diagnostic("machine", "the build", message, hint)
