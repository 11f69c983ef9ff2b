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
from newsarchive.describe.lead_images import is_lead_candidate
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
    cache: CollectionCache | None = None,
    local_images: Mapping[str, LocalImage] | None = None,
    qr_codes: frozenset[str] = frozenset(),
) -> Archive:
    """The archive of `articles`, whatever order they come in. What is new goes into `known`. `local` are the images
    that are here, by their addresses; None says that pages take theirs from elsewhere. `codes` may not lead."""
    cache = CollectionCache() if cache is None else cache
    distinct = _resolve_id_collisions(sorted(articles, key=lambda article: article.source))
    kept, merged_into = merge_duplicates(distinct)
    with_leads = _choose_leads(kept, settings, local_images, qr_codes)
    with_leads.sort(key=sort_key)
    related_articles, cache.related = find_related(with_leads, settings.related_articles, cache.related)
    urls = {article.source: article.url for article in with_leads}
    return Archive(
        articles=tuple(with_leads),
        merged={duplicate: urls[page] for duplicate, page in merged_into.items()},
        sections=build_sections(with_leads, settings.max_category_levels, cache.slugs),
        tags=group_by_tag(with_leads, settings.tag_page_minimum, cache.slugs),
        days=group_by_day(with_leads),
        neighbours=_find_neighbours(with_leads),
        related=related_articles,
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
    articles: list[Article], settings: Settings, local_images: Mapping[str, LocalImage] | None, qr_codes: frozenset[str]
) -> list[Article]:
    """The first candidate that is no ornament of the whole source (a QR code, a logo, a stock photograph): another
    than the very first where that is one."""
    counts_by_source: dict[str, Counter[str]] = defaultdict(Counter)
    for article in articles:
        counts = counts_by_source[article.publication]
        for url in {image.url for image in article.lead_candidates}:
            counts[url] += 1
    shared_minimum = settings.shared_image_minimum
    candidates = (
        (
            p
            for p in article.lead_candidates
            if counts_by_source[article.publication][p.url] < shared_minimum and p.url not in qr_codes
        )
        for article in articles
    )
    leads = (
        next(own if local_images is None else _prefer_local(own, local_images, settings), None) for own in candidates
    )
    return [
        article if article.lead == lead else replace(article, lead=lead)
        for article, lead in zip(articles, leads, strict=True)
    ]


def _prefer_local(
    candidates: Iterable[Image], local_images: Mapping[str, LocalImage], settings: Settings
) -> Iterator[Image]:
    """Those that are here and large enough, with their files; then, where pages may show them, those that are not."""
    remote = []
    for image in candidates:
        files = local_images.get(image.url)
        if files is None:
            remote.append(image)
        elif is_lead_candidate(replace(image, width=files.width, height=files.height)):
            yield replace(image, local=files)
    if settings.images != "local":
        yield from remote


def _find_neighbours(articles: list[Article]) -> dict[str, Neighbours]:
    """For each article, by id, the ones before and after it in its section; the undated have none."""
    by_section: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        if article.date:
            by_section[article.categories[0] if article.categories else ""].append(article)
    return {
        article.id: Neighbours(related_articles, later)
        for row in by_section.values()
        for related_articles, article, later in zip([None, *row], row, [*row[1:], None], strict=False)
    }
