"""Keep the variants of images between builds, in `images.sqlite` in the cache folder.

The key is the digest of the image and its encoding profile: an image is converted once, whatever its name and wherever
the site is built. The file is separate from `build.sqlite`, because converting images takes longest, and variants stay
valid when the program changes. You can delete it: the next build converts the images again.
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
CREATE TABLE verified_files (file TEXT PRIMARY KEY, record BLOB) WITHOUT ROWID;
CREATE TABLE conversions (profile BLOB, sha256 TEXT, record BLOB, PRIMARY KEY (profile, sha256)) WITHOUT ROWID;
CREATE TABLE variants (profile BLOB, sha256 TEXT, position INT, data BLOB, PRIMARY KEY (profile, sha256, position));
"""


@dataclass(frozen=True, slots=True)
class CachedFile:
    """A cached variant, without its bytes."""

    width: int  # pixels
    ending: str  # file extension, without the dot
    size: int  # bytes
    checksum: int  # CRC-32 of the bytes


@dataclass(frozen=True, slots=True)
class CachedVariants:
    """A cached conversion, without the bytes of its variants. The fields are those of `Conversion`."""

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
    """The open database. Every method may raise CorruptCache.

    The lock on the build cache in the same folder keeps other builds away.
    """

    def __init__(self, cache: Path) -> None:
        """Open `images.sqlite` in the folder `cache`, or create it."""
        super().__init__(cache / "images.sqlite")
        with self._guard():
            self._connection = connect(self.path)
            self._prepare()

    def _prepare(self) -> None:
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        if has_tables(self._connection, _TABLES):
            return
        if self._connection.execute("SELECT 1 FROM sqlite_master").fetchone():  # tables of another version
            self._connection.close()
            delete_database(self.path)
            self._connection = connect(self.path)
            self._prepare()
        else:
            create_tables(self._connection, _TABLES)

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """Delete a corrupt database and raise CorruptCache; the build starts again. Other errors, as of a full disk,
        leave it."""
        try:
            with reading(self.path):
                yield
        except CorruptCache as error:
            raise self._delete(error) from None

    def _delete(self, error: CorruptCache) -> CorruptCache:
        if hasattr(self, "_connection"):
            self._connection.close()
        delete_database(self.path)
        return CorruptCache(str(error))

    def verified_files(self) -> dict[str, tuple[int, int, int]]:
        """Return the stored files that had the right SHA-256: path → (bytes, mtime, time of the check).

        Times are nanoseconds since 1970.
        """
        with self._guard():
            rows = self._rows("SELECT file, record FROM verified_files")
            return {file: read_kept(verify_checksum(record, file), tuple[int, int, int]) for file, record in rows}

    def add_verified_file(self, file: str, size: int, modified: int, checked: int) -> None:
        """Record that a stored file has the right SHA-256. Arguments are as in `verified_files`."""
        record = add_checksum(to_bytes((size, modified, checked)), file)
        self._write("INSERT OR REPLACE INTO verified_files VALUES (?, ?)", [(file, record)])

    def forget_files(self, files: Iterable[str]) -> None:
        """Remove files from the verified ones."""
        self._write("DELETE FROM verified_files WHERE file = ?", [(file,) for file in files])

    def conversions(self, profile: EncodingProfile) -> dict[str, CachedVariants]:
        """Return all conversions with a profile, by the images' digests."""
        key = profile_key(profile)
        with self._guard():
            rows = self._rows("SELECT sha256, record FROM conversions WHERE profile = ?", key)
            found = {
                sha256: read_kept(verify_checksum(record, key.hex(), sha256), CachedVariants) for sha256, record in rows
            }
            if not all(map(_is_valid, found.values())):
                raise CorruptCache("a variant has an invalid width or file extension")
            return found

    def add(self, profile: EncodingProfile, conversion: Conversion) -> CachedVariants:
        """Store a conversion with a profile; return what `conversions` returns for it."""
        key, sha256 = profile_key(profile), conversion.sha256
        files = tuple(CachedFile(v.width, v.ending, len(v.data), zlib.crc32(v.data)) for v in conversion.variants)
        cached = CachedVariants(
            files, conversion.width, conversion.height, conversion.dominant_colour, conversion.is_animated
        )
        record = add_checksum(to_bytes(cached), key.hex(), sha256)
        rows = ((key, sha256, position, variant.data) for position, variant in enumerate(conversion.variants))
        self._write("INSERT OR REPLACE INTO variants VALUES (?, ?, ?, ?)", rows)
        self._write("INSERT OR REPLACE INTO conversions VALUES (?, ?, ?)", [(key, sha256, record)])
        return cached

    def data(self, profile: EncodingProfile, sha256: str, position: int, file: CachedFile) -> bytes:
        """Return the bytes of the variant at `position` of an image's variants."""
        query = "SELECT data FROM variants WHERE profile = ? AND sha256 = ? AND position = ?"
        with self._guard():
            found: bytes = next(iter(self._rows(query, profile_key(profile), sha256, position)), (b"",))[0]
            if zlib.crc32(found) != file.checksum:
                raise CorruptCache(f"{self.path}: a variant of {sha256} is damaged")
            return found

    def keep_only(self, digests: Collection[str]) -> None:
        """Delete the variants of all other images, and of profiles or encoder versions that are no longer used."""
        keys = [profile_key(profile) for profile in ENCODING_PROFILES]
        rows = self._rows("SELECT profile, sha256 FROM conversions")
        unused = [row for row in rows if row[0] not in keys or row[1] not in digests]
        for table in ("conversions", "variants"):
            self._write(f"DELETE FROM {table} WHERE profile = ? AND sha256 = ?", unused)


def _is_valid(variants: CachedVariants) -> bool:
    """Return False for variants that no conversion makes; paths in the output are made of their width and ending."""
    return bool(variants.files) and all(_ENDING.fullmatch(file.ending) and file.width > 0 for file in variants.files)


_ENDING = re.compile("[a-z0-9]+")


def profile_key(profile: EncodingProfile) -> bytes:
    """Return a fingerprint of everything except the image that its variants depend on: encoder version and profile."""
    return fingerprint(encoder_version(), str(profile))
