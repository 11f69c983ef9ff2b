"""What all databases in the cache folder share: which errors are damage and which the disk's, and checksums."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from newsarchive.diagnostics import NewsArchiveError

Done = TypeVar("Done")


class CorruptCache(NewsArchiveError):
    """The file is not what it should be, or damaged."""


# Errors of SQLite that a new state would not help against: rights, locks, memory, reading and writing, room.
_DISK_ERRORS = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOLFS,
    }
)


def retry_after_corruption(work: Callable[[], Done], recover: Callable[[Exception], None]) -> Done:
    """What `work` makes; where reading shows that the state is damaged, `restart`, and then work once more.

    What the disk refuses is no damage, and raised: to throw the state away would lose which files are ours.
    """
    try:
        return work()
    except (CorruptCache, sqlite3.DatabaseError) as error:
        if is_disk_error(error):
            raise
        recover(error)
        return work()


def is_disk_error(error: Exception) -> bool:
    """True for what says nothing about the database: rights, locks, memory, reading and writing, room."""
    return primary_error_code(error) in _DISK_ERRORS


def primary_error_code(error: Exception) -> int:
    """SQLite's primary error code; 0 when it is none of SQLite's."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def delete_database(path: Path) -> None:
    """With what SQLite keeps beside it."""
    for ending in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def add_checksum(data: bytes) -> bytes:
    """`data` with a checksum: SQLite notices a damaged page, but not damaged contents."""
    return zlib.crc32(data).to_bytes(4, "big") + data


def verify_checksum(sealed: bytes) -> bytes:
    """The way back. Raises BrokenState."""
    data = sealed[4:]
    if zlib.crc32(data) != int.from_bytes(sealed[:4], "big"):
        raise CorruptCache("a checksum is wrong")
    return data
