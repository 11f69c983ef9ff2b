"""Where the bytes of images lie: each once, named by its digest, as it came."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from newsarchive.diagnostics import Diagnostic, NewsArchiveError
from newsarchive.fs.atomic_files import write_atomically
from newsarchive.images.manifest import StoredImage, image_file

_LOCK = ".lock"


class FolderInUse(NewsArchiveError):
    """Another process is storing images in the folder."""

    def __init__(self, folder: Path) -> None:
        repair = "let it come to its end"
        super().__init__(str(Diagnostic("in-use", str(folder), "another process is storing images here", repair)))


class NotStored(NewsArchiveError):
    """The disk takes no image: it is full, or may not be written."""

    def __init__(self, folder: Path, error: OSError) -> None:
        super().__init__(str(Diagnostic("disk", str(folder), f"cannot be written: {error}", "make room, and go on")))


def keep_bytes(folder: Path, image: StoredImage, data: bytes) -> None:
    """Put an image's bytes in their place, unless they are there; whole or not at all. Raises NotStored."""
    target = image_file(folder, image)
    # Two threads may be at the same image, found at two addresses.
    beside = target.with_name(f".{target.stem[:16]}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        if not (target.is_file() and target.stat().st_size == len(data)):
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(target, data, beside)
    except OSError as error:
        raise NotStored(folder, error) from error


@contextmanager
def storing_in(folder: Path) -> Iterator[None]:
    """The folder, for one process at a time; what another one left half written when it was killed goes.

    Raises FolderInUse. The lock is SQLite's: every system lets it go when a process dies.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = sqlite3.connect(folder / _LOCK, timeout=0, isolation_level=None)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        lock.close()
        raise FolderInUse(folder) from None
    try:
        for pattern in (".*.part", "*/.*.part"):
            for left_over in folder.glob(pattern):
                left_over.unlink(missing_ok=True)
        yield
    finally:
        lock.close()
        (folder / _LOCK).unlink(missing_ok=True)
