"""Images that are no part of any article: QR codes, and what a source puts under everything it publishes.

`find_repeated_images` takes what articles show (`ArticleImages`) and the stored images, and returns their addresses.
`clean.repetition` and `collect` find an image that a source shows at one address by that address. This module finds
it by its perceptual hash, at any number of addresses.

- `repeated[source]`: dropped from bodies as repeated images are, and never a lead image.
- `codes`: QR codes, never a lead image; a QR code at the end of a body is a signal like any other.

Addresses are those of `models.Image.url`. Without stored images both are empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from newsarchive.clean.repetition import ArticleFingerprints, image_mark
from newsarchive.images.manifest import StoredImage
from newsarchive.images.perceptual_hash import group_alike

LEAST_ARTICLES = 3  # as for lines and addresses that repeat: a photograph serves for two reports, hardly for three

_A_CODE = 15  # percent of the area: a code with its caption has more, a poster or a photograph with one in it less


@dataclass(frozen=True, slots=True)
class ArticleImages:
    """What one clean article shows. Articles of equal title and text share `body`: they count once."""

    publication: str
    body: bytes
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RepeatedImages:
    """Addresses of images that are no article's own."""

    repeated: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by source
    codes: frozenset[str] = frozenset()


def find_repeated_images(
    shown: Iterable[ArticleImages], known: Mapping[str, StoredImage], least: int = LEAST_ARTICLES
) -> RepeatedImages:
    """Images of one look that `least` articles of one source show, and images that are QR codes."""
    bodies: dict[str, dict[str, set[bytes]]] = defaultdict(lambda: defaultdict(set))
    for each in shown:
        for address in each.addresses:
            bodies[each.publication][address].add(each.body)
    repeated = {source: _repeated(showing, known, least) for source, showing in bodies.items()}
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
    return frozenset(address for address, image in known.items() if image.qr_percent >= _A_CODE)


def _repeated(showing: Mapping[str, set[bytes]], known: Mapping[str, StoredImage], least: int) -> frozenset[str]:
    stored = (known[address] for address in sorted(showing) if address in known)
    found: set[str] = set()
    for group in group_alike(stored):
        if len(set().union(*(showing[image.address] for image in group))) >= least:
            found.update(image.address for image in group)
    return frozenset(found)
