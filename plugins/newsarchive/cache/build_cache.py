"""What builds remember, in `build.sqlite` in the cache folder. Deleting it costs time, and nothing else.

Everything in it is made of the input and of the program, and goes when either changes. One build at a time holds it.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from newsarchive.cache.database import (
    CorruptCache,
    add_checksum,
    check_table,
    connect,
    create_tables,
    delete_database,
    has_tables,
    primary_error_code,
    read_kept,
    reading,
    verify_checksum,
)
from newsarchive.cache.serialization import to_bytes
from newsarchive.diagnostics import NewsArchiveError

logger = logging.getLogger(__name__)

_FORMAT = b"8"  # of this database; another one is not read

_PAGE = 32_768  # bytes: values have some KB each; with 4,096 writing and reading them takes half as long again

# Everything is sealed with its key, so that a damaged row is noticed; only what is indexed has a column beside that.
_TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
CREATE TABLE files (source TEXT PRIMARY KEY, record BLOB);
CREATE TABLE articles (source TEXT PRIMARY KEY, publication TEXT, evidence BLOB, verdict BLOB, rejection BLOB);
CREATE INDEX by_publication ON articles (publication);
CREATE TABLE touched (publication TEXT PRIMARY KEY, sealed BLOB) WITHOUT ROWID;
CREATE TABLE cleaned (source TEXT PRIMARY KEY, cleaned BLOB);
CREATE TABLE cards (source TEXT PRIMARY KEY, card BLOB);
CREATE TABLE bodies (source TEXT PRIMARY KEY, body BLOB);
CREATE TABLE terms (source TEXT PRIMARY KEY, terms BLOB);
CREATE TABLE targets (folder TEXT, name TEXT, record BLOB, PRIMARY KEY (folder, name)) WITHOUT ROWID;
"""


class CacheInUse(NewsArchiveError):
    """Another build is at work with the same cache folder."""


class FileRecord(Struct, frozen=True, array_like=True):
    """An input file as it was when it was last read."""

    size: int
    modified: int  # nanoseconds since 1970, by the disk
    changed: int  # the same of anything about the file, its time of change too; on Windows when it was made
    seen: int  # nanoseconds since 1970, by the clock, when those before were looked up
    digest: bytes  # of its contents
    rules: bytes  # of the rule files that concern it


class OutputFile(Struct, frozen=True, array_like=True):
    """A file of the output as an earlier build left it."""

    path: str  # relative to the output folder, with "/"
    size: int  # bytes; -1 for a file that is ours and of which nothing else is known
    modified: int  # nanoseconds since 1970, as the file system reports them


class TargetRecord(Struct, frozen=True, array_like=True):
    """What an earlier build made of a target (see `build.targets`)."""

    inputs: dict[str, bytes]  # digests of everything the target was made from, by name; empty: unknown
    files: tuple[OutputFile, ...]
    targets: tuple[str, ...] = ()  # names of the finer targets that it consists of
    value: bytes = b""  # what other targets need to know of it


