"""Faults of the machine (a full disk, a file nobody may read, a process that was killed), told as any problem is."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from pathlib import Path

from newsarchive.diagnostics import ConfigurationError, Diagnostic, NewsArchiveError

REPORTED_ERRORS = (NewsArchiveError, OSError, sqlite3.Error, BrokenExecutor, MemoryError)
"""What ends a build without being a mistake in the program."""

_AGAIN = "build again"

_REPAIRS = {
    errno.ENOSPC: "make room on the disk and build again",
    errno.EDQUOT: "make room in your quota and build again",
    errno.EFBIG: "raise the limit of file sizes (ulimit -f) and build again",
    errno.EACCES: "give yourself the right to it and build again",
    errno.EPERM: "give yourself the right to it and build again",
    errno.EROFS: "choose a folder that can be written to",
    errno.EIO: "check the disk and build again",
    errno.ENOENT: "it went while the build was at work: build again",
    errno.ENAMETOOLONG: "give it a shorter name",
    errno.EISDIR: "a folder stands where a file goes: remove it",
    errno.ENOTEMPTY: "a folder stands where a file goes: remove it",
    errno.ENOTDIR: "a file stands where a folder goes: remove it",
    errno.EEXIST: "a file stands where a folder goes: remove it",
    errno.EMFILE: "raise the limit of open files (ulimit -n) and build again",
    errno.ENOMEM: "free some memory and build again",
}


def error_lines(fault: BaseException, cache: Path) -> Sequence[str]:
    """What a fault is told as: place, problem and repair on each line. `cache` is where the build state lies."""
    if isinstance(fault, ConfigurationError):
        return [str(diagnostic) for diagnostic in fault.diagnostics]
    if isinstance(fault, NewsArchiveError):
        return [str(fault)]
    return [str(_problem_of(fault, cache))]


def _problem_of(fault: BaseException, cache: Path) -> Diagnostic:
    if isinstance(fault, OSError):
        what = fault.strerror or str(fault)
        return Diagnostic("disk", str(fault.filename or "the disk"), what, _REPAIRS.get(fault.errno or 0, _AGAIN))
    if isinstance(fault, sqlite3.Error):
        repair = "make room on the disk, check its rights, and build again"
        return Diagnostic("disk", str(cache / "build.sqlite"), str(fault), repair)
    repair = 'free some memory, or try NEWSARCHIVE_EXECUTOR="serial", which needs less'
    what = "ran out of memory" if isinstance(fault, MemoryError) else "a process at work was killed"
    return Diagnostic("machine", "the build", what, repair)
