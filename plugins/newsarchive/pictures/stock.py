"""Stock: what is stored of pictures, as a build finds it: the manifest, and the files that really stand there.

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

from newsarchive.fingerprints import fingerprint
from newsarchive.inside import scan_files
from newsarchive.pictures.conversions import Conversions
from newsarchive.pictures.manifest import MANIFEST, StoredPicture, media_folder, read_manifest
from newsarchive.plan import Plan

_TICK = 2_000_000_000  # ns, as for articles: a file that changes twice within a tick looks as it did after the first

REMOTE = "remote"


@dataclass(frozen=True)
class Stock:
    """The folder of pictures. Of a site that takes its pictures from elsewhere it is empty, and nobody looks there."""

    folder: Path = Path()
    files: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # path below it → size, time of change
    manifest: bytes = b""  # a fingerprint of it

    @property
    def fingerprint(self) -> bytes:
        """While it is the same, so are the pictures."""
        told = (f"{path} {size} {modified}" for path, (size, modified) in sorted(self.files.items()))
        return fingerprint(self.manifest, "\n".join(told)) if self.files else b""

    @cached_property
    def known(self) -> dict[str, StoredPicture]:
        """What the manifest says, by address. Raises ConfigurationError as `read_manifest` does."""
        return read_manifest(self.folder) if self.files else {}

    def present(self, wanted: Iterable[str], conversions: Conversions) -> dict[str, StoredPicture]:
        """Of the pictures at addresses that are wanted, those whose bytes are really here."""
        found = {address: self.known[address] for address in sorted(wanted) if address in self.known}
        here = {address: picture for address, picture in found.items() if picture.file in self.files}
        seen = conversions.seen()
        by_file = {picture.file: picture for picture in here.values()}
        whole = {file for file, each in by_file.items() if self._is_whole(each, seen.get(file), conversions)}
        conversions.forget_files(seen.keys() - whole)
        return {address: picture for address, picture in here.items() if picture.file in whole}

    def _is_whole(self, picture: StoredPicture, seen: tuple[int, int, int] | None, conversions: Conversions) -> bool:
        size, modified = self.files[picture.file]
        if seen and seen[:2] == (size, modified) and modified < seen[2] - _TICK:
            return True
        now = time.time_ns()
        try:
            with open(self.folder / picture.file, "rb") as file:
                is_whole = hashlib.file_digest(file, "sha256").hexdigest() == picture.sha256
        except OSError:
            return False
        if is_whole:
            conversions.keep_seen(picture.file, size, modified, now)
        return is_whole


def take_stock(plan: Plan) -> Stock:
    """What is stored for the articles of a plan."""
    if plan.settings.pictures == REMOTE:
        return Stock()
    folder = media_folder(plan.content, plan.settings)
    files, _ = scan_files(folder)
    try:
        manifest = fingerprint((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        return Stock(folder)
    return Stock(folder, files, manifest)
