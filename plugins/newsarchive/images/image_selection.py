"""The album: which images each article shows from the site's own files, chosen so that all of them fit.

A function of the articles, the collection and the settings alone, so that a build that goes on from an earlier one
comes to what a clean build comes to.
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

# Where builds begin to warn that GitHub Pages takes 1 GB, and what an article of 1,500 characters takes with its share
# of lists, feeds and search (benchmarks/README.md).
_WHOLE_SITE, _ARTICLE = 800_000_000, 17_000

Shown = Mapping[str, LocalImage | None]
"""The images of an article by their addresses; None is one that is not here, and is not shown from elsewhere."""

Addresses = Mapping[str, tuple[str, ...]]
"""By the paths of articles, the addresses of the images in their bodies."""


@dataclass(frozen=True)
class ImageSelection:
    """What each article shows. The empty one is that of a site whose images are elsewhere."""

    collection: Collection = field(default_factory=Collection)
    addresses: Addresses = field(default_factory=dict)
    others_are_shown: bool = True  # from where they are
    lead_only: frozenset[str] = frozenset()  # paths of articles that show no image but their lead image
    size: int = 0  # bytes of all files
    budget: int = 0

    @property
    def is_empty(self) -> bool:
        """True where nothing is known of images."""
        return not self.addresses

    def shown(self, article: Article) -> Shown:
        """What the page of an article shows. An image whose address is missing is shown from where it is."""
        found: dict[str, LocalImage | None] = {}
        for address in self.addresses.get(article.source, ()):
            is_left_out = article.source in self.lead_only and address != _lead_address(article)
            local = None if is_left_out else self.collection.local.get(address)
            if local or not self.others_are_shown:
                found[address] = local
        return found

    def summary_lines(self) -> Iterator[tuple[str, str]]:
        """("info" or "warning", line) for the end of a build."""
        wanted = {address for found in self.addresses.values() for address in found}
        if not wanted:
            return
        here = len(wanted & self.collection.local.keys())
        size = f"{self.size / 1e6:,.1f} MB"
        yield "info", f"images: {here:,} of {len(wanted):,} are here, {size} ({self.collection.profile})"
        if not here:
            yield "warning", "images: none are stored — run: newsarchive images"
        if broken := self.collection.broken:
            digest, why = min(broken.items())
            yield "warning", f"{len(broken):,} × image that cannot be converted, first: {digest[:16]}: {why}"
        most = f"NEWSARCHIVE_IMAGE_BYTES ({self.budget / 1e6:,.1f} MB)"
        if self.lead_only:
            count = f"{len(self.lead_only):,} articles"
            yield "warning", f"images: {count} show their lead image alone, to keep to {most}"
        if self.size > self.budget:
            yield "warning", f"images: {size} are more than {most}, with lead images alone — raise it"


def select_images(collection: Collection, addresses: Addresses, archive: Archive, settings: Settings) -> ImageSelection:
    """The album of an archive. While the files take more than the budget, the oldest article that shows more than its
    lead image shows no more than that."""
    own = {article.source: _digests_of(article, addresses, collection) for article in archive.articles}
    uses = Counter(chain.from_iterable(own.values()))
    size = sum(collection.made[digest].size for digest in uses)
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
                size -= collection.made[digest].size
    return ImageSelection(collection, addresses, settings.images != "local", frozenset(lead_only), size, budget)


def image_budget(settings: Settings, articles: int) -> int:
    """The most bytes for images: what the setting says, else what so many articles leave of a site."""
    return settings.image_bytes or max(0, _WHOLE_SITE - articles * _ARTICLE)


def _digests_of(article: Article, addresses: Addresses, collection: Collection) -> set[str]:
    wanted = (*addresses.get(article.source, ()), _lead_address(article))
    return {collection.digests[address] for address in wanted if address in collection.local}


def _lead_address(article: Article) -> str:
    return article.lead.url if article.lead else ""


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A file of an image: where, a fingerprint of what it is made from, and what it is a variant of."""

    path: str
    inputs_digest: bytes
    digest: str
    place: int


def files_of(selection: ImageSelection, archive: Archive) -> Iterator[ImageFile]:
    """Every file that a page shows, in a fixed order."""
    collection = selection.collection
    digests: set[str] = set()
    for article in archive.articles:
        shown = [address for address, local in selection.shown(article).items() if local]
        digests.update(collection.digests[address] for address in shown)
        if article.lead and article.lead.local:
            digests.add(collection.digests[article.lead.url])
    key = profile_key(collection.profile) if digests else b""
    for digest in sorted(digests):
        for place, file in enumerate(local_image(digest, collection.made[digest]).files):
            yield ImageFile(file.path, fingerprint(key, digest, bytes([place])), digest, place)


def data_of(file: ImageFile, selection: ImageSelection, variant_cache: VariantCache) -> bytes:
    """The bytes of a file. Raises BrokenState."""
    made = selection.collection.made[file.digest]
    return variant_cache.data(selection.collection.profile, file.digest, file.place, made.files[file.place])


def addresses_in(body: str) -> tuple[str, ...]:
    """The images of a clean body that lie elsewhere."""
    if "<img" not in body:
        return ()
    return tuple(dict.fromkeys(html.unescape(found) for found in _ADDRESS.findall(body)))


_ADDRESS = re.compile(rf'<img\b{IN_TAG}?\ssrc="(https:[^"]*)"')
