"""Merge exact duplicates: articles that came through several channels, or were crawled several times."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from newsarchive.collect.archive import sort_key
from newsarchive.models import Article


def merge_duplicates(articles: Sequence[Article]) -> tuple[list[Article], dict[str, str]]:
    """Return (articles that get a page, path of each duplicate → path of the article that replaces it).

    Articles are equal if their fingerprints are (`describe.ids`). The oldest of a group is kept and takes over the
    channels of the others. An undated article never replaces a dated one.
    """
    groups: dict[bytes, list[Article]] = {}
    for article in articles:
        groups.setdefault(article.fingerprint, []).append(article)
    kept, merged_into = [], dict[str, str]()
    for group in groups.values():
        first, *others = sorted(group, key=lambda article: (article.date is None, *sort_key(article)))
        kept.append(_merge_into(first, others) if others else first)
        merged_into |= {other.source: first.source for other in others}
    return kept, merged_into


def _merge_into(first: Article, others: Sequence[Article]) -> Article:
    """Return `first` with the distinct category paths of `others` in `also_in`."""
    channels = {other.categories: None for other in others if other.categories and other.categories != first.categories}
    return replace(first, also_in=tuple(channels))
