"""The base of all databases in the cache folder: open them, check them, and tell damage from errors of the disk.

A cache may have been downloaded, or come from a bad disk, so nothing in it is trusted: neither the file's header nor
its schema nor its values. Checksums protect against accidents, not against a person who can write the file. This module
does not know any table: see `cache.build_cache` and `images.variant_cache`.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, Self, TypeVar

import msgspec

from newsarchive.cache.serialization import from_bytes
from newsarchive.diagnostics import NewsArchiveError, printable

Done = TypeVar("Done")
Value = TypeVar("Value")
P = ParamSpec("P")


class CorruptCache(NewsArchiveError):
    """A database is damaged, or not one of ours."""


# Errors of SQLite that say nothing about the database, so that a new one would not help: rights, locks, memory,
# reading and writing, space. (https://www.sqlite.org/rescode.html)
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

    An error of the disk is no damage: a new database would not help, and the list of files that are ours would be lost.
    """
    return isinstance(error, CorruptCache | sqlite3.DatabaseError) and not is_disk_error(error)


def retry_after_corruption(work: Callable[P, Done]) -> Callable[P, Done]:
    """Decorate `work` so that it runs again if it finds the cache damaged. `work` itself must replace the cache.

    If it fails again, the cache was not the reason: the cause of the second error is raised.
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


# What our own code raises for a value that has the right type and makes no sense.
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


class reading:  # noqa: N801 - like contextlib.closing
    """Raise CorruptCache for any error while a database is read, except errors of the disk and of memory.

    A class, because it surrounds every query: a generator takes five times as long.
    """

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        """`path` is the database, for the message."""
        self._path = path

    def __enter__(self) -> None:
        """Begin to watch."""

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        """Replace an error that only damage explains."""
        if error is None or not isinstance(error, Exception):
            return
        if isinstance(error, NewsArchiveError | OSError | MemoryError) or is_disk_error(error):
            return
        raise CorruptCache(f"{self._path}: {printable(f'{type(error).__name__}: {error}')}") from error


def connect(path: Path, timeout: float = 5) -> sqlite3.Connection:
    """Open a database in write-ahead mode, exclusively for this process; `timeout` is in seconds.

    Raises CorruptCache for a file that is not regular or has another header, and sqlite3.Error.
    """
    for file in _files_of(path):
        if os.path.lexists(file) and not stat.S_ISREG(os.lstat(file).st_mode):
            raise CorruptCache(f"{file.name} is not a regular file")  # a link may lead anywhere, a pipe never ends
    # A rollback journal can name a second journal, which SQLite deletes after it has rolled back: any file of the
    # user's. Our databases are in write-ahead mode, and never have one.
    path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
    if path.exists():
        with open(path, "rb") as database:
            header = database.read(_HEADER_SIZE)
        if header and header[18:20] != _WRITE_AHEAD:  # SQLite opens a file with unknown versions there read-only
            raise CorruptCache("not a database in write-ahead mode")
    connection = sqlite3.connect(path, timeout, isolation_level=None)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # needs no -shm file, which would be one more to check
        connection.execute("PRAGMA trusted_schema = OFF")
    except BaseException:
        connection.close()
        raise
    return connection


# Bytes of the header of a database, and its two bytes at offset 18, the file format's write and read version: 2 is
# write-ahead logging. (SQLite database file format, https://www.sqlite.org/fileformat.html#the_database_header)
_HEADER_SIZE, _WRITE_AHEAD = 100, b"\2\2"


class Database:
    """An open database, until `close`. The base of the caches, which know its tables.

    Reading and writing raise CorruptCache for damage, and sqlite3.Error for what the disk refuses.
    """

    _connection: sqlite3.Connection

    def __init__(self, path: Path) -> None:
        """`path`: the file, which the caches open themselves, with `connect`."""
        self.path = path
        self._checked_tables: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. What was not committed is lost."""
        self._connection.close()

    def commit(self) -> None:
        """Save everything that was stored since the last commit."""
        if self._connection.in_transaction:
            with self._guard():
                self._connection.execute("COMMIT")

    def _guard(self) -> AbstractContextManager[None]:
        """Return what surrounds each use of the database; a cache may do more about damage than raise CorruptCache."""
        return reading(self.path)

    def _rows(self, query: str, *values: object, table: str = "") -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query. Raises CorruptCache, and that too if `table` has lost rows."""
        with self._guard():
            self._check(table)
            # Not from the cursor itself, which would be closed with this generator, even after the connection.
            yield from iter(self._connection.execute(query, values).fetchone, None)

    def _all_rows(self, table: str, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query at once. Raises what `_rows` does."""
        with self._guard():
            self._check(table)
            return self._connection.execute(query, values).fetchall()

    def _check(self, table: str) -> None:
        if table and table not in self._checked_tables:
            check_table(self._connection, table)
            self._checked_tables.add(table)

    def _write(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        with self._guard():
            if not self._connection.in_transaction:
                self._connection.execute("BEGIN")
            self._connection.executemany(statement, rows)


def has_tables(connection: sqlite3.Connection, tables: str) -> bool:
    """Return True if the database has exactly the tables and indexes that the SQL statements `tables` create.

    A foreign database may have views in their place, or triggers, which would run with our statements.
    """
    return connection.execute(_SCHEMA).fetchall() == _schema_of(tables)


def create_tables(connection: sqlite3.Connection, tables: str) -> None:
    """Run the SQL statements `tables` on an empty database."""
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
    """Raise CorruptCache if a table or its indexes are damaged.

    A damaged page can lose rows, and SQLite reads the others as if none were missing. 35,000 rows take 7 ms.
    """
    result = connection.execute(f"PRAGMA integrity_check({table})").fetchmany(1)
    if result != [("ok",)]:
        raise CorruptCache(f"table {table}: {printable(str(result))}")


def is_disk_error(error: Exception) -> bool:
    """Return True if an error says nothing about the database: rights, locks, memory, reading and writing, space."""
    return primary_error_code(error) in _DISK_ERRORS


def primary_error_code(error: Exception) -> int:
    """Return SQLite's primary error code, the lower 8 bits; 0 for an error that is not SQLite's."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def delete_database(path: Path) -> None:
    """Delete a database with its write-ahead log, shared memory and journal. Raises OSError."""
    for file in _files_of(path):
        file.unlink(missing_ok=True)


def _files_of(path: Path) -> list[Path]:
    return [path.with_name(path.name + ending) for ending in ("", "-wal", "-shm", "-journal")]


def add_checksum(data: bytes, *key: str) -> bytes:
    """Return `data` behind the CRC-32 of its key and itself, 4 bytes.

    SQLite detects damaged pages, but not damaged or exchanged values.
    """
    return _checksum(data, key) + data


def verify_checksum(value: object, *key: str) -> bytes:
    """Return the data that `add_checksum` was given. Raises CorruptCache if the checksum or a type is wrong."""
    if not isinstance(value, bytes) or not all(isinstance(part, str) for part in key):
        raise CorruptCache("a value or its key is of another type")
    data = value[4:]
    if _checksum(data, key) != value[:4]:
        raise CorruptCache("a checksum is wrong")
    return data


def _checksum(data: bytes, key: tuple[str, ...]) -> bytes:
    return zlib.crc32(data, zlib.crc32("\0".join(key).encode())).to_bytes(4, "big")


def read_records(rows: Iterable[tuple[Any, Any]], kind: type[Value], *key: str) -> dict[str, Value]:
    """Return the values of (name, value) rows by name, as `verify_checksum(value, *key, name)` and `read_kept` would.

    All values are decoded in one call: one by one, 35,000 targets take twice as long. Raises CorruptCache.
    """
    names, values = [], []
    start = zlib.crc32("".join(f"{part}\0" for part in key).encode())
    try:
        for name, value in rows:
            data = value[4:]
            if zlib.crc32(data, zlib.crc32(name.encode(), start)).to_bytes(4, "big") != value[:4]:
                raise CorruptCache("a checksum is wrong")
            names.append(name)
            values.append(data)
    except (AttributeError, TypeError):
        raise CorruptCache("a value or its key is of another type") from None
    decoded = read_kept(b"[" + b",".join(values) + b"]", list[kind])  # type: ignore[valid-type]
    if len(decoded) != len(names):
        raise CorruptCache(f"a {kind} has another form")
    return dict(zip(names, decoded, strict=True))


def read_kept(data: bytes, kind: type[Value]) -> Value:
    """Return `serialization.from_bytes(data, kind)` of a cached value. Raises CorruptCache if it has another form."""
    try:
        return from_bytes(data, kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise CorruptCache(f"a {kind} has another form: {printable(str(error))}") from None
