"""Select the images that each article shows from the site's own files, so that all files fit the budget.

The selection depends only on the articles, the collection and the settings: an incremental build and a clean build
select the same images. Images are converted in `collection`, and written into bodies in `render`.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from newsarchive.cache.fingerprints import fingerprint
from newsarchive.collect.archive import Archive
from newsarchive.config.settings import Settings
from newsarchive.images.collection import Collection, local_image
from newsarchive.images.variant_cache import VariantCache, profile_key
from newsarchive.models import IN_TAG, Article, LocalImage

# Bytes. At the first, builds warn that GitHub Pages accepts 1 GB. The second is an article of 1,500 characters with its
# share of lists, feeds and search (benchmarks/README.md).
_SITE_BYTES, _ARTICLE_BYTES = 800_000_000, 17_000

Shown = Mapping[str, LocalImage | None]
"""The images of an article by address. None: the image is not stored, and the page must not load it from the web."""

Addresses = Mapping[str, tuple[str, ...]]
"""Path of an article → addresses of the images in its body."""


@dataclass(frozen=True)
class ImageSelection:
    """The images that each article shows. It is empty for a site that stores no images."""

    collection: Collection = field(default_factory=Collection)
    addresses: Addresses = field(default_factory=dict)
    links_remote_images: bool = True  # True: images that are not stored are loaded from the web
    lead_only: frozenset[str] = frozenset()  # paths of articles that show only their lead image
    size: int = 0  # bytes of all files
    budget: int = 0  # bytes

    @property
    def is_empty(self) -> bool:
        """True if the site stores no images."""
        return not self.addresses

    def shown(self, article: Article) -> Shown:
        """Return the images that an article's page shows. An address that is missing is loaded from the web."""
        found: dict[str, LocalImage | None] = {}
        for address in self.addresses.get(article.source, ()):
            is_excluded = article.source in self.lead_only and address != _lead_address(article)
            local = None if is_excluded else self.collection.local.get(address)
            if local or not self.links_remote_images:
                found[address] = local
        return found

    def summary_lines(self) -> Iterator[tuple[str, str]]:
        """Yield ("info" or "warning", line) for the summary at the end of a build."""
        wanted = {address for found in self.addresses.values() for address in found}
        if not wanted:
            return
        stored = len(wanted & self.collection.local.keys())
        size = f"{self.size / 1e6:,.1f} MB"
        yield "info", f"images: {stored:,} of {len(wanted):,} are here, {size} ({self.collection.profile})"
        if not stored:
            yield "warning", "images: none are stored — run: newsarchive images"
        if broken := self.collection.broken:
            digest, reason = min(broken.items())
            yield "warning", f"{len(broken):,} × image that cannot be converted, first: {digest[:16]}: {reason}"
        limit = f"NEWSARCHIVE_IMAGE_BYTES ({self.budget / 1e6:,.1f} MB)"
        if self.lead_only:
            count = f"{len(self.lead_only):,} articles"
            yield "warning", f"images: {count} show their lead image alone, to keep to {limit}"
        if self.size > self.budget:
            yield "warning", f"images: {size} are more than {limit}, with lead images alone — raise it"


def select_images(collection: Collection, addresses: Addresses, archive: Archive, settings: Settings) -> ImageSelection:
    """Return which images each article of an archive shows.

    While the files exceed the budget, the oldest article that shows more than its lead image is cut to its lead image.
    """
    own = {article.source: _digests_of(article, addresses, collection) for article in archive.articles}
    uses = Counter(chain.from_iterable(own.values()))
    size = sum(collection.variants[digest].size for digest in uses)
    budget = image_budget(settings, len(addresses))
    lead_only = set()
    for article in archive.articles:
        if size <= budget:
            break
        spare = own[article.source] - {collection.digests.get(_lead_address(article), "")}
        if spare:
            lead_only.add(article.source)
        for digest in spare:
            uses[digest] -= 1
            if not uses[digest]:
                size -= collection.variants[digest].size
    return ImageSelection(collection, addresses, settings.images != "local", frozenset(lead_only), size, budget)


def image_budget(settings: Settings, articles: int) -> int:
    """Return the bytes that images may take: the setting NEWSARCHIVE_IMAGE_BYTES, else what `articles` pages leave."""
    return settings.image_bytes or max(0, _SITE_BYTES - articles * _ARTICLE_BYTES)


def _digests_of(article: Article, addresses: Addresses, collection: Collection) -> set[str]:
    wanted = (*addresses.get(article.source, ()), _lead_address(article))
    return {collection.digests[address] for address in wanted if address in collection.local}


def _lead_address(article: Article) -> str:
    return article.lead.url if article.lead else ""


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A file of the output that holds one variant of an image."""

    path: str  # in the output
    inputs_digest: bytes
    digest: str  # SHA-256 of the stored image
    position: int  # of the variant among the image's variants


def files_of(selection: ImageSelection, archive: Archive) -> Iterator[ImageFile]:
    """Yield the file of each variant of each image that a page shows, sorted by the images' digests."""
    collection = selection.collection
    digests: set[str] = set()
    for article in archive.articles:
        shown = [address for address, local in selection.shown(article).items() if local]
        digests.update(collection.digests[address] for address in shown)
        if article.lead and article.lead.local:
            digests.add(collection.digests[article.lead.url])
    key = profile_key(collection.profile) if digests else b""
    for digest in sorted(digests):
        for position, file in enumerate(local_image(digest, collection.variants[digest]).files):
            yield ImageFile(file.path, fingerprint(key, digest, bytes([position])), digest, position)


def data_of(file: ImageFile, selection: ImageSelection, variant_cache: VariantCache) -> bytes:
    """Return the bytes of a file. Raises CorruptCache."""
    variants = selection.collection.variants[file.digest]
    return variant_cache.data(selection.collection.profile, file.digest, file.position, variants.files[file.position])


def addresses_in(body: str) -> tuple[str, ...]:
    """Return the addresses of the images on the web that a clean body shows, each once."""
    if "<img" not in body:
        return ()
    return tuple(dict.fromkeys(html.unescape(found) for found in _ADDRESS.findall(body)))


_ADDRESS = re.compile(rf'<img\b{IN_TAG}?\ssrc="(https:[^"]*)"')
