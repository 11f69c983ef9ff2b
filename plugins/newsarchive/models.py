"""The nouns of the stages: RawArticle → CleanArticle → Article → Archive (see collect for the last).

Each is frozen and belongs to one stage, so that what takes a `CleanArticle` cannot be called too early. They are made,
changed a little, compared, written and read by the ten thousand: msgspec's kind of class does that in C. A frozen
dataclass takes five times as long to make, and thirty times to change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NewType

from msgspec import Struct, field

from newsarchive.diagnostics import Diagnostic

RawHtml = NewType("RawHtml", str)
"""HTML as it was scraped: never shown."""

CleanHtml = NewType("CleanHtml", str)
"""HTML that has passed the allowlist. Only `newsarchive.clean.sanitise.sanitise` makes it."""

IN_TAG = r'(?:[^>"]|"[^"]*")*'
"""What a tag of serialised HTML holds between its name and `>`.

lexbor and nh3 write each attribute value between double quotes, and `<` in a text as `&lt;`. So this and `TAG` find
exactly the tags of their output, CleanHtml or not. For RawHtml they are wrong: a browser reads it otherwise.
"""

TAG = re.compile(rf"</?[a-zA-Z]{IN_TAG}>")
"""A tag of serialised HTML."""

UNCATEGORISED = "未分类"
"""The section of articles that have none."""

Metadata = Mapping[str, str | list[str]]
"""Front matter: every value is text or a list of texts, never a number, a date or a truth value."""


class RawArticle(Struct, frozen=True):
    """One input file, read: front matter as text, body as scraped."""

    source: str  # path of the file relative to the content root, with "/"
    title: str
    metadata: Metadata
    body: RawHtml
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def categories(self) -> tuple[str, ...]:
        """Section, source, channel, and any further level, outermost first."""
        found = self.metadata.get("categories") or self.metadata.get("category") or []
        return tuple([found] if isinstance(found, str) else found)

    @property
    def publication(self) -> str:
        """The source the article came from."""
        return _publication(self.categories, self.text("author"))

    def text(self, key: str) -> str:
        """The front matter's value as one text; empty when the key is missing."""
        value = self.metadata.get(key, "")
        return value if isinstance(value, str) else " ".join(value)


class Ticker(Struct, frozen=True):
    """A share named in the text: exchange code ("sz300024") and, where known, the name and the words around it."""

    code: str
    name: str = ""
    before: str = ""
    after: str = ""


class Facts(Struct, frozen=True):
    """What the body said about the article, taken out of the text."""

    original_title: str = ""
    byline: str = ""
    editor: str = ""
    origin: str = ""  # the 来源 line: the publication that the source itself took the article from
    original_url: str = ""
    tickers: tuple[Ticker, ...] = ()


class ImageFile(Struct, frozen=True):
    """A file of the site with an image: where, relative to the output folder, and how many pixels wide."""

    path: str
    width: int


class LocalImage(Struct, frozen=True):
    """A stored image as pages show it. `files` come smallest first; `width` and `height` are those of the last.

    `moves` is true of an animation: the last file moves, and the others are its first frame.
    """

    files: tuple[ImageFile, ...]
    width: int
    height: int
    dominant_colour: str = (
        ""  # its main colour, three digits from 0 to 5 for red, green and blue; "" where one can see through it
    )
    is_animated: bool = False


class Image(Struct, frozen=True):
    """An image of the clean body: absolute address, and the size in pixels where the page gave one.

    `local` are the files of the site that stand for it, where there are any; only lead images are given them.
    """

    url: str
    width: int | None = None
    height: int | None = None
    alt: str = ""
    local: LocalImage | None = None


class CleanArticle(Struct, frozen=True):
    """A raw article with a readable, safe body."""

    raw: RawArticle
    html: CleanHtml  # the blocks, a line between them
    text: str  # the words of `html`, a line a block
    facts: Facts
    images: tuple[Image, ...]
    removed: Mapping[str, int]  # rule or sign → how many pieces it took out
    diagnostics: tuple[Diagnostic, ...] = ()
    blocks: tuple[CleanHtml, ...] = ()
    source_length: int = 0  # characters, white space aside, that a reader of the source could see

    @property
    def removed_share(self) -> float:
        """The share of the visible text that cleaning took out, from 0 to 1."""
        characters = len(self.text) - self.text.count(" ") - self.text.count("\n")  # no other white space is in it
        return max(0.0, 1 - characters / self.source_length) if self.source_length else 0.0

    @property
    def is_long_enough_to_judge(self) -> bool:
        """False for a body so short that a counter or a "via" is easily most of it."""
        return self.source_length >= 100


class Article(Struct, frozen=True):
    """Everything a page says about one article but its body, which stays with the CleanArticle that was described:
    all articles are in memory at once, their bodies need not be. `url` is relative to the output folder.
    """

    source: str
    id: str
    title: str
    title_as_found: str
    date: datetime | None  # in the site's time zone; None is undated
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    author: str
    facts: Facts
    summary: str
    word_count: int  # Han characters and Latin words together
    reading_minutes: int
    thumbnail: str  # as found
    headimg: str  # as found
    lead_candidates: tuple[Image, ...]
    fingerprint: bytes  # exact duplicates share it
    language: str  # as far as the text's script tells (`describe.languages`); "" where it tells nothing
    has_image: bool  # in its body
    body: bytes  # a fingerprint of the body, to the byte
    removed: Mapping[str, int] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    lead: Image | None = None
    url: str = ""
    also_in: tuple[tuple[str, ...], ...] = ()  # category paths of exact duplicates merged into this page

    @property
    def publication(self) -> str:
        """The source the article came from."""
        return _publication(self.categories, self.author)


COLLECTED_FIELDS = ("id", "url", "lead", "also_in")
"""What of an article may become another when all are collected; all else stays as it was described."""

Bodies = Mapping[str, CleanHtml]
"""The HTML of articles, by their paths."""


def _publication(categories: Sequence[str], author: str) -> str:
    """The second category level; the author where there is none."""
    return categories[1] if len(categories) > 1 else author
