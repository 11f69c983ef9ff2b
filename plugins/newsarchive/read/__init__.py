"""Stage 1, read: bytes → front matter and body.

Tolerant by trade: what a crawler leaves behind is read as far as it can be, with a warning; what cannot be read is
rejected with a reason. Nothing here looks inside the body.
"""

from __future__ import annotations

import os
from pathlib import Path

from newsarchive.articles import RawArticle, RawHtml
from newsarchive.problems import Problem, RejectedFile
from newsarchive.read.decode import decode
from newsarchive.read.find import FoundFile
from newsarchive.read.front_matter import split_front_matter

__all__ = ["read_article"]


def read_article(found: FoundFile, max_bytes: int) -> RawArticle:
    """The article in one file. Raises RejectedFile when the file cannot be one."""
    if found.problem:
        raise RejectedFile(found.problem)
    data = _read_bytes(found.path, found.source, max_bytes)
    text, problems = decode(data, found.source)
    split = split_front_matter(text, found.source)
    title = split.metadata.get("title", "")
    return RawArticle(
        source=found.source,
        title=title if isinstance(title, str) else " ".join(title),
        metadata=split.metadata,
        body=RawHtml(split.body),
        problems=(*problems, *split.problems),
    )


def _read_bytes(path: Path, source: str, max_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            # No more than is there: for what is asked, memory is set aside.
            data = file.read(min(max_bytes, os.fstat(file.fileno()).st_size) + 1)
    except OSError as error:
        raise RejectedFile(_unreadable(source, error.strerror or str(error))) from error
    if len(data) > max_bytes:
        raise RejectedFile(
            Problem("too-large", source, f"file is larger than {max_bytes:,} bytes", "raise NEWSARCHIVE_MAX_FILE_BYTES")
        )
    if not data.strip():
        raise RejectedFile(Problem("empty", source, "file is empty", "delete it, or crawl the article again"))
    return data


def _unreadable(source: str, reason: str) -> Problem:
    return Problem("unreadable", source, f"file cannot be read: {reason}", "check its permissions and the disk")
