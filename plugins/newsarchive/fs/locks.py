"""One build at a time in a folder, by a lock that leaves no file behind and goes with the process that holds it."""

from __future__ import annotations

import contextlib
import os
import weakref
from collections.abc import Callable
from pathlib import Path

from newsarchive.diagnostics import NewsArchiveError

try:
    import fcntl
except ImportError:  # Windows cannot lock a folder: there the lock on the build state alone keeps builds apart
    fcntl = None  # type: ignore[assignment]


class FolderInUse(NewsArchiveError):
    """Another build is at work in the same folder."""


class FolderLock:
    """Held from here to `close`."""

    def __init__(self, folder: Path) -> None:
        """Raises FolderInUse."""
        self.close: Callable[[], object] = lambda: None
        if fcntl is None:
            return
        place = os.open(folder, os.O_RDONLY)
        self.close = weakref.finalize(self, _let_go, place, os.getpid())
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUse(f"{folder}: another build is at work here — wait for it to end") from None
        except OSError:  # a file system without locks, such as some of networks
            return


def _let_go(place: int, holder: int) -> None:
    """Not by closing alone: workers have the folder open too, since they were forked."""
    if os.getpid() == holder:
        with contextlib.suppress(OSError):
            fcntl.flock(place, fcntl.LOCK_UN)
    os.close(place)
