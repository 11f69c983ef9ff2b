"""Tags with pages."""

from __future__ import annotations

from collections.abc import Sequence

from newsarchive.collect.archive import Tag
from newsarchive.collect.slugs import assign_slugs
from newsarchive.describe.tags import tag_key
from newsarchive.models import Article


def group_by_tag(
    articles: Sequence[Article], min_articles: int, slug_cache: dict[str, str] | None = None
) -> tuple[Tag, ...]:
    """The tags that `least` articles or more have, in order of their slugs, named as the oldest of them spells it."""
    members: dict[str, list[Article]] = {}
    names: dict[str, str] = {}
    for article in articles:
        for tag in article.tags:
            members.setdefault(tag_key(tag), []).append(article)
            names.setdefault(tag_key(tag), tag)
    slugs = assign_slugs(
        members, slug_cache
    )  # of all tags, so that one that grows to a page changes no other's address
    tags = [
        Tag(names[key], f"tags/{slugs[key]}/index.html", tuple(found))
        for key, found in members.items()
        if len(found) >= min_articles
    ]
    return tuple(sorted(tags, key=lambda tag: tag.url))
