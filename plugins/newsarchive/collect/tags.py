"""Group articles by tag."""

from __future__ import annotations

from collections.abc import Sequence

from newsarchive.collect.archive import Tag
from newsarchive.collect.slugs import assign_slugs
from newsarchive.describe.tags import tag_key
from newsarchive.models import Article


def group_by_tag(
    articles: Sequence[Article], min_articles: int, slug_cache: dict[str, str] | None = None
) -> tuple[Tag, ...]:
    """Return the tags of at least `min_articles` articles, sorted by address.

    A tag is spelled as in the oldest article that has it. `slug_cache` maps names to slugs of earlier builds and is
    updated in place.
    """
    members: dict[str, list[Article]] = {}
    names: dict[str, str] = {}
    for article in articles:
        for tag in article.tags:
            members.setdefault(tag_key(tag), []).append(article)
            names.setdefault(tag_key(tag), tag)
    # Tags without a page get slugs too, so that a tag that becomes frequent enough changes no other tag's address.
    slugs = assign_slugs(members, slug_cache)
    tags = [
        Tag(names[key], f"tags/{slugs[key]}/index.html", tuple(found))
        for key, found in members.items()
        if len(found) >= min_articles
    ]
    return tuple(sorted(tags, key=lambda tag: tag.url))
