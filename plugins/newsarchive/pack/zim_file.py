"""Write a site as a ZIM file for Kiwix (openzim.org). Kiwix searches titles and texts of articles, in Chinese too.

libzim gives random UUIDs to the file and to its two Xapian databases. With one thread, everything else is the same each
time. So the UUIDs are replaced by a hash of the other bytes, and the checksum is computed again: the same site gives
the same file.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from newsarchive import __version__
from newsarchive.diagnostics import NewsArchiveError
from newsarchive.fs.atomic_files import temp_output
from newsarchive.pack import MIME_TYPES, Source
from newsarchive.pack.icon import draw_icon
from newsarchive.verify.catalog import CATALOG
from newsarchive.verify.site import HOME

# ISO 639-1 → ISO 639-3, which ZIM requires: the languages of the theme and a few others.
_LANGUAGES = {"zh": "zho", "en": "eng", "ja": "jpn", "ko": "kor", "fr": "fra", "de": "deu", "es": "spa", "ru": "rus"}

_MAX_TITLE, _MAX_DESCRIPTION = 30, 80  # characters (wiki.openzim.org/wiki/Metadata)

_UUID_BYTES = 16
_XAPIAN = re.compile(rb"\x0f\x0dXapian Glass..", re.DOTALL)


class NoLibzimError(NewsArchiveError):
    """libzim, an optional dependency, is not installed."""


def write_zim(source: Source, target: Path) -> None:
    """Write all files of a site to the ZIM file `target`. Raises NoLibzimError, RefusedFile or OSError."""
    try:
        from libzim.writer import Creator  # noqa: PLC0415
    except ImportError:
        raise NoLibzimError("libzim is not installed — run: pip install 'newsarchive[zim]'") from None
    catalogue = _read_catalogue(source)
    with temp_output(target) as temp_path, _discard_stdout():
        creator = Creator(temp_path).config_indexing(True, _language(source)).config_nbworkers(1)
        with creator:
            creator.set_mainpath(HOME)
            creator.add_illustration(48, draw_icon(48))
            for name, value in _metadata(source, catalogue).items():
                creator.add_metadata(name, value)
            for item in _items(source, catalogue):
                creator.add_item(item)
        _make_reproducible(temp_path)


def _read_catalogue(source: Source) -> Mapping[str, Mapping[str, Any]]:
    """Return the lines of the catalogue by page; empty if the site has no catalogue."""
    if CATALOG not in source.paths:
        return {}
    lines = source.read(CATALOG).decode("utf-8").split("\n")
    return {line["url"]: line for line in map(json.loads, filter(None, lines))}


def _language(source: Source) -> str:
    return _LANGUAGES.get(source.language.partition("-")[0].lower(), "mul")


def _metadata(source: Source, catalogue: Mapping[str, Mapping[str, Any]]) -> Mapping[str, str]:
    newest = max((line["date"] for line in catalogue.values() if line["date"]), default="1970-01-01")
    return {
        "Name": re.sub(r"[^\w]+", "-", source.name.lower()).strip("-") or "archive",
        "Title": source.name[:_MAX_TITLE],
        "Description": (source.description or source.name)[:_MAX_DESCRIPTION],
        "Language": _language(source),
        "Creator": source.name,
        "Publisher": source.name,
        "Date": newest[:10],
        "Source": source.address or source.name,
        "Scraper": f"newsarchive {__version__}",
        "Tags": "_category:news;_ftindex:yes;_pictures:no;_videos:no",
    }


def _items(source: Source, catalogue: Mapping[str, Mapping[str, Any]]) -> Iterator[Any]:
    """Yield the site's files as libzim items. Only articles are searchable."""
    from libzim.writer import Hint, IndexData, Item, StringProvider  # noqa: PLC0415

    class SearchText(IndexData):  # type: ignore[misc]  # libzim is not typed
        """The searchable text of an article; empty for other pages, because lists would outrank their articles."""

        def __init__(self, title: str, text: str, tags: str) -> None:
            super().__init__()
            self.title, self.text, self.tags = title, text, tags

        def has_indexdata(self) -> bool:
            return bool(self.title)

        def get_title(self) -> str:
            return self.title

        def get_content(self) -> str:
            return self.text

        def get_keywords(self) -> str:
            return self.tags

        def get_wordcount(self) -> int:
            return len(self.text)

        def get_position(self) -> None:
            return None

    class File(Item):  # type: ignore[misc]
        """One file of the site."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path
            self.line = catalogue.get(path)
            self.page = LexborHTMLParser(source.read(path)) if path.endswith(".html") else None

        def get_path(self) -> str:
            return self.path

        def get_title(self) -> str:
            if self.line:
                return str(self.line["title"])
            title = self.page.css_first("title") if self.page else None
            return str(title.text(strip=True)) if title else ""

        def get_mimetype(self) -> str:
            return MIME_TYPES.get(PurePosixPath(self.path).suffix.lower(), "application/octet-stream")

        def get_contentprovider(self) -> Any:
            return StringProvider(source.read(self.path))

        def get_hints(self) -> dict[Any, Any]:
            return {Hint.FRONT_ARTICLE: self.line is not None or self.path == HOME, Hint.COMPRESS: True}

        def get_indexdata(self) -> Any:
            body = self.page.css_first('[itemprop="articleBody"]') if self.page and self.line else None
            if not self.line:
                return SearchText("", "", "")
            return SearchText(self.get_title(), body.text(separator=" ") if body else "", " ".join(self.line["tags"]))

    yield from (File(path) for path in source.paths)


@contextmanager
def _discard_stdout() -> Iterator[None]:
    """Discard what libzim prints: it writes to file descriptor 1, not to `sys.stdout`."""
    sys.stdout.flush()
    stdout = os.dup(1)
    try:
        with open(os.devnull, "wb") as devnull:
            os.dup2(devnull.fileno(), 1)
        yield
    finally:
        os.dup2(stdout, 1)
        os.close(stdout)


def _make_reproducible(path: Path) -> None:
    """Replace the random UUIDs by hashes of the other bytes, and update the checksum.

    The file's UUID is at byte 8, the offset of the checksum at byte 72; the checksum is the MD5 of all bytes before it
    (wiki.openzim.org/wiki/ZIM_file_format).
    """
    data = bytearray(path.read_bytes())
    (checksum_offset,) = struct.unpack_from("<Q", data, 72)
    uuid_offsets = [8, *(match.end() for match in _XAPIAN.finditer(data))]
    for offset in uuid_offsets:
        data[offset : offset + _UUID_BYTES] = bytes(_UUID_BYTES)
    digest = hashlib.blake2b(data[:checksum_offset], digest_size=_UUID_BYTES)
    for number, offset in enumerate(uuid_offsets):
        uuid = hashlib.blake2b(digest.digest() + bytes([number]), digest_size=_UUID_BYTES)
        data[offset : offset + _UUID_BYTES] = uuid.digest()
    data[checksum_offset:] = hashlib.md5(data[:checksum_offset], usedforsecurity=False).digest()
    path.write_bytes(data)
