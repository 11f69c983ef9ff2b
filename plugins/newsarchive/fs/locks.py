"""Keep two processes out of one folder.

The lock leaves no file in the folder, because an output folder is published as it is, and it ends with its process,
however that ends. DESIGN.md says why it is not `filelock`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path

from newsarchive.diagnostics import Diagnostic, NewsArchiveError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


class FolderInUse(NewsArchiveError):
    """Another process is at work in the folder."""

    def __init__(self, folder: Path, at_work: str) -> None:
        super().__init__(str(Diagnostic("in-use", str(folder), at_work, "wait for it to end")))


class FolderLock:
    """A lock on a folder, from its creation to `close`."""

    def __init__(self, folder: Path, at_work: str = "another build is at work here") -> None:
        """Lock `folder`, which must exist. Raises FolderInUse with the message `at_work`."""
        lock = _lock_file_of if fcntl is None else _lock_folder
        try:
            release, *arguments = lock(folder)
        except BlockingIOError:
            raise FolderInUse(folder, at_work) from None
        self.close: Callable[[], object] = weakref.finalize(self, release, *arguments)


Release = tuple[Callable[..., None], *tuple[object, ...]]
"""A function that lets go of a lock, and its arguments."""


def _lock_folder(folder: Path) -> Release:
    """Lock the folder itself, by flock(2). Raises BlockingIOError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise
    except OSError:  # a file system without locks, such as some of networks: nothing can be held there
        pass
    return _unlock_folder, descriptor, os.getpid()


def _unlock_folder(descriptor: int, holder: int) -> None:
    # Closing is not enough: worker processes were forked with the descriptor, and keep the lock as long as they live.
    if os.getpid() == holder:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def _lock_file_of(folder: Path) -> Release:
    """Lock a file in the system's folder for temporary files, by SQLite. Raises BlockingIOError.

    Windows cannot lock a folder. SQLite locks a file on every system, and the lock ends with the process.
    """
    key = hashlib.blake2b(os.path.normcase(folder.resolve()).encode("utf-8", "replace"), digest_size=16).hexdigest()
    path = Path(tempfile.gettempdir(), f"newsarchive-{key}.lock")
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            raise BlockingIOError from None
        raise
    return _unlock_file, connection, path


def _unlock_file(connection: sqlite3.Connection, path: Path) -> None:
    connection.close()
    with contextlib.suppress(OSError):  # another process has it open: it is its lock now
        path.unlink()
