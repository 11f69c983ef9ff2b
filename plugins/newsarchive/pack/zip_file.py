"""A zip that is unpacked and opened: the site in one folder, searched and read with no network."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

from newsarchive.fs.atomic_files import temp_output
from newsarchive.pack import Source

# Compressed already: to press them again costs time and gains nothing.
_PRESSED = {".avif", ".gif", ".ico", ".jpeg", ".jpg", ".png", ".webp", ".woff2"}

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first time that a zip can hold. Real ones would differ from build to build."""

_READABLE_FILE = 0o100644 << 16


def write_zip(source: Source, target: Path) -> None:
    """Put all files of a site below one folder, which is named as the zip is."""
    with temp_output(target) as beside, zipfile.ZipFile(beside, "w") as archive:
        for path in source.paths:
            entry = zipfile.ZipInfo(f"{target.stem}/{path}", _EPOCH)
            entry.create_system = 3  # Unix, also when written on Windows
            entry.external_attr = _READABLE_FILE
            is_pressed = PurePosixPath(path).suffix.lower() in _PRESSED
            entry.compress_type = zipfile.ZIP_STORED if is_pressed else zipfile.ZIP_DEFLATED
            archive.writestr(entry, source.read(path), compresslevel=9)
