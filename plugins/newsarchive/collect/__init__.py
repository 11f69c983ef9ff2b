"""Stage 4, collect: group all articles into one Archive.

Only here is more than one article looked at: exact duplicates are merged, id collisions resolved, images that a source
repeats everywhere rejected as lead images, and sections, tags, days and related articles built.
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
    """Results of the previous build that this one may reuse.

    The cache saves time only: the Archive is the same without it.
    """

    slugs: dict[str, str] = field(default_factory=dict)  # name → slug, before collisions are resolved
    related: RelatedCache = field(default_factory=RelatedCache)


def collect_archive(
    articles: Iterable[Article],
    settings: Settings,
    cache: CollectionCache | None = None,
    local_images: Mapping[str, LocalImage] | None = None,
    qr_codes: frozenset[str] = frozenset(),
) -> Archive:
    """Return the archive of `articles`, which may come in any order.

    - `cache`: results of the previous build; updated in place.
    - `local_images`: the locally stored images by URL; None if pages link the original addresses.
    - `qr_codes`: URLs of images that show a QR code; they are never lead images.
    """
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
    """Give each article a unique id; of articles with equal ids, the first by path keeps it."""
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
    """Set each article's lead image to its first acceptable candidate, or None.

    A candidate is rejected if it is a QR code, or if `shared_image_minimum` articles of the source have it: then it is
    a logo, a stock photograph, or another ornament of the whole source.
    """
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
    """Yield stored candidates that are large enough, then, unless images are local only, those not stored."""
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
    """Map the id of each dated article to the articles before and after it in its section."""
    by_section: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        if article.date:
            by_section[article.categories[0] if article.categories else ""].append(article)
    return {
        article.id: Neighbours(related_articles, later)
        for row in by_section.values()
        for related_articles, article, later in zip([None, *row], row, [*row[1:], None], strict=False)
    }
