"""The stable id of an article, and the fingerprint that exact duplicates share."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b

from newsarchive.models import Image

# 64 bits: among 10 million articles, one chance in 370,000 that any two collide; collect resolves it if they do.
_BYTES = 8

# Below this many characters the same words may be two pieces of news ("早报", a flash repeated daily): then the day
# must be the same too.
_TELLING_LENGTH = 40


def article_url(date: datetime | None, own_id: str) -> str:
    """`YYYY/MM/DD/<id>.html` by the day in the site's time zone; `undated/<id>.html` for those without."""
    folder = f"{date.year:04}/{date.month:02}/{date.day:02}" if date else "undated"
    return f"{folder}/{own_id}.html"


def article_id(source: str, attempt: int = 0) -> str:
    """16 hexadecimal digits out of the file's path, the same on every machine and in every build.

    NFC first: macOS may list the very same name decomposed. `attempt` counts up when two ids collide.
    """
    path = unicodedata.normalize("NFC", source)
    return blake2b(f"{path}\0{attempt}".encode() if attempt else path.encode(), digest_size=_BYTES).hexdigest()


def fingerprint(title: str, text: str, images: Iterable[Image], date: datetime | None) -> bytes:
    """What two articles share that are equal in title, text and images after normalising. White space in title and
    text is folded: blanks, and ends of lines."""
    text = _normalise(text)
    day = str(date.date() if date else None) if len(text) < _TELLING_LENGTH else ""
    whole = "\0".join((_normalise(title), text, "\n".join(image.url for image in images), day))
    return blake2b(whole.encode("utf-8", "replace"), digest_size=16).digest()


def _normalise(text: str) -> str:
    """Without white space, and with one form for each character (NFKC, case folded)."""
    text = text.replace("\n", "").replace(" ", "")
    for wide, narrow in _EVERYDAY:
        text = text.replace(wide, narrow)
    normal = unicodedata.normalize("NFKC", text)
    return (normal if normal == text else "".join(normal.split())).casefold()


# What nearly every Chinese text has that is another character in NFKC. Without them most texts are found normal at a
# glance; with one of them normalising 2,000 characters takes 230 µs.
_EVERYDAY = [(char, unicodedata.normalize("NFKC", char)) for char in "，：；？！（）％…"]
