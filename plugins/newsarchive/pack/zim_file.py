"""A ZIM file for Kiwix readers (openzim.org): titles and texts of articles can be searched there, in Chinese too.

libzim gives the file and both of its Xapian databases random identities; everything else is the same each time when
one thread writes. So the identities are written over with a hash of the rest, and the checksum is made anew.
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

# ISO 639-3, which ZIM wants, of the languages that the theme speaks and its nearest neighbours.
_LANGUAGES = {"zh": "zho", "en": "eng", "ja": "jpn", "ko": "kor", "fr": "fra", "de": "deu", "es": "spa", "ru": "rus"}

_MOST_IN_TITLE, _MOST_IN_DESCRIPTION = 30, 80  # wiki.openzim.org/wiki/Metadata

_IDENTITY = 16
_XAPIAN = re.compile(rb"\x0f\x0dXapian Glass..", re.DOTALL)


class NoLibzimError(NewsArchiveError):
    """libzim is an extra, and not installed."""


def write_zim(source: Source, target: Path) -> None:
    """Write all files of a site as a ZIM file. Raises NoLibzimError."""
    try:
        from libzim.writer import Creator  # noqa: PLC0415
    except ImportError:
        raise NoLibzimError("libzim is not installed — run: pip install 'newsarchive[zim]'") from None
    catalogue = _read_catalogue(source)
    with temp_output(target) as beside, _silence():
        creator = Creator(beside).config_indexing(True, _language(source)).config_nbworkers(1)
        with creator:
            creator.set_mainpath(HOME)
            creator.add_illustration(48, draw_icon(48))
            for name, value in _metadata(source, catalogue).items():
                creator.add_metadata(name, value)
            for item in _items(source, catalogue):
                creator.add_item(item)
        _settle_identity(beside)


def _read_catalogue(source: Source) -> Mapping[str, Mapping[str, Any]]:
    """Address → line of the catalogue."""
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
        "Title": source.name[:_MOST_IN_TITLE],
        "Description": (source.description or source.name)[:_MOST_IN_DESCRIPTION],
        "Language": _language(source),
        "Creator": source.name,
        "Publisher": source.name,
        "Date": newest[:10],
        "Source": source.address or source.name,
        "Scraper": f"newsarchive {__version__}",
        "Tags": "_category:news;_ftindex:yes;_pictures:no;_videos:no",
    }


def _items(source: Source, catalogue: Mapping[str, Mapping[str, Any]]) -> Iterator[Any]:
    """The site's files as libzim wants them: articles are what its readers search."""
    from libzim.writer import Hint, IndexData, Item, StringProvider  # noqa: PLC0415

    class Words(IndexData):  # type: ignore[misc]  # libzim is not typed
        """What is searched of an article; of any other page, nothing: lists would hide what they list."""

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
                return Words("", "", "")
            return Words(self.get_title(), body.text(separator=" ") if body else "", " ".join(self.line["tags"]))

    yield from (File(path) for path in source.paths)


@contextmanager
def _silence() -> Iterator[None]:
    """libzim tells its stages on the standard output of the process, past Python."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def _settle_identity(path: Path) -> None:
    """Write a hash of all else over what is random, and the checksum (MD5 of all before it, openzim.org) anew."""
    data = bytearray(path.read_bytes())
    (checksum,) = struct.unpack_from("<Q", data, 72)
    places = [8, *(match.end() for match in _XAPIAN.finditer(data))]
    for place in places:
        data[place : place + _IDENTITY] = bytes(_IDENTITY)
    digest = hashlib.blake2b(data[:checksum], digest_size=_IDENTITY)
    for number, place in enumerate(places):
        own = hashlib.blake2b(digest.digest() + bytes([number]), digest_size=_IDENTITY)
        data[place : place + _IDENTITY] = own.digest()
    data[checksum:] = hashlib.md5(data[:checksum], usedforsecurity=False).digest()
    path.write_bytes(data)
