"""Collects the cached articles into one site: archive, images, and what its templates share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from newsarchive.build.article_stages import Rejections
from newsarchive.build.context import BuildContext
from newsarchive.cache.build_cache import BuildCache
from newsarchive.cache.database import CorruptCache, read_kept, trusting_values
from newsarchive.cache.fingerprints import fingerprint_of_bytes
from newsarchive.cache.serialization import to_bytes
from newsarchive.collect import Archive, CollectionCache, collect_archive
from newsarchive.describe.ids import article_id, article_url
from newsarchive.diagnostics import Diagnostic
from newsarchive.images.collection import Collection, collect_images
from newsarchive.images.image_selection import (
    Addresses,
    ImageSelection,
    addresses_in,
    image_budget,
    select_images,
)
from newsarchive.images.repeated_images import qr_codes_in
from newsarchive.images.stored_files import REMOTE
from newsarchive.models import Article, Bodies, CleanHtml


@dataclass(frozen=True, slots=True)
class CollectedSite:
    """Every input file's fate: an article (published or merged, as `archive` says), or a rejection."""

    archive: Archive
    articles: Sequence[Article]
    rejected: Sequence[tuple[str, Diagnostic]]  # (path of the file, reason)
    article_digests: Mapping[str, bytes]  # of the articles as they were described, by path of the file
    bodies: Bodies
    images: ImageSelection


def collect_site(build: BuildContext, rejected: Rejections) -> CollectedSite:
    """Collect all cached articles into one archive.

    `rejected` are the rejections that are not in the cache, because they may be gone in the next build.
    Raises CorruptCache.
    """
    with trusting_values(build.cache.path):
        articles, digests = _load_articles(build.cache)
        addresses: Addresses = {}
        collection = None
        if build.config.settings.images != REMOTE:
            addresses = _image_addresses(articles, build.cache)
            collection = _collect_images(build, articles, addresses)
        with build.progress.stage("collect"):
            cached = ((source, read_kept(reason, Diagnostic)) for source, reason in build.cache.rejections())
            archive = _collect_archive(build, articles, collection)
            images = ImageSelection()
            if collection:
                images = select_images(collection, addresses, archive, build.config.settings)
            return CollectedSite(archive, articles, [*rejected, *cached], digests, CachedBodies(build.cache), images)


def _load_articles(cache: BuildCache) -> tuple[list[Article], dict[str, bytes]]:
    articles: list[Article] = []
    digests: dict[str, bytes] = {}
    for card in cache.cards():
        article = read_kept(card, Article)
        if article.url != article_url(article.date, article_id(article.source)):
            raise CorruptCache("an article has the address of another")
        articles.append(article)
        digests[article.source] = fingerprint_of_bytes(card)
    return articles, digests


def _collect_images(build: BuildContext, articles: Sequence[Article], addresses: Addresses) -> Collection:
    candidates = (image.url for article in articles for image in article.lead_candidates)
    wanted = {*candidates, *chain.from_iterable(addresses.values())}
    budget = image_budget(build.config.settings, len(articles))
    folder = build.cache.path.parent
    return collect_images(wanted, build.stored_files, budget, folder, build.pool, build.progress)


def _collect_archive(build: BuildContext, articles: Sequence[Article], collection: Collection | None) -> Archive:
    """Collect the archive, and remember what the next collection can use again."""
    kept = build.cache.get_value(_COLLECTION_CACHE)
    known = read_kept(kept, CollectionCache) if kept else CollectionCache()
    if not all(map(_SLUG.fullmatch, known.slugs.values())):
        raise CorruptCache("a slug leads elsewhere")
    images = (collection.local, qr_codes_in(build.stored_files.known)) if collection else ()
    archive = collect_archive(articles, build.config.settings, known, *images)
    build.cache.set_value(_COLLECTION_CACHE, to_bytes(known))
    return archive


_COLLECTION_CACHE = "collection"
_SLUG = re.compile("[a-z0-9-]*")


def _image_addresses(articles: Sequence[Article], cache: BuildCache) -> Addresses:
    """Return the addresses of the images in each article's body. A body is searched once, and its result is cached."""
    kept = cache.get_value(_ADDRESSES)
    known = read_kept(kept, dict[str, tuple[str, ...]]) if kept else {}
    found: dict[str, tuple[str, ...]] = {}
    for article in articles:
        body = article.body.hex()
        if article.has_image and body not in found:
            found[body] = known[body] if body in known else addresses_in(cache.body(article.source).decode())
    cache.set_value(_ADDRESSES, to_bytes(found))
    return {article.source: found.get(article.body.hex(), ()) for article in articles}


_ADDRESSES = "addresses of images, by digest of the body"


class CachedBodies(Mapping[str, CleanHtml]):
    """The bodies of articles by path of the file. Each is read from the cache when it is asked for, to save memory."""

    def __init__(self, cache: BuildCache) -> None:
        self._cache = cache

    def __getitem__(self, source: str) -> CleanHtml:
        return CleanHtml(self._cache.body(source).decode())

    def __iter__(self) -> Iterator[str]:
        return iter(self._cache.files())

    def __len__(self) -> int:
        return len(self._cache.files())