class BuildCache:
    """The open state; from here to `close` no other build gets at it."""

    def __init__(self, cache: Path) -> None:
        """Raises StateInUse, and OSError or sqlite3.OperationalError for what the disk refuses; a file that is no state
        of this version is thrown away with a warning."""
        cache.mkdir(parents=True, exist_ok=True)
        self.path = cache / "build.sqlite"
        self._is_revised = False
        self._whole: set[str] = set()  # tables that were checked
        try:
            self._connection = self._open()
        except CorruptCache:
            discard_cache(cache, "not a build state of this version")
            self._connection = self._open()

    @classmethod
    def open_existing(cls, cache: Path) -> BuildCache | None:
        """Return the cache in a folder, or None if there is none of this version, or it cannot be opened or is in use.

        For commands that only read: unlike a build, they neither make a cache nor discard one.
        """
        opened = cls.__new__(cls)
        opened.path = cache / "build.sqlite"
        opened._is_revised = False
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
                    place = self.path.parent
                    raise CacheInUse(f"{place}: another build is at work here — wait for it to end") from None
                raise
        return connection

    def _begin(self, connection: sqlite3.Connection) -> None:
        """Take hold of the file to the end; a build that is killed lets go of it. Raises BrokenState."""
        connection.execute(f"PRAGMA page_size = {_PAGE}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("BEGIN EXCLUSIVE")
        if not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            create_tables(connection, _TABLES)
            connection.execute("INSERT INTO facts VALUES ('format', ?)", (add_checksum(_FORMAT, "format"),))
        if not has_tables(connection, _TABLES):
            raise CorruptCache(str(self.path))
        kept = connection.execute("SELECT value FROM facts WHERE name = 'format'").fetchone()
        if not kept or verify_checksum(kept[0], "format") != _FORMAT:
            raise CorruptCache(str(self.path))
        connection.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file; what was not saved is lost."""
        self._connection.close()

    def commit(self) -> None:
        """Make everything since the last time last."""
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")

    def revision(self) -> bytes:
        """Changes whenever anything about articles does."""
        return self.get_value("revision")

    def _revise(self) -> None:
        if not self._is_revised:
            self._is_revised = True
            self.set_value("revision", os.urandom(16))

    def get_value(self, name: str) -> bytes:
        """A single thing to remember; b"" when there is none."""
        return next((verify_checksum(value, name) for (value,) in self._rows(_FACT, name)), b"")

    def set_value(self, name: str, value: bytes) -> None:
        """Remember a single thing."""
        self._write("INSERT OR REPLACE INTO facts VALUES (?, ?)", [(name, add_checksum(value, name))])

    def files(self) -> dict[str, FileRecord]:
        """All files that were read, by their paths."""
        rows = self._rows("SELECT source, record FROM files", whole="files")
        return {source: read_kept(verify_checksum(record, source), FileRecord) for source, record in rows}

    def store_file(self, source: str, file: FileRecord) -> None:
        """Remember how a file was."""
        self._write("INSERT OR REPLACE INTO files VALUES (?, ?)", [(source, add_checksum(to_bytes(file), source))])

    def store_cleaned(self, source: str, publication: str, fingerprints: bytes, cleaned: bytes) -> None:
        """Remember a file that was cleaned, and that its publication is to be judged and described anew."""
        self._revise()
        self._mark_dirty(source)
        row = (source, publication, add_checksum(fingerprints, source, publication), None, add_checksum(b"", source))
        self._write("INSERT OR REPLACE INTO articles VALUES (?, ?, ?, ?, ?)", [row])
        self._write("INSERT OR REPLACE INTO cleaned VALUES (?, ?)", [(source, add_checksum(cleaned, source))])
        self._touch([publication])

    def store_described(
        self, source: str, repeated_marks: bytes, card: bytes, body: bytes, terms: bytes, rejection: bytes
    ) -> None:
        """Remember an article, or why a cleaned file gets no page; and by what verdict on its repetitions."""
        self._revise()
        row = (add_checksum(repeated_marks, source), add_checksum(rejection, source), source)
        self._write("UPDATE articles SET verdict = ?, rejection = ? WHERE source = ?", [row])
        # In a table of its own: rows that grow where they stand cost a twentieth of describing.
        self._write("INSERT OR REPLACE INTO cards VALUES (?, ?)", [(source, add_checksum(card, source))])
        self._write("INSERT OR REPLACE INTO bodies VALUES (?, ?)", [(source, add_checksum(body, source))])
        self._write("INSERT OR REPLACE INTO terms VALUES (?, ?)", [(source, add_checksum(terms, source))])

    def store_rejected(self, source: str, why: bytes) -> None:
        """Remember a file that could not even be cleaned."""
        self.forget([source], but_not_files=True)
        row = (source, None, add_checksum(b"", source), add_checksum(b"", source), add_checksum(why, source))
        self._write("INSERT OR REPLACE INTO articles VALUES (?, ?, ?, ?, ?)", [row])

    def dirty_publications(self) -> list[str]:
        """The publications whose articles changed since they were last judged."""
        rows = self._rows("SELECT sealed, publication FROM touched ORDER BY publication", whole="touched")
        return [name for sealed, name in rows if verify_checksum(sealed, name) == b""]

    def mark_all_dirty(self) -> None:
        """What sources repeat may be judged otherwise: what is known of images is other than it was."""
        query = "SELECT DISTINCT publication FROM articles WHERE publication NOT NULL"
        self._touch([name for (name,) in self._rows(query, whole="articles")])

    def _touch(self, publications: Iterable[str]) -> None:
        self._write(
            "INSERT OR IGNORE INTO touched VALUES (?, ?)", ((name, add_checksum(b"", name)) for name in publications)
        )

    def clear_dirty(self) -> None:
        """All publications are judged, all articles described."""
        self._write("DELETE FROM touched", [()])

    def count_undescribed(self) -> int:
        """How many cleaned articles are to be judged for the first time; others may be judged anew."""
        query = "SELECT COUNT(*) FROM articles WHERE publication NOT NULL AND verdict IS NULL"
        return sum(count for (count,) in self._rows(query))

    def fingerprints(self, publication: str) -> dict[str, tuple[bytes, bytes | None]]:
        """(evidence, verdict or None) of a publication's articles, by their paths."""
        query = "SELECT source, evidence, verdict FROM articles WHERE publication = ? ORDER BY source"
        return {
            source: (
                verify_checksum(fingerprints, source, publication),
                None if marks is None else verify_checksum(marks, source),
            )
            for source, fingerprints, marks in self._rows(query, publication, whole="articles")
        }

    def repeated_marks(self, source: str, digest: bytes) -> bytes | None:
        """Return what the source of an article is known to repeat of it, or None if the file had another digest, was
        rejected, or its publication changed since.
        """
        query = """
            SELECT verdict FROM articles JOIN files USING (source)
            WHERE source = ? AND digest = ? AND publication NOT NULL
            AND publication NOT IN (SELECT publication FROM touched)
        """
        row = self._connection.execute(query, (source, digest)).fetchone()
        return row[0] if row else None

    def cards(self) -> Iterator[bytes]:
        """All articles, in no order, once all are described. Raises BrokenState where one is missing."""
        missing = sum(count for (count,) in self._rows("SELECT COUNT(*) FROM articles WHERE publication NOT NULL"))
        for source, sealed in self._rows("SELECT source, card FROM cards", whole="cards"):
            missing -= 1
            if card := verify_checksum(sealed, source):
                yield card
        if missing:
            raise CorruptCache(f"{self.path}: {missing} articles are not kept as they were")

    def rejections(self) -> Iterator[tuple[str, bytes]]:
        """(path, why) of all files that get no page."""
        for source, sealed in self._rows("SELECT source, rejection FROM articles", whole="articles"):
            if why := verify_checksum(sealed, source):
                yield source, why

    def cleaned(self, source: str) -> bytes:
        """A cleaned article; raises BrokenState for one that is not there, as the next two do."""
        return self._blob("SELECT cleaned FROM cleaned WHERE source = ?", source)

    def body(self, source: str) -> bytes:
        """The HTML of an article, in UTF-8."""
        return self._blob("SELECT body FROM bodies WHERE source = ?", source)

    def terms(self, source: str) -> bytes:
        """What the search knows of an article."""
        return self._blob("SELECT terms FROM terms WHERE source = ?", source)

    def _blob(self, query: str, source: str) -> bytes:
        for (sealed,) in self._rows(query, source):
            return verify_checksum(sealed, source)
        raise CorruptCache(f"{self.path}: nothing is kept of {source}")

    def forget(self, sources: Iterable[str], but_not_files: bool = False) -> None:
        """Files that are gone."""
        gone = [(source,) for source in sources]
        if gone:
            self._revise()
        for (source,) in gone:
            self._mark_dirty(source)
        for table in ("articles", "cleaned", "cards", "bodies", "terms", *(() if but_not_files else ("files",))):
            self._write(f"DELETE FROM {table} WHERE source = ?", gone)

    def _mark_dirty(self, source: str) -> None:
        """What an article's source repeats may be judged otherwise without it, or without what it was."""
        query = "SELECT publication FROM articles WHERE source = ? AND publication NOT NULL"
        self._touch([name for (name,) in self._rows(query, source)])

    def forget_articles(self) -> None:
        """All that was made of the input: the program or its settings are others now."""
        for table in ("facts", "files", "articles", "cleaned", "cards", "bodies", "terms", "touched"):
            self._write(f"DELETE FROM {table}", [()])
        self.set_value("format", _FORMAT)
        self._revise()

    def forget_descriptions(self) -> None:
        """What was made of cleaned articles; those that were rejected then get another chance."""
        self._revise()
        self._write("UPDATE articles SET verdict = NULL WHERE publication NOT NULL", [()])
        self.mark_all_dirty()

    def folder_key(self, folder: Path) -> str:
        """What a folder is called here: the way to it from the cache folder, so that both may move together."""
        try:
            return Path(os.path.relpath(folder.resolve(), self.path.parent.resolve())).as_posix()
        except ValueError:  # on another drive
            return str(folder.resolve())

    def targets(self, folder: Path) -> dict[str, TargetRecord]:
        """Return the targets that earlier builds made below `folder`, by name. Raises CorruptCache."""
        key = self.folder_key(folder)
        rows = self._rows("SELECT name, record FROM targets WHERE folder = ?", key, whole="targets")
        return {name: read_kept(verify_checksum(record, key, name), TargetRecord) for name, record in rows}

    def store_targets(self, folder: Path, records: Mapping[str, TargetRecord]) -> None:
        """Remember targets below `folder`."""
        key = self.folder_key(folder)
        rows = ((key, name, add_checksum(to_bytes(each), key, name)) for name, each in records.items())
        self._write("INSERT OR REPLACE INTO targets VALUES (?, ?, ?)", rows)

    def forget_targets(self, folder: Path, names: Iterable[str]) -> None:
        """Forget targets whose files are deleted."""
        key = self.folder_key(folder)
        self._write("DELETE FROM targets WHERE folder = ? AND name = ?", ((key, name) for name in names))

    def _rows(self, query: str, *values: str, whole: str = "") -> Iterator[tuple[Any, ...]]:
        """The rows of a query. Of the table `whole` none may be missing. Raises BrokenState."""
        with reading(self.path):
            if whole and whole not in self._whole:
                check_table(self._connection, whole)
                self._whole.add(whole)
            # Not from the cursor itself: it would be closed with this, even after the connection.
            yield from iter(self._connection.execute(query, values).fetchone, None)

    def _write(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN")
        self._connection.executemany(statement, rows)


_FACT = "SELECT value FROM facts WHERE name = ?"


def discard_cache(cache: Path, why: object) -> None:
    """Delete the state, with a warning; the next build starts from nothing."""
    logger.warning("%s: %s — starting with a new one", cache / "build.sqlite", why)
    delete_database(cache / "build.sqlite")
