"""The category tree."""

from __future__ import annotations

from collections.abc import Sequence

from newsarchive.collect.archive import Section
from newsarchive.collect.slugs import assign_slugs
from newsarchive.models import UNCATEGORISED, Article


def build_sections(
    articles: Sequence[Article], levels: int, slug_cache: dict[str, str] | None = None
) -> tuple[Section, ...]:
    """The tree of the articles' categories, `levels` deep, siblings in order of their slugs.

    An article is in every section on each of its paths (duplicates merged into it bring their own), once.
    """
    members: dict[tuple[str, ...], list[Article]] = {}
    for article in articles:
        for path in _paths(article, levels):
            members.setdefault(path, []).append(article)
    children: dict[tuple[str, ...], list[str]] = {}
    for path in members:  # in order of the first article: an older section keeps its slug when a namesake comes
        children.setdefault(path[:-1], []).append(path[-1])
    return _build_subtree((), "sections", members, children, {} if slug_cache is None else slug_cache)


def _build_subtree(
    parent: tuple[str, ...],
    folder: str,
    members: dict[tuple[str, ...], list[Article]],
    children: dict[tuple[str, ...], list[str]],
    slug_cache: dict[str, str],
) -> tuple[Section, ...]:
    slugs = assign_slugs(children.get(parent, []), slug_cache)
    return tuple(
        Section(
            name=name,
            url=f"{folder}/{slug}/index.html",
            path=(*parent, name),
            articles=tuple(members[*parent, name]),
            children=_build_subtree((*parent, name), f"{folder}/{slug}", members, children, slug_cache),
        )
        for name, slug in sorted(slugs.items(), key=lambda item: item[1])
    )


def _paths(article: Article, levels: int) -> dict[tuple[str, ...], None]:
    """Every section the article stands in, as category paths, each once and outermost first."""
    full = [article.categories or (UNCATEGORISED,), *article.also_in]
    return {path[:depth]: None for path in full for depth in range(1, min(len(path), levels) + 1)}
