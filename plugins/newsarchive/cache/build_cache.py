"""The build cache, `build.sqlite` in the cache folder: what a build stores for the next one.

It holds a row for every input file, the articles that were made from them (constructive traces, in the terms of
Mokhov, Mitchell and Peyton Jones, *Build systems à la carte*, 2018), and for every target of the output what it was
made from (verifying traces). Deleting it costs time and nothing else. One build at a time has it open.

It does not decide what is out of date: `build.article_stages` and `build.targets` do. What it reads is not trusted: see
`cache.database`.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from newsarchive.cache.database import (
    CorruptCache,
    Database,
    add_checksum,
    connect,
    create_tables,
    delete_database,
    has_tables,
    primary_error_code,
    read_kept,
    read_records,
    reading,
    verify_checksum,
)
from newsarchive.cache.serialization import to_bytes
from newsarchive.diagnostics import NewsArchiveError

logger = logging.getLogger(__name__)

_FORMAT = b"9"  # of the tables below; a cache of another format is discarded

# In bytes. Values have a few kB each: with pages of 4,096 bytes, writing and reading them takes half as long again.
_PAGE_SIZE = 32_768

# Each value has a checksum that covers its key, so that a damaged or exchanged row is noticed. A column holds a plain
# value only if a query selects by it.
_TABLES = """
CREATE TABLE key_values (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
CREATE TABLE files (source TEXT PRIMARY KEY, record BLOB);
CREATE TABLE articles (
  source TEXT PRIMARY KEY, publication TEXT, fingerprints BLOB, repeated_marks BLOB, rejection BLOB
);
CREATE INDEX by_publication ON articles (publication);
CREATE TABLE dirty_publications (publication TEXT PRIMARY KEY, checksum BLOB) WITHOUT ROWID;
CREATE TABLE cleaned (source TEXT PRIMARY KEY, cleaned BLOB);
CREATE TABLE cards (source TEXT PRIMARY KEY, card BLOB);
CREATE TABLE bodies (source TEXT PRIMARY KEY, body BLOB);
CREATE TABLE terms (source TEXT PRIMARY KEY, terms BLOB);
CREATE TABLE targets (folder TEXT, name TEXT, record BLOB, PRIMARY KEY (folder, name)) WITHOUT ROWID;
"""


class CacheInUse(NewsArchiveError):
    """Another build uses the same cache folder."""


class FileRecord(Struct, frozen=True, array_like=True):
    """An input file as it was when it was last read. Times are in nanoseconds since 1970."""

    size: int  # bytes
    modified: int  # `st_mtime_ns`
    changed: int  # `st_ctime_ns`: the last change of content, name or rights; on Windows, the time of creation
    seen: int  # by the clock of this machine, when the times above were looked up
    digest: bytes  # of the file's content
    rules: bytes  # digest of the rule files that match the article


class OutputFile(Struct, frozen=True, array_like=True):
    """A file of the output as an earlier build left it."""

    path: str  # relative to the output folder, with "/"
    size: int  # bytes; -1 if nothing is known of the file except that a build wrote it
    modified: int  # nanoseconds since 1970, as the file system reports them


class TargetRecord(Struct, frozen=True, array_like=True):
    """What an earlier build made of a target (see `build.targets`): its verifying trace."""

    inputs: dict[str, bytes]  # digests of everything the target was made from, by name; empty: unknown
    files: tuple[OutputFile, ...]
    targets: tuple[str, ...] = ()  # names of the finer targets that it consists of
    value: bytes = b""  # what other targets read of it, such as the manifest of a search segment


class BuildCache(Database):
    """The open cache. No other build can open it before `close`.

    Methods raise CorruptCache if what they read is damaged, and sqlite3.Error for what the disk refuses.
    """

    def __init__(self, cache: Path) -> None:
        """Open the cache in the folder `cache`; make both if there are none.

        Discards a file that is damaged or of another version, with a warning. Raises CacheInUse, OSError, and
        sqlite3.OperationalError for what the disk refuses.
        """
        cache.mkdir(parents=True, exist_ok=True)
        self._prepare(cache)
        try:
            self._connection = self._open()
        except CorruptCache:
            discard_cache(cache, "not a build cache of this version")
            self._connection = self._open()

    def _prepare(self, cache: Path) -> None:
        super().__init__(cache / "build.sqlite")
        self._is_revised = False

    @classmethod
    def open_existing(cls, cache: Path) -> BuildCache | None:
        """Return the cache in a folder, or None if there is none of this version, or it cannot be opened or is in use.

        For commands that only read: unlike a build, they neither make a cache nor discard one.
        """
        opened = cls.__new__(cls)
        opened._prepare(cache)
        if not opened.path.is_file():
            return None
        try:
            opened._connection = opened._open()
        except (CorruptCache, CacheInUse, sqlite3.Error):
            return None
        return opened

    def _open(self) -> sqlite3.Connection:
        with reading(self.path):
            connection = connect(self.path, timeout=0)
            try:
                self._begin(connection)
            except BaseException as error:
                connection.close()
                if isinstance(error, sqlite3.Error) and primary_error_code(error) in {
                    sqlite3.SQLITE_BUSY,
                    sqlite3.SQLITE_LOCKED,
                }:
                    message = f"{self.path.parent}: another build is at work here — wait for it to end"
                    raise CacheInUse(message) from None
                raise
        return connection

    def _begin(self, connection: sqlite3.Connection) -> None:
        """Lock the file until it is closed or the process ends. Raises CorruptCache for another format."""
        connection.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("BEGIN EXCLUSIVE")
        if not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            create_tables(connection, _TABLES)
            connection.execute("INSERT INTO key_values VALUES ('format', ?)", (add_checksum(_FORMAT, "format"),))
        if not has_tables(connection, _TABLES):
            raise CorruptCache(str(self.path))
        row = connection.execute("SELECT value FROM key_values WHERE name = 'format'").fetchone()
        if not row or verify_checksum(row[0], "format") != _FORMAT:
            raise CorruptCache(str(self.path))
        connection.execute("COMMIT")

    def revision(self) -> bytes:
        """Return a random value that changes whenever anything about articles changes."""
        return self.get_value("revision")

    def _revise(self) -> None:
        if not self._is_revised:
            self._is_revised = True
            self.set_value("revision", os.urandom(16))

    def get_value(self, name: str) -> bytes:
        """Return the value that `set_value` stored under `name`, or b""."""
        query = "SELECT value FROM key_values WHERE name = ?"
        return next((verify_checksum(value, name) for (value,) in self._rows(query, name)), b"")

    def set_value(self, name: str, value: bytes) -> None:
        """Store a single value under `name`."""
        self._write("INSERT OR REPLACE INTO key_values VALUES (?, ?)", [(name, add_checksum(value, name))])

    def files(self) -> dict[str, FileRecord]:
        """Return the record of every file that was read, by path."""
        return read_records(self._all_rows("files", "SELECT source, record FROM files"), FileRecord)

    def store_file(self, source: str, file: FileRecord) -> None:
        """Store the record of a file."""
        self._write("INSERT OR REPLACE INTO files VALUES (?, ?)", [(source, add_checksum(to_bytes(file), source))])

    def store_cleaned(self, source: str, publication: str, fingerprints: bytes, cleaned: bytes) -> None:
        """Store an article that was cleaned, and mark its publication, old and new, dirty."""
        self._revise()
        self._mark_dirty(source)
        row = (source, publication, add_checksum(fingerprints, source, publication), None, add_checksum(b"", source))
        self._write("INSERT OR REPLACE INTO articles VALUES (?, ?, ?, ?, ?)", [row])
        self._write("INSERT OR REPLACE INTO cleaned VALUES (?, ?)", [(source, add_checksum(cleaned, source))])
        self._add_dirty([publication])

    def store_described(
        self, source: str, repeated_marks: bytes, card: bytes, body: bytes, terms: bytes, rejection: bytes
    ) -> None:
        """Store an article that was described, or why it was rejected, and the marks that it was made with."""
        self._revise()
        row = (add_checksum(repeated_marks, source), add_checksum(rejection, source), source)
        self._write("UPDATE articles SET repeated_marks = ?, rejection = ? WHERE source = ?", [row])
        # Cards have a table of their own: rows of `articles` that grow would split pages, which takes 5% of describing.
        self._write("INSERT OR REPLACE INTO cards VALUES (?, ?)", [(source, add_checksum(card, source))])
        self._write("INSERT OR REPLACE INTO bodies VALUES (?, ?)", [(source, add_checksum(body, source))])
        self._write("INSERT OR REPLACE INTO terms VALUES (?, ?)", [(source, add_checksum(terms, source))])

    def store_rejected(self, source: str, why: bytes) -> None:
        """Store why a file was rejected before or while it was cleaned. `why` is a `Diagnostic` as bytes."""
        self.forget([source], keep_records=True)
        row = (source, None, add_checksum(b"", source), add_checksum(b"", source), add_checksum(why, source))
        self._write("INSERT OR REPLACE INTO articles VALUES (?, ?, ?, ?, ?)", [row])

    def dirty_publications(self) -> list[str]:
        """Return the publications whose articles, or known images, changed since `clear_dirty`."""
        query = "SELECT checksum, publication FROM dirty_publications ORDER BY publication"
        rows = self._rows(query, table="dirty_publications")
        return [name for checksum, name in rows if verify_checksum(checksum, name) == b""]

    def mark_all_dirty(self) -> None:
        """Mark all publications dirty: what is known of images has changed, and with it what a source repeats."""
        query = "SELECT DISTINCT publication FROM articles WHERE publication NOT NULL"
        self._add_dirty([name for (name,) in self._rows(query, table="articles")])

    def _add_dirty(self, publications: Iterable[str]) -> None:
        rows = ((name, add_checksum(b"", name)) for name in publications)
        self._write("INSERT OR IGNORE INTO dirty_publications VALUES (?, ?)", rows)

    def clear_dirty(self) -> None:
        """Mark no publication dirty: all articles are described."""
        self._write("DELETE FROM dirty_publications", [()])

    def count_undescribed(self) -> int:
        """Return how many cleaned articles were never described. Others may be described again."""
        query = "SELECT COUNT(*) FROM articles WHERE publication NOT NULL AND repeated_marks IS NULL"
        return sum(count for (count,) in self._rows(query))

    def fingerprints(self, publication: str) -> dict[str, tuple[bytes, bytes | None]]:
        """Return (fingerprints, repeated marks) of a publication's articles, by path.

        The marks are those that the article was last described with; None if it was not described yet.
        """
        query = "SELECT source, fingerprints, repeated_marks FROM articles WHERE publication = ? ORDER BY source"
        return {
            source: (
                verify_checksum(fingerprints, source, publication),
                None if marks is None else verify_checksum(marks, source),
            )
            for source, fingerprints, marks in self._rows(query, publication, table="articles")
        }

    def repeated_marks(self, source: str, digest: bytes) -> bytes | None:
        """Return what is known to repeat in an article, or None if the cache cannot say.

        It cannot if the file had another `digest` then, was rejected, or if its publication has changed since.
        """
        query = """
            SELECT record, repeated_marks FROM articles JOIN files USING (source)
            WHERE source = ? AND publication NOT NULL AND repeated_marks NOT NULL
            AND publication NOT IN (SELECT publication FROM dirty_publications)
        """
        for record, marks in self._rows(query, source):
            if read_kept(verify_checksum(record, source), FileRecord).digest == digest:
                return verify_checksum(marks, source)
        return None

    def cards(self) -> Iterator[bytes]:
        """Yield all articles as bytes, in no order. Raises CorruptCache if one that was cleaned has no row."""
        missing = sum(count for (count,) in self._rows("SELECT COUNT(*) FROM articles WHERE publication NOT NULL"))
        for source, data in self._rows("SELECT source, card FROM cards", table="cards"):
            missing -= 1
            if card := verify_checksum(data, source):
                yield card
        if missing:
            raise CorruptCache(f"{self.path}: {missing} articles are missing")

    def rejections(self) -> Iterator[tuple[str, bytes]]:
        """Yield (path, `Diagnostic` as bytes) of every file that was rejected."""
        for source, data in self._rows("SELECT source, rejection FROM articles", table="articles"):
            if why := verify_checksum(data, source):
                yield source, why

    def cleaned(self, source: str) -> bytes:
        """Return a cleaned article as `article_codec` encodes it. Raises CorruptCache if there is none."""
        return self._blob("SELECT cleaned FROM cleaned WHERE source = ?", source)

    def body(self, source: str) -> bytes:
        """Return the HTML of an article, in UTF-8. Raises CorruptCache if there is none."""
        return self._blob("SELECT body FROM bodies WHERE source = ?", source)

    def terms(self, source: str) -> bytes:
        """Return the search terms of an article (`index.terms`). Raises CorruptCache if there are none."""
        return self._blob("SELECT terms FROM terms WHERE source = ?", source)

    def _blob(self, query: str, source: str) -> bytes:
        for (data,) in self._rows(query, source):
            return verify_checksum(data, source)
        raise CorruptCache(f"{self.path}: {source} is missing")

    def forget(self, sources: Iterable[str], keep_records: bool = False) -> None:
        """Delete everything about the files `sources`, except their records if `keep_records`."""
        gone = [(source,) for source in sources]
        if gone:
            self._revise()
        for (source,) in gone:
            self._mark_dirty(source)
        for table in ("articles", "cleaned", "cards", "bodies", "terms", *(() if keep_records else ("files",))):
            self._write(f"DELETE FROM {table} WHERE source = ?", gone)

    def _mark_dirty(self, source: str) -> None:
        """Mark the publication of an article dirty: what its source repeats depends on this article too."""
        query = "SELECT publication FROM articles WHERE source = ? AND publication NOT NULL"
        self._add_dirty([name for (name,) in self._rows(query, source)])

    def forget_articles(self) -> None:
        """Delete everything about files and articles: they were made by another program, or with other settings."""
        for table in _ARTICLE_TABLES:
            self._write(f"DELETE FROM {table}", [()])
        self.set_value("format", _FORMAT)
        self._revise()

    def forget_descriptions(self) -> None:
        """Mark all articles to be described again, those too that were rejected while they were described."""
        self._revise()
        self._write("UPDATE articles SET repeated_marks = NULL WHERE publication NOT NULL", [()])
        self.mark_all_dirty()

    def folder_key(self, folder: Path) -> str:
        """Return the path of a folder relative to the cache folder, so that both may be moved together."""
        try:
            return Path(os.path.relpath(folder.resolve(), self.path.parent.resolve())).as_posix()
        except ValueError:  # another drive, on Windows
            return str(folder.resolve())

    def targets(self, folder: Path) -> dict[str, TargetRecord]:
        """Return the targets that earlier builds made below `folder`, by name. Raises CorruptCache."""
        key = self.folder_key(folder)
        rows = self._all_rows("targets", "SELECT name, record FROM targets WHERE folder = ?", key)
        return read_records(rows, TargetRecord, key)

    def target(self, folder: Path, name: str) -> TargetRecord | None:
        """Return one of `targets(folder)`, None if there is none of this name. Raises CorruptCache."""
        key = self.folder_key(folder)
        query = "SELECT name, record FROM targets WHERE folder = ? AND name = ?"
        return read_records(self._rows(query, key, name), TargetRecord, key).get(name)

    def store_targets(self, folder: Path, records: Mapping[str, TargetRecord]) -> None:
        """Store targets below `folder`, by name."""
        key = self.folder_key(folder)
        rows = ((key, name, add_checksum(to_bytes(each), key, name)) for name, each in records.items())
        self._write("INSERT OR REPLACE INTO targets VALUES (?, ?, ?)", rows)

    def forget_targets(self, folder: Path, names: Iterable[str]) -> None:
        """Delete the records of targets below `folder`."""
        key = self.folder_key(folder)
        self._write("DELETE FROM targets WHERE folder = ? AND name = ?", ((key, name) for name in names))


_ARTICLE_TABLES = ("key_values", "files", "articles", "cleaned", "cards", "bodies", "terms", "dirty_publications")


def discard_cache(cache: Path, why: object) -> None:
    """Delete the cache in the folder `cache` and log `why`, as a warning. The next build starts a new one."""
    logger.warning("%s: %s — starting with a new one", cache / "build.sqlite", why)
    delete_database(cache / "build.sqlite")
