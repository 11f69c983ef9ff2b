"""Stage 4, collect: all articles as one value, an Archive.

What needs more than one article happens here and nowhere else: exact duplicates are merged, ids that collide are told
apart, pictures that a source shows everywhere lose the lead, sections, tags and days come into being.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from newsarchive.articles import Article, LocalPicture, Picture
from newsarchive.collect.archive import Archive, Neighbours, sort_key
from newsarchive.collect.days import group_by_day
from newsarchive.collect.duplicates import merge_duplicates
from newsarchive.collect.related import KnownCoverage, find_earlier
from newsarchive.collect.sections import grow_sections
from newsarchive.collect.tags import group_by_tag
from newsarchive.describe.identity import article_id, article_url
from newsarchive.describe.pictures import may_lead
from newsarchive.settings import Settings

__all__ = ["Archive", "Known", "collect_archive"]


@dataclass(slots=True)
class Known:
    """What the last collection found out and this one may use again; without it, the same comes out."""

    slugs: dict[str, str] = field(default_factory=dict)  # of names, before any are told apart
    coverage: KnownCoverage = field(default_factory=KnownCoverage)


def collect_archive(
    articles: Iterable[Article],
    settings: Settings,
    known: Known | None = None,
    local: Mapping[str, LocalPicture] | None = None,
    codes: frozenset[str] = frozenset(),
) -> Archive:
    """The archive of `articles`, whatever order they come in. What is new goes into `known`. `local` are the pictures
    that are here, by their addresses; None says that pages take theirs from elsewhere. `codes` may not lead."""
    known = Known() if known is None else known
    distinct = _tell_apart(sorted(articles, key=lambda article: article.source))
    kept, merged_into = merge_duplicates(distinct)
    placed = _choose_leads(kept, settings, local, codes)
    placed.sort(key=sort_key)
    earlier, known.coverage = find_earlier(placed, settings.earlier_articles, known.coverage)
    urls = {article.source: article.url for article in placed}
    return Archive(
        articles=tuple(placed),
        merged={duplicate: urls[page] for duplicate, page in merged_into.items()},
        sections=grow_sections(placed, settings.max_category_levels, known.slugs),
        tags=group_by_tag(placed, settings.tag_page_minimum, known.slugs),
        days=group_by_day(placed),
        neighbours=_find_neighbours(placed),
        earlier=earlier,
    )


def _tell_apart(articles: list[Article]) -> list[Article]:
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
    articles: list[Article], settings: Settings, local: Mapping[str, LocalPicture] | None, codes: frozenset[str]
) -> list[Article]:
    """The first candidate that is no ornament of the whole source (a QR code, a logo, a stock photograph): another
    than the very first where that is one."""
    shown: dict[str, Counter[str]] = defaultdict(Counter)
    for article in articles:
        of_source = shown[article.publication]
        for url in {picture.url for picture in article.lead_candidates}:
            of_source[url] += 1
    least = settings.shared_picture_minimum
    candidates = (
        (p for p in article.lead_candidates if shown[article.publication][p.url] < least and p.url not in codes)
        for article in articles
    )
    leads = (next(own if local is None else _from_here(own, local, settings), None) for own in candidates)
    return [
        article if article.lead == lead else replace(article, lead=lead)
        for article, lead in zip(articles, leads, strict=True)
    ]


def _from_here(
    candidates: Iterable[Picture], local: Mapping[str, LocalPicture], settings: Settings
) -> Iterator[Picture]:
    """Those that are here and large enough, with their files; then, where pages may show them, those that are not."""
    elsewhere = []
    for picture in candidates:
        files = local.get(picture.url)
        if files is None:
            elsewhere.append(picture)
        elif may_lead(replace(picture, width=files.width, height=files.height)):
            yield replace(picture, local=files)
    if settings.pictures != "local":
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
