"""The data types of the stages: RawArticle → CleanArticle → Article (→ Archive, in `collect`).

Each type is frozen and belongs to one stage, so a function that takes a `CleanArticle` cannot be called too early. The
stages themselves are elsewhere: `read`, `clean`, `describe`, `collect`.

The types are msgspec Structs because a build makes, copies, compares and serialises tens of thousands of them. A frozen
dataclass takes five times as long to create and thirty times as long to copy with a change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NewType

from msgspec import Struct, field

from newsarchive.diagnostics import Diagnostic

RawHtml = NewType("RawHtml", str)
"""HTML as it was scraped. It is never shown."""

CleanHtml = NewType("CleanHtml", str)
"""HTML that has passed the allowlist. Only `newsarchive.clean.sanitise.sanitise` creates it."""

IN_TAG = r'(?:[^>"]|"[^"]*")*'
"""What a tag of serialised HTML holds between its name and `>`.

lexbor and nh3 write each attribute value between double quotes, and `<` in a text as `&lt;`. So this and `TAG` find
exactly the tags of their output, CleanHtml or not. For RawHtml they are wrong: a browser reads it otherwise.
"""

TAG = re.compile(rf"</?[a-zA-Z]{IN_TAG}>")
"""A tag of serialised HTML."""

UNCATEGORISED = "未分类"
"""The section of articles that have no category."""

Metadata = Mapping[str, str | list[str]]
"""Front matter. Each value is a text or a list of texts, never a number, date or boolean."""


class RawArticle(Struct, frozen=True):
    """One input file after reading: front matter as text, body as scraped."""

    source: str  # path of the file relative to the content root, with "/"
    title: str
    metadata: Metadata
    body: RawHtml
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def categories(self) -> tuple[str, ...]:
        """Return the category path, outermost first: section, source, channel, and any further level.

        It comes from `categories`, or from `category` where that is missing; a single text counts as one level.
        """
        found = self.metadata.get("categories") or self.metadata.get("category") or []
        return tuple([found] if isinstance(found, str) else found)

    @property
    def publication(self) -> str:
        """Return the publication that the article comes from: the second category level, or the author."""
        return _publication(self.categories, self.text("author"))

    def text(self, key: str) -> str:
        """Return the front matter value of `key` as one text; a list is joined by spaces, a missing key is ""."""
        value = self.metadata.get(key, "")
        return value if isinstance(value, str) else " ".join(value)


class Ticker(Struct, frozen=True):
    """A share that the text names.

    `code` is the exchange code, such as "sz300024". `name`, and the words `before` and `after` the name in the text,
    are known only where the page marked up the name.
    """

    code: str
    name: str = ""
    before: str = ""
    after: str = ""


class Facts(Struct, frozen=True):
    """What the body says about the article itself; cleaning moves these lines out of the text."""

    original_title: str = ""
    byline: str = ""
    editor: str = ""
    origin: str = ""  # the 来源 line: where the publication itself took the article from
    original_url: str = ""
    tickers: tuple[Ticker, ...] = ()


class ImageFile(Struct, frozen=True):
    """An image file of the site: its path relative to the output folder, and its width in pixels."""

    path: str
    width: int


class LocalImage(Struct, frozen=True):
    """A stored image as pages show it.

    `files` are sorted by width, smallest first. `width` and `height` are those of the last file, in pixels. If
    `is_animated`, the last file is the animation and the others show its first frame.
    """

    files: tuple[ImageFile, ...]
    width: int
    height: int
    # The main colour: red, green and blue as one digit each, from 0 to 5; "" for an image with transparency.
    dominant_colour: str = ""
    is_animated: bool = False


class Image(Struct, frozen=True):
    """An image of the clean body: its absolute address, and its size in pixels where the page gave one.

    `local` is the stored copy that pages show instead. Only lead images carry one.
    """

    url: str
    width: int | None = None
    height: int | None = None
    alt: str = ""
    local: LocalImage | None = None


class CleanArticle(Struct, frozen=True):
    """A raw article with a readable, safe body."""

    raw: RawArticle
    html: CleanHtml  # the blocks, joined by newlines
    text: str  # the text of `html`, one line per block
    facts: Facts
    images: tuple[Image, ...]
    removed: Mapping[str, int]  # rule or signal → how many pieces it removed
    diagnostics: tuple[Diagnostic, ...] = ()
    blocks: tuple[CleanHtml, ...] = ()
    source_length: int = 0  # visible characters of the source, without white space

    @property
    def removed_share(self) -> float:
        """Return the share of the visible text that cleaning removed, from 0 to 1.

        White space does not count, because cleaning folds it.
        """
        characters = len(self.text) - self.text.count(" ") - self.text.count("\n")  # no other white space is in it
        return max(0.0, 1 - characters / self.source_length) if self.source_length else 0.0

    @property
    def is_long_enough_to_judge(self) -> bool:
        """Return True if the source has at least 100 visible characters.

        In a shorter body, a counter or a "via" line is easily most of the text, so `removed_share` means nothing.
        """
        return self.source_length >= 100


class Article(Struct, frozen=True):
    """Everything that pages say about one article, except its body.

    All articles are in memory at once; their bodies need not be, so they stay with the CleanArticle. `url` is relative
    to the output folder.
    """

    source: str
    id: str
    title: str
    title_as_found: str
    date: datetime | None  # in the site's time zone; None if undated
    categories: tuple[str, ...]
    tags: tuple[str, ...]
    author: str
    facts: Facts
    summary: str
    word_count: int  # Han characters and Latin words together
    reading_minutes: int
    thumbnail: str  # as in the front matter
    headimg: str  # as in the front matter
    lead_candidates: tuple[Image, ...]
    fingerprint: bytes  # equal for exact duplicates
    language: str  # what the script of the text reveals (`describe.languages`); "" if nothing
    has_image: bool  # in the body
    body: bytes  # a fingerprint of the body's bytes
    removed: Mapping[str, int] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    lead: Image | None = None
    url: str = ""
    also_in: tuple[tuple[str, ...], ...] = ()  # category paths of the exact duplicates that are merged into this page

    @property
    def publication(self) -> str:
        """Return the publication that the article comes from: the second category level, or the author."""
        return _publication(self.categories, self.author)


COLLECTED_FIELDS = ("id", "url", "lead", "also_in")
"""The fields of an Article that the collect stage may set; it leaves all others as `describe` made them."""

Bodies = Mapping[str, CleanHtml]
"""The HTML of articles, by source path."""


def _publication(categories: Sequence[str], author: str) -> str:
    """Return the second category level, or the author where there is none."""
    return categories[1] if len(categories) > 1 else author
