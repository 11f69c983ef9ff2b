"""Conversions: the variants of images, kept from build to build in `images.sqlite` in the cache folder.

By the digest of the image and the recipe, so that an image is converted once, whatever it is called and wherever
the site is built; apart from `build.sqlite`, because images take longest and outlive changes of the program.
Deleting it costs time, and nothing else.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from newsarchive.cache.database import (
    CorruptCache,
    Database,
    add_checksum,
    connect,
    create_tables,
    delete_database,
    has_tables,
    read_kept,
    reading,
    verify_checksum,
)
from newsarchive.cache.fingerprints import fingerprint
from newsarchive.cache.serialization import to_bytes
from newsarchive.images.variants import ENCODING_PROFILES, Conversion, EncodingProfile, encoder_version

_TABLES = """
CREATE TABLE seen (file TEXT PRIMARY KEY, record BLOB) WITHOUT ROWID;
CREATE TABLE made (recipe BLOB, sha256 TEXT, record BLOB, PRIMARY KEY (recipe, sha256)) WITHOUT ROWID;
CREATE TABLE variants (recipe BLOB, sha256 TEXT, place INT, data BLOB, PRIMARY KEY (recipe, sha256, place));
"""


@dataclass(frozen=True, slots=True)
class CachedFile:
    """A variant that is kept: how wide, of which kind, and how many bytes."""

    width: int
    ending: str
    size: int
    checksum: int


@dataclass(frozen=True, slots=True)
class CachedVariants:
    """What is kept of a conversion beside the bytes of its variants."""

    files: tuple[CachedFile, ...]
    width: int
    height: int
    dominant_colour: str
    is_animated: bool

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


class VariantCache(Database):
    """The open file; the build state beside it keeps other builds away. Every use may raise BrokenState."""

    def __init__(self, cache: Path) -> None:
        super().__init__(cache / "images.sqlite")
        with self._guard():
            self._connection = connect(self.path)
            self._begin()

    def _begin(self) -> None:
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        if has_tables(self._connection, _TABLES):
            return
        if self._connection.execute("SELECT 1 FROM sqlite_master").fetchone():  # of another version
            self._connection.close()
            delete_database(self.path)
            self._connection = connect(self.path)
            self._begin()
        else:
            create_tables(self._connection, _TABLES)

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """A damaged file is deleted, and the build begins again; a full disk, say, is another matter."""
        try:
            with reading(self.path):
                yield
        except CorruptCache as damage:
            raise self._discarded(damage) from None

    def _discarded(self, damage: object) -> CorruptCache:
        if hasattr(self, "_connection"):
            self._connection.close()
        delete_database(self.path)
        return CorruptCache(str(damage))

    def seen(self) -> dict[str, tuple[int, int, int]]:
        """The files of the store that held what they should: path → size, time of change, when they were looked at."""
        with self._guard():
            rows = self._rows("SELECT file, record FROM seen")
            return {file: read_kept(verify_checksum(record, file), tuple[int, int, int]) for file, record in rows}

    def keep_seen(self, file: str, size: int, modified: int, seen: int) -> None:
        """Remember that a file holds what it should."""
        record = add_checksum(to_bytes((size, modified, seen)), file)
        self._write("INSERT OR REPLACE INTO seen VALUES (?, ?)", [(file, record)])

    def forget_files(self, files: Iterable[str]) -> None:
        """Files that are gone."""
        self._write("DELETE FROM seen WHERE file = ?", [(file,) for file in files])

    def made(self, profile: EncodingProfile) -> dict[str, CachedVariants]:
        """What was made by a recipe, by the images' digests."""
        key = profile_key(profile)
        with self._guard():
            rows = self._rows("SELECT sha256, record FROM made WHERE recipe = ?", key)
            made = {
                sha256: read_kept(verify_checksum(record, key.hex(), sha256), CachedVariants) for sha256, record in rows
            }
            if not all(map(_is_sound, made.values())):
                raise CorruptCache("a variant has no name for a file")
            return made

    def keep(self, profile: EncodingProfile, done: Conversion) -> CachedVariants:
        """Remember an image's variants."""
        key = profile_key(profile)
        files = tuple(CachedFile(v.width, v.ending, len(v.data), zlib.crc32(v.data)) for v in done.variants)
        made = CachedVariants(files, done.width, done.height, done.dominant_colour, done.is_animated)
        record = add_checksum(to_bytes(made), key.hex(), done.sha256)
        rows = ((key, done.sha256, place, variant.data) for place, variant in enumerate(done.variants))
        self._write("INSERT OR REPLACE INTO variants VALUES (?, ?, ?, ?)", rows)
        self._write("INSERT OR REPLACE INTO made VALUES (?, ?, ?)", [(key, done.sha256, record)])
        return made

    def data(self, profile: EncodingProfile, sha256: str, place: int, file: CachedFile) -> bytes:
        """The bytes of a variant."""
        query = "SELECT data FROM variants WHERE recipe = ? AND sha256 = ? AND place = ?"
        with self._guard():
            found: bytes = next(iter(self._rows(query, profile_key(profile), sha256, place)), (b"",))[0]
            if zlib.crc32(found) != file.checksum:
                raise CorruptCache(f"{self.path}: a variant of {sha256} is damaged")
            return found

    def forget_others(self, digests: Collection[str]) -> None:
        """All images but these, and what other recipes or another program made."""
        recipes = [profile_key(profile) for profile in ENCODING_PROFILES]
        rows = self._rows("SELECT recipe, sha256 FROM made")
        gone = [row for row in rows if row[0] not in recipes or row[1] not in digests]
        for table in ("made", "variants"):
            self._write(f"DELETE FROM {table} WHERE recipe = ? AND sha256 = ?", gone)


def _is_sound(made: CachedVariants) -> bool:
    """False for what no conversion makes, and no path may be made of."""
    return bool(made.files) and all(_ENDING.fullmatch(file.ending) and file.width > 0 for file in made.files)


_ENDING = re.compile("[a-z0-9]+")


def profile_key(profile: EncodingProfile) -> bytes:
    """What the variants of an image depend on, beside the image."""
    return fingerprint(encoder_version(), str(profile))
