"""Stage 4, collect: all articles as one value, an Archive.

What needs more than one article happens here and nowhere else: exact duplicates are merged, ids that collide are told
apart, images that a source shows everywhere lose the lead, sections, tags and days come into being.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from newsarchive.collect.archive import Archive, Neighbours, sort_key
from newsarchive.collect.days import group_by_day
from newsarchive.collect.duplicates import merge_duplicates
from newsarchive.collect.related import RelatedCache, find_related
from newsarchive.collect.sections import build_sections
from newsarchive.collect.tags import group_by_tag
from newsarchive.config.settings import Settings
from newsarchive.describe.ids import article_id, article_url
from newsarchive.describe.lead_images import may_lead
from newsarchive.models import Article, Image, LocalImage

__all__ = ["Archive", "CollectionCache", "collect_archive"]


@dataclass(slots=True)
class CollectionCache:
    """What the last collection found out and this one may use again; without it, the same comes out."""

    slugs: dict[str, str] = field(default_factory=dict)  # of names, before any are told apart
    related: RelatedCache = field(default_factory=RelatedCache)


def collect_archive(
    articles: Iterable[Article],
    settings: Settings,
    known: CollectionCache | None = None,
    local: Mapping[str, LocalImage] | None = None,
    codes: frozenset[str] = frozenset(),
) -> Archive:
    """The archive of `articles`, whatever order they come in. What is new goes into `known`. `local` are the images
    that are here, by their addresses; None says that pages take theirs from elsewhere. `codes` may not lead."""
    known = CollectionCache() if known is None else known
    distinct = _resolve_id_collisions(sorted(articles, key=lambda article: article.source))
    kept, merged_into = merge_duplicates(distinct)
    placed = _choose_leads(kept, settings, local, codes)
    placed.sort(key=sort_key)
    earlier, known.related = find_related(placed, settings.related_articles, known.related)
    urls = {article.source: article.url for article in placed}
    return Archive(
        articles=tuple(placed),
        merged={duplicate: urls[page] for duplicate, page in merged_into.items()},
        sections=build_sections(placed, settings.max_category_levels, known.slugs),
        tags=group_by_tag(placed, settings.tag_page_minimum, known.slugs),
        days=group_by_day(placed),
        neighbours=_find_neighbours(placed),
        related=earlier,
    )


def _resolve_id_collisions(articles: list[Article]) -> list[Article]:
    """Give a second article of the same id another one; the first in order of its path keeps it."""
    taken: set[str] = set()
    distinct = []
    for article in articles:
        attempt, own_id = 0, article.id
        while own_id in taken:
            attempt += 1
            own_id = article_id(article.source, attempt)
        taken.add(own_id)
        distinct.append(replace(article, id=own_id, url=article_url(article.date, own_id)) if attempt else article)
    return distinct


def _choose_leads(
    articles: list[Article], settings: Settings, local: Mapping[str, LocalImage] | None, codes: frozenset[str]
) -> list[Article]:
    """The first candidate that is no ornament of the whole source (a QR code, a logo, a stock photograph): another
    than the very first where that is one."""
    shown: dict[str, Counter[str]] = defaultdict(Counter)
    for article in articles:
        of_source = shown[article.publication]
        for url in {image.url for image in article.lead_candidates}:
            of_source[url] += 1
    least = settings.shared_image_minimum
    candidates = (
        (p for p in article.lead_candidates if shown[article.publication][p.url] < least and p.url not in codes)
        for article in articles
    )
    leads = (next(own if local is None else _from_here(own, local, settings), None) for own in candidates)
    return [
        article if article.lead == lead else replace(article, lead=lead)
        for article, lead in zip(articles, leads, strict=True)
    ]


def _from_here(candidates: Iterable[Image], local: Mapping[str, LocalImage], settings: Settings) -> Iterator[Image]:
    """Those that are here and large enough, with their files; then, where pages may show them, those that are not."""
    elsewhere = []
    for image in candidates:
        files = local.get(image.url)
        if files is None:
            elsewhere.append(image)
        elif may_lead(replace(image, width=files.width, height=files.height)):
            yield replace(image, local=files)
    if settings.images != "local":
        yield from elsewhere


def _find_neighbours(articles: list[Article]) -> dict[str, Neighbours]:
    """For each article, by id, the ones before and after it in its section; the undated have none."""
    by_section: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        if article.date:
            by_section[article.categories[0] if article.categories else ""].append(article)
    return {
        article.id: Neighbours(earlier, later)
        for row in by_section.values()
        for earlier, article, later in zip([None, *row], row, [*row[1:], None], strict=False)
    }
