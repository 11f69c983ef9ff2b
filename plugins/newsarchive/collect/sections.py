"""Build the tree of sections from the articles' category paths."""

from __future__ import annotations

from collections.abc import Sequence

from newsarchive.collect.archive import Section
from newsarchive.collect.slugs import assign_slugs
from newsarchive.models import UNCATEGORISED, Article


def build_sections(
    articles: Sequence[Article], levels: int, slug_cache: dict[str, str] | None = None
) -> tuple[Section, ...]:
    """Return the top-level sections; the tree is `levels` deep, siblings are sorted by slug.

    An article is listed once in every section on its category path, and on the paths of duplicates that were merged
    into it. `slug_cache` maps names to slugs of earlier builds and is updated in place.
    """
    members: dict[tuple[str, ...], list[Article]] = {}
    for article in articles:
        for path in _paths(article, levels):
            members.setdefault(path, []).append(article)
    children: dict[tuple[str, ...], list[str]] = {}
    for (
        path
    ) in members:  # ordered by first article, so an older section keeps its slug if a name with an equal slug appears
        children.setdefault(path[:-1], []).append(path[-1])
    return _build_subtree((), "sections", members, children, {} if slug_cache is None else slug_cache)


def _build_subtree(
    parent: tuple[str, ...],
    folder: str,
    members: dict[tuple[str, ...], list[Article]],
    children: dict[tuple[str, ...], list[str]],
    slug_cache: dict[str, str],
) -> tuple[Section, ...]:
    """Return the sections below the category path `parent`, whose pages are in `folder`."""
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
    """Return the category paths of all sections that list the article, without repeats, outermost first."""
    full = [article.categories or (UNCATEGORISED,), *article.also_in]
    return {path[:depth]: None for path in full for depth in range(1, min(len(path), levels) + 1)}
