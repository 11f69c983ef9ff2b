"""What all databases in the cache folder share: which errors are damage and which the disk's, and checksums."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from newsarchive.problems import NewsArchiveError

Done = TypeVar("Done")


class BrokenState(NewsArchiveError):
    """The file is not what it should be, or damaged."""


# Errors of SQLite that a new state would not help against: rights, locks, memory, reading and writing, room.
_OF_THE_DISK = frozenset(
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


def despite_damage(work: Callable[[], Done], begin_again: Callable[[Exception], None]) -> Done:
    """What `work` makes; where reading shows that the state is damaged, `begin_again`, and then work once more.

    What the disk refuses is no damage, and raised: to throw the state away would lose which files are ours.
    """
    try:
        return work()
    except (BrokenState, sqlite3.DatabaseError) as error:
        if is_of_the_disk(error):
            raise
        begin_again(error)
        return work()


def is_of_the_disk(error: Exception) -> bool:
    """True for what says nothing about the database: rights, locks, memory, reading and writing, room."""
    return code_of(error) in _OF_THE_DISK


def code_of(error: Exception) -> int:
    """SQLite's primary error code; 0 when it is none of SQLite's."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def delete_database(path: Path) -> None:
    """With what SQLite keeps beside it."""
    for ending in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def seal(data: bytes) -> bytes:
    """`data` with a checksum: SQLite notices a damaged page, but not damaged contents."""
    return zlib.crc32(data).to_bytes(4, "big") + data


def unseal(sealed: bytes) -> bytes:
    """The way back. Raises BrokenState."""
    data = sealed[4:]
    if zlib.crc32(data) != int.from_bytes(sealed[:4], "big"):
        raise BrokenState("a checksum is wrong")
    return data
