"""Find images that do not belong to an article: QR codes, and images that a source shows under all its articles.

This module finds a repeated image by its perceptual hash, at any number of addresses. An image that is repeated at one
address is found by that address, in `clean.repetition` and `collect`. Addresses are those of `models.Image.url`.
Without stored images nothing is found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from newsarchive.clean.repetition import ArticleFingerprints, image_mark
from newsarchive.images.manifest import StoredImage
from newsarchive.images.perceptual_hash import group_alike

MIN_ARTICLES = 3  # as for repeated lines and addresses: two reports may share a photograph, three hardly do

_MIN_QR_PERCENT = 15  # of the area: a QR code with its caption has more, a poster or photograph that shows one has less


@dataclass(frozen=True, slots=True)
class ArticleImages:
    """The images of one clean article. Articles of equal title and text have the same `body` and count once."""

    publication: str
    body: bytes  # a fingerprint of title and text
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RepeatedImages:
    """Addresses of images that do not belong to an article.

    - `repeated`: by source, the images to remove from bodies; they are never a lead image.
    - `codes`: QR codes. They are never a lead image; at the end of a body they are a signal of boilerplate.
    """

    repeated: Mapping[str, frozenset[str]] = field(default_factory=dict)
    codes: frozenset[str] = frozenset()


def find_repeated_images(
    shown: Iterable[ArticleImages], known: Mapping[str, StoredImage], min_articles: int = MIN_ARTICLES
) -> RepeatedImages:
    """Return the images that are shown by `min_articles` or more articles of one source, and the QR codes.

    `known` has the stored images by address. Images that look the same count as one (`perceptual_hash`).
    """
    bodies: dict[str, dict[str, set[bytes]]] = defaultdict(lambda: defaultdict(set))
    for each in shown:
        for address in each.addresses:
            bodies[each.publication][address].add(each.body)
    repeated = {source: _repeated(showing, known, min_articles) for source, showing in bodies.items()}
    return RepeatedImages(
        {source: addresses for source, addresses in repeated.items() if addresses},
        qr_codes_in(known),
    )


class ImageJudge:
    """Finds repeated images by what a build keeps of articles: marks of addresses, not addresses."""

    def __init__(self, known: Mapping[str, StoredImage]) -> None:
        """`known`: the manifest's images, by their addresses."""
        self._by_mark = {image_mark(address): image for address, image in known.items()}

    def repeated_by(self, publication: str, fingerprints: Iterable[ArticleFingerprints]) -> frozenset[str]:
        """Return the addresses of the images that a source shows under all that it publishes."""
        if not self._by_mark:
            return frozenset()
        shown: list[ArticleImages] = []
        known: dict[str, StoredImage] = {}
        for each in fingerprints:
            images = [self._by_mark[mark] for mark in each.images if mark in self._by_mark]
            known.update((image.address, image) for image in images)
            shown.append(ArticleImages(publication, each.body, tuple(image.address for image in images)))
        return find_repeated_images(shown, known).repeated.get(publication, frozenset())


def qr_codes_in(known: Mapping[str, StoredImage]) -> frozenset[str]:
    """Return the addresses of QR codes. They are never a lead image."""
    return frozenset(address for address, image in known.items() if image.qr_percent >= _MIN_QR_PERCENT)


def _repeated(showing: Mapping[str, set[bytes]], known: Mapping[str, StoredImage], min_articles: int) -> frozenset[str]:
    stored = (known[address] for address in sorted(showing) if address in known)
    found: set[str] = set()
    for group in group_alike(stored):
        if len(set().union(*(showing[image.address] for image in group))) >= min_articles:
            found.update(image.address for image in group)
    return frozenset(found)
