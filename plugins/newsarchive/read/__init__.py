"""Stage 1, read: turn the bytes of a file into a `RawArticle`: front matter and body.

Crawlers write damaged files. This stage reads as much of a file as it can and adds warnings; it rejects a file that it
cannot read, with a reason. It does not look inside the body: `clean` does.
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
    """Read one file and return its article.

    `max_bytes` is the largest accepted file size. Raises RejectedFile as `read_bytes` and `parse_article` do.
    """
    return parse_article(read_bytes(found, max_bytes), found.source)


def parse_article(data: bytes, source: str) -> RawArticle:
    """Parse the bytes of a file and return the article in them.

    `source` is the file's path for messages. Raises RejectedFile if the bytes are empty or not text, or if the author
    withholds the article (see `read.visibility`).
    """
    if not data.strip():
        raise RejectedFile(Diagnostic("empty", source, "file is empty", "delete it, or crawl the article again"))
    text, diagnostics = decode(data, source)
    split = split_front_matter(text, source)
    if withheld := find_withheld(split.metadata, text, source, is_valid=not split.diagnostics):
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
    """Return the bytes of a file.

    Raises RejectedFile if `find_files` found a problem with the file, if it cannot be read, or if it is larger than
    `max_bytes`.
    """
    if found.diagnostic:
        raise RejectedFile(found.diagnostic)
    source = found.source
    try:
        data = _read_up_to(found.path, max_bytes)
    except OSError as error:
        raise RejectedFile(_unreadable(source, error.strerror or str(error))) from error
    if len(data) > max_bytes:
        raise RejectedFile(
            Diagnostic(
                "too-large", source, f"file is larger than {max_bytes:,} bytes", "raise NEWSARCHIVE_MAX_FILE_BYTES"
            )
        )
    return data


def _read_up_to(path: str, max_bytes: int) -> bytes:
    """Return a file's bytes; of a file with more than `max_bytes`, the first `max_bytes + 1`. Raises OSError.

    `os.open` and `os.read` make half as many system calls as `open`. The size from `fstat` is read first, because
    `os.read` allocates as many bytes as it is asked for.
    """
    file = os.open(path, _OPEN_FLAGS)
    try:
        expected = min(max_bytes, os.fstat(file).st_size)
        data = os.read(file, expected + 1)
        while len(data) < expected and (chunk := os.read(file, expected - len(data))):  # some disks return short reads
            data += chunk
        return data
    finally:
        os.close(file)


_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0)


def _unreadable(source: str, reason: str) -> Diagnostic:
    return Diagnostic("unreadable", source, f"file cannot be read: {reason}", "check its permissions and the disk")
