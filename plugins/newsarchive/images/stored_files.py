"""Find the stored images of a site: those in the manifest whose files exist and have the right SHA-256.

A build trusts neither manifest nor files. It hashes a file again whenever its size or mtime changes. Files in Git LFS
that were not fetched are pointers with other bytes, and count as not stored.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from newsarchive.cache.fingerprints import fingerprint
from newsarchive.config.build_config import BuildConfig
from newsarchive.fs.symlinks import scan_files
from newsarchive.images.manifest import StoredImage, media_folder, read_manifest, read_manifest_bytes
from newsarchive.images.variant_cache import VariantCache

# Nanoseconds between two timestamps that a file system tells apart, as for articles. A second change within a tick
# leaves the mtime as it was (git: "racily clean").
_TICK = 2_000_000_000

REMOTE = "remote"


@dataclass(frozen=True)
class StoredFiles:
    """The files in the folder of images. It is empty for a site that loads its images from the web."""

    folder: Path = Path()
    files: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # path below it → (bytes, mtime in nanoseconds)
    manifest: bytes = b""  # fingerprint of the manifest

    @property
    def fingerprint(self) -> bytes:
        """A digest of the manifest and of the files' sizes and mtimes."""
        lines = (f"{path} {size} {modified}" for path, (size, modified) in sorted(self.files.items()))
        return fingerprint(self.manifest, "\n".join(lines)) if self.files else b""

    @cached_property
    def known(self) -> dict[str, StoredImage]:
        """The images of the manifest by address. Raises ConfigurationError as `read_manifest` does."""
        return read_manifest(self.folder) if self.files else {}

    def present(self, wanted: Iterable[str], variant_cache: VariantCache) -> dict[str, StoredImage]:
        """Return the images at the `wanted` addresses whose files have the right bytes, by address.

        `variant_cache` remembers verified files. Raises CorruptCache, and ConfigurationError as `known` does.
        """
        found = {address: self.known[address] for address in sorted(wanted) if address in self.known}
        existing = {address: image for address, image in found.items() if image.file in self.files}
        verified = variant_cache.verified_files()
        by_file = {image.file: image for image in existing.values()}
        valid = {file for file, each in by_file.items() if self._is_valid(each, verified.get(file), variant_cache)}
        variant_cache.forget_files(verified.keys() - valid)
        return {address: image for address, image in existing.items() if image.file in valid}

    def _is_valid(self, image: StoredImage, verified: tuple[int, int, int] | None, variant_cache: VariantCache) -> bool:
        """Return True if the image's file has its SHA-256. `verified` is the (bytes, mtime, time) of the last check."""
        size, modified = self.files[image.file]
        if verified and verified[:2] == (size, modified) and modified < verified[2] - _TICK:
            return True
        now = time.time_ns()
        try:
            with open(self.folder / image.file, "rb") as file:
                is_valid = hashlib.file_digest(file, "sha256").hexdigest() == image.sha256
        except OSError:
            return False
        if is_valid:
            variant_cache.add_verified_file(image.file, size, modified, now)
        return is_valid


def scan_stored_files(config: BuildConfig) -> StoredFiles:
    """List the stored images of a site. Raises RefusedFile if the manifest is not a regular file."""
    if config.settings.images == REMOTE:
        return StoredFiles()
    folder = media_folder(config.content, config.settings)
    files, _ = scan_files(folder)
    try:
        manifest = fingerprint(read_manifest_bytes(folder))
    except FileNotFoundError:
        return StoredFiles(folder)
    return StoredFiles(folder, files, manifest)
