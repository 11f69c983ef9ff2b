"""Exact duplicates: the same article that came through several channels, or on several crawls."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

from newsarchive.articles import Article
from newsarchive.collect.archive import sort_key

# Below this many characters the same words may be two pieces of news ("早报", a flash repeated daily): then the day
# must be the same too.
_TELLING_LENGTH = 40


def merge_duplicates(articles: Sequence[Article]) -> tuple[list[Article], dict[str, str]]:
    """(the articles that get a page, path of each duplicate → path of the article that stands for it).

    Equal are articles of the same title, text and pictures after normalising. The oldest stands for all and takes over
    their channels; the undated never stands for a dated one.
    """
    groups: dict[bytes, list[Article]] = {}
    for article in articles:
        groups.setdefault(_fingerprint(article), []).append(article)
    kept, merged_into = [], dict[str, str]()
    for group in groups.values():
        first, *others = sorted(group, key=lambda article: (article.date is None, *sort_key(article)))
        kept.append(_take_over(first, others) if others else first)
        merged_into |= {other.source: first.source for other in others}
    return kept, merged_into


def _take_over(first: Article, others: Sequence[Article]) -> Article:
    channels = {other.categories: None for other in others if other.categories and other.categories != first.categories}
    return replace(first, also_in=tuple(channels))


def _fingerprint(article: Article) -> bytes:
    text = _normalise(article.text)
    day = str(article.date.date() if article.date else None) if len(text) < _TELLING_LENGTH else ""
    pictures = "\n".join(re.findall(r'<img\b[^>]*?\ssrc="([^"]*)"', article.html))
    whole = "\0".join((_normalise(article.title), text, pictures, day))
    return blake2b(whole.encode(), digest_size=16).digest()


def _normalise(text: str) -> str:
    """Without white space, and with one form for each character."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()
