"""Write a site as a zip file. Unpacked, you can open, read and search it without a network."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

from newsarchive.fs.atomic_files import temp_output
from newsarchive.pack import Source

# Compressed formats: compressing them again takes time and saves nothing.
_COMPRESSED = {".avif", ".gif", ".ico", ".jpeg", ".jpg", ".png", ".webp", ".woff2"}

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can store. Real mtimes would differ from build to build."""

_READABLE_FILE = 0o100644 << 16


def write_zip(source: Source, target: Path) -> None:
    """Write all files of a site to the zip file `target`, in a folder with its name. Raises RefusedFile or OSError."""
    with temp_output(target) as temp_path, zipfile.ZipFile(temp_path, "w") as archive:
        for path in source.paths:
            entry = zipfile.ZipInfo(f"{target.stem}/{path}", _EPOCH)
            entry.create_system = 3  # Unix, also when written on Windows
            entry.external_attr = _READABLE_FILE
            is_compressed = PurePosixPath(path).suffix.lower() in _COMPRESSED
            entry.compress_type = zipfile.ZIP_STORED if is_compressed else zipfile.ZIP_DEFLATED
            archive.writestr(entry, source.read(path), compresslevel=9)
