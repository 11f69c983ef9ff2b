"""Stock: what is stored of images, as a build finds it: the manifest, and the files that really stand there.

A build trusts neither: a file counts while it holds the bytes that the manifest says, looked at again whenever its
size or time is another. Files in Git LFS that were not fetched hold something else, and count as not stored.
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

_TICK = 2_000_000_000  # ns, as for articles: a file that changes twice within a tick looks as it did after the first

REMOTE = "remote"


@dataclass(frozen=True)
class StoredFiles:
    """The folder of images. Of a site that takes its images from elsewhere it is empty, and nobody looks there."""

    folder: Path = Path()
    files: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # path below it → size, time of change
    manifest: bytes = b""  # a fingerprint of it

    @property
    def fingerprint(self) -> bytes:
        """While it is the same, so are the images."""
        told = (f"{path} {size} {modified}" for path, (size, modified) in sorted(self.files.items()))
        return fingerprint(self.manifest, "\n".join(told)) if self.files else b""

    @cached_property
    def known(self) -> dict[str, StoredImage]:
        """What the manifest says, by address. Raises ConfigurationError as `read_manifest` does."""
        return read_manifest(self.folder) if self.files else {}

    def present(self, wanted: Iterable[str], variant_cache: VariantCache) -> dict[str, StoredImage]:
        """Of the images at addresses that are wanted, those whose bytes are really here."""
        found = {address: self.known[address] for address in sorted(wanted) if address in self.known}
        here = {address: image for address, image in found.items() if image.file in self.files}
        seen = variant_cache.seen()
        by_file = {image.file: image for image in here.values()}
        whole = {file for file, each in by_file.items() if self._is_whole(each, seen.get(file), variant_cache)}
        variant_cache.forget_files(seen.keys() - whole)
        return {address: image for address, image in here.items() if image.file in whole}

    def _is_whole(self, image: StoredImage, seen: tuple[int, int, int] | None, variant_cache: VariantCache) -> bool:
        size, modified = self.files[image.file]
        if seen and seen[:2] == (size, modified) and modified < seen[2] - _TICK:
            return True
        now = time.time_ns()
        try:
            with open(self.folder / image.file, "rb") as file:
                is_whole = hashlib.file_digest(file, "sha256").hexdigest() == image.sha256
        except OSError:
            return False
        if is_whole:
            variant_cache.keep_seen(image.file, size, modified, now)
        return is_whole


def scan_stored_files(config: BuildConfig) -> StoredFiles:
    """What is stored for the articles of a plan."""
    if config.settings.images == REMOTE:
        return StoredFiles()
    folder = media_folder(config.content, config.settings)
    files, _ = scan_files(folder)
    try:
        manifest = fingerprint(read_manifest_bytes(folder))
    except FileNotFoundError:
        return StoredFiles(folder)
    return StoredFiles(folder, files, manifest)
