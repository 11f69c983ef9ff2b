"""Exact duplicates: the same article that came through several channels, or on several crawls."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from newsarchive.collect.archive import sort_key
from newsarchive.models import Article


def merge_duplicates(articles: Sequence[Article]) -> tuple[list[Article], dict[str, str]]:
    """(the articles that get a page, path of each duplicate → path of the article that stands for it).

    Equal are articles of one fingerprint (`describe.identity`). The oldest stands for all and takes over
    their channels; the undated never stands for a dated one.
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
    channels = {other.categories: None for other in others if other.categories and other.categories != first.categories}
    return replace(first, also_in=tuple(channels))
