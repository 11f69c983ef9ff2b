"""Write image files: each once, named by the SHA-256 of its bytes, unchanged.

Limits of size and total are checked by `fetch.downloader.BlobStore`, not here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from newsarchive.diagnostics import Diagnostic, NewsArchiveError
from newsarchive.fs.atomic_files import write_atomically
from newsarchive.fs.locks import FolderLock
from newsarchive.images.manifest import StoredImage, image_file


class NotStored(NewsArchiveError):
    """An image cannot be written: the disk is full, or the folder is not writable."""

    def __init__(self, folder: Path, error: OSError) -> None:
        super().__init__(
            str(Diagnostic("disk", str(folder), f"cannot be written: {error}", "make room, and run it again"))
        )


def keep_bytes(folder: Path, image: StoredImage, data: bytes) -> None:
    """Write an image's bytes to their file, completely or not at all; skip a file of that size. Raises NotStored."""
    target = image_file(folder, image)
    try:
        if not (target.is_file() and target.stat().st_size == len(data)):
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(target, data)
    except OSError as error:
        raise NotStored(folder, error) from error


@contextmanager
def storing_in(folder: Path) -> Iterator[None]:
    """Keep the folder for this process, and delete what another one left half written when it was killed.

    Raises FolderInUse.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FolderLock(folder, "another process is storing images here")
    try:
        for pattern in (".*.part", "*/.*.part"):
            for left_over in folder.glob(pattern):
                left_over.unlink(missing_ok=True)
        yield
    finally:
        lock.close()
