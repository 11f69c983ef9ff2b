"""Stage 1, read: bytes → front matter and body.

Tolerant by trade: what a crawler leaves behind is read as far as it can be, with a warning; what cannot be read is
rejected with a reason. Nothing here looks inside the body.
"""

from __future__ import annotations

import os

from newsarchive.diagnostics import Diagnostic, RejectedFile
from newsarchive.models import RawArticle, RawHtml
from newsarchive.read.decode import decode
from newsarchive.read.find import FoundFile
from newsarchive.read.front_matter import split_front_matter
from newsarchive.read.visibility import find_withheld

__all__ = ["parse_article", "read_article", "read_bytes"]


def read_article(found: FoundFile, max_bytes: int) -> RawArticle:
    """The article in one file. Raises RejectedFile when the file cannot be one."""
    return parse_article(read_bytes(found, max_bytes), found.source)


def parse_article(data: bytes, source: str) -> RawArticle:
    """The article in the bytes of a file. Raises RejectedFile when they cannot be one, or its author withholds it."""
    if not data.strip():
        raise RejectedFile(Diagnostic("empty", source, "file is empty", "delete it, or crawl the article again"))
    text, diagnostics = decode(data, source)
    split = split_front_matter(text, source)
    if withheld := find_withheld(split.metadata, text, source, is_well_read=not split.diagnostics):
        raise RejectedFile(withheld)
    title = split.metadata.get("title", "")
    return RawArticle(
        source=source,
        title=title if isinstance(title, str) else " ".join(title),
        metadata=split.metadata,
        body=RawHtml(split.body),
        diagnostics=(*diagnostics, *split.diagnostics),
    )


def read_bytes(found: FoundFile, max_bytes: int) -> bytes:
    """What a file holds. Raises RejectedFile when it cannot be an article, cannot be read, or is too large."""
    if found.diagnostic:
        raise RejectedFile(found.diagnostic)
    source = found.source
    try:
        data = _read(found.path, max_bytes)
    except OSError as error:
        raise RejectedFile(_unreadable(source, error.strerror or str(error))) from error
    if len(data) > max_bytes:
        raise RejectedFile(
            Diagnostic(
                "too-large", source, f"file is larger than {max_bytes:,} bytes", "raise NEWSARCHIVE_MAX_FILE_BYTES"
            )
        )
    return data


def _read(path: str, most: int) -> bytes:
    """A file's bytes; of one that has more than `most`, one more than these. By `os` alone, which asks the system half
    as often; and for no more than is there, because for what is asked memory is set aside."""
    file = os.open(path, _READING)
    try:
        expected = min(most, os.fstat(file).st_size)
        data = os.read(file, expected + 1)
        while len(data) < expected and (more := os.read(file, expected - len(data))):  # some disks give it in pieces
            data += more
        return data
    finally:
        os.close(file)


_READING = os.O_RDONLY | getattr(os, "O_BINARY", 0)


def _unreadable(source: str, reason: str) -> Diagnostic:
    return Diagnostic("unreadable", source, f"file cannot be read: {reason}", "check its permissions and the disk")
