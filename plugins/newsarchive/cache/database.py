"""What all databases in the cache folder share: which errors are damage and which the disk's, and checksums.

Such a file may come from anywhere: a cache that was downloaded, a bad disk. Nothing in it is trusted.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import msgspec

from newsarchive.cache.serialization import from_bytes
from newsarchive.diagnostics import NewsArchiveError, printable

Done = TypeVar("Done")
Value = TypeVar("Value")
P = ParamSpec("P")


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


def is_corruption(error: Exception) -> bool:
    """Return True if an error says that a database is damaged.

    What the disk refuses is no damage: a new database would not help, and which files are ours would be lost.
    """
    return isinstance(error, CorruptCache | sqlite3.DatabaseError) and not is_disk_error(error)


def retry_after_corruption(work: Callable[P, Done]) -> Callable[P, Done]:
    """Decorate `work` so that it runs once more if it finds the cache damaged. `work` itself replaces the cache.

    A second failure is no damage of the cache: its cause is raised.
    """

    @wraps(work)
    def run(*given: P.args, **named: P.kwargs) -> Done:
        try:
            return work(*given, **named)
        except Exception as error:
            if not is_corruption(error):
                raise
        try:
            return work(*given, **named)
        except CorruptCache as error:
            raise error.__cause__ or error from None

    return run


# What a value with the right form and no sense makes our own code raise.
_SENSELESS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


@contextmanager
def trusting_values(path: Path) -> Iterator[None]:
    """Raise CorruptCache if cached values make no sense to the code that works with them.

    The error of a bug looks the same: `retry_after_corruption` raises it at the second try.
    """
    try:
        yield
    except _SENSELESS as error:
        raise CorruptCache(f"{path}: {printable(f'{type(error).__name__}: {error}')}") from error


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Raise BrokenState for whatever goes wrong while a database is read, except what the disk refuses."""
    try:
        yield
    except (NewsArchiveError, OSError, MemoryError):
        raise
    except Exception as error:
        if is_disk_error(error):
            raise
        raise CorruptCache(f"{path}: {printable(f'{type(error).__name__}: {error}')}") from error


def connect(path: Path, timeout: float = 5) -> sqlite3.Connection:
    """Open a database in write-ahead mode, held by this process alone. Raises BrokenState, and sqlite3.Error."""
    for beside in _files_of(path):
        if os.path.lexists(beside) and not stat.S_ISREG(os.lstat(beside).st_mode):
            raise CorruptCache(f"{beside.name} is no file")  # a link may lead anywhere, a pipe never ends
    # A rollback journal can name a file that SQLite deletes. Ours never have one: they are in write-ahead mode.
    path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
    if path.exists():
        with open(path, "rb") as file:
            head = file.read(_HEAD)
        if head and head[18:20] != _WRITE_AHEAD:  # with other numbers there SQLite takes the file for read-only
            raise CorruptCache("not a database in write-ahead mode")
    connection = sqlite3.connect(path, timeout, isolation_level=None)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # no shared memory, which would be one more file to trust
        connection.execute("PRAGMA trusted_schema = OFF")
    except BaseException:
        connection.close()
        raise
    return connection


_HEAD, _WRITE_AHEAD = 100, b"\2\2"  # https://www.sqlite.org/fileformat.html#the_database_header


def has_tables(connection: sqlite3.Connection, tables: str) -> bool:
    """Return True if the database has exactly the tables and indexes that the statements `tables` create.

    A foreign one may have views or triggers in their place.
    """
    return connection.execute(_SCHEMA).fetchall() == _schema_of(tables)


def create_tables(connection: sqlite3.Connection, tables: str) -> None:
    """Create the tables of an empty database."""
    for statement in filter(str.strip, tables.split(";")):
        connection.execute(statement)


_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"


@cache
def _schema_of(tables: str) -> list[tuple[Any, ...]]:
    empty = sqlite3.connect(":memory:")
    create_tables(empty, tables)
    schema = empty.execute(_SCHEMA).fetchall()
    empty.close()
    return schema


def check_table(connection: sqlite3.Connection, table: str) -> None:
    """Raise BrokenState unless a table is whole: a damaged page may lose rows, and SQLite reads on as if none were
    missing. (35,000 outputs take 7 ms.)"""
    diagnostics = connection.execute(f"PRAGMA integrity_check({table})").fetchmany(1)
    if diagnostics != [("ok",)]:
        raise CorruptCache(f"table {table}: {printable(str(diagnostics))}")


def is_disk_error(error: Exception) -> bool:
    """True for what says nothing about the database: rights, locks, memory, reading and writing, room."""
    return primary_error_code(error) in _DISK_ERRORS


def primary_error_code(error: Exception) -> int:
    """SQLite's primary error code; 0 when it is none of SQLite's."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def delete_database(path: Path) -> None:
    """With what SQLite keeps beside it."""
    for file in _files_of(path):
        file.unlink(missing_ok=True)


def _files_of(path: Path) -> list[Path]:
    return [path.with_name(path.name + ending) for ending in ("", "-wal", "-shm", "-journal")]


def add_checksum(data: bytes, *key: str) -> bytes:
    """`data` with a checksum of it and its key: SQLite notices a damaged page, but not damaged contents."""
    return _checksum(data, key) + data


def verify_checksum(sealed: object, *key: str) -> bytes:
    """The way back. Raises BrokenState."""
    if not isinstance(sealed, bytes) or not all(isinstance(part, str) for part in key):
        raise CorruptCache("a value or its key is of another type")
    data = sealed[4:]
    if _checksum(data, key) != sealed[:4]:
        raise CorruptCache("a checksum is wrong")
    return data


def _checksum(data: bytes, key: tuple[str, ...]) -> bytes:
    return zlib.crc32(data, zlib.crc32("\0".join(key).encode())).to_bytes(4, "big")


def read_kept(data: bytes, kind: type[Value]) -> Value:
    """As `records.from_bytes`, of what a database kept. Raises BrokenState."""
    try:
        return from_bytes(data, kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise CorruptCache(f"a {kind} is kept in another form: {printable(str(error))}") from None
