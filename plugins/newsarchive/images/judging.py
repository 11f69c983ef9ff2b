"""Images that are no article's own, judged by what a build keeps of articles, and by what is known of images."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from newsarchive.clean.repetition import ArticleFingerprints, image_mark
from newsarchive.images.manifest import StoredImage
from newsarchive.images.repeated_images import ArticleImages, find_repeated_images, is_qr_code


class ImageJudge:
    """Judges by what the manifest says of images."""

    def __init__(self, known: Mapping[str, StoredImage]) -> None:
        self._by_mark = {image_mark(address): image for address, image in known.items()}

    def repeated_by(self, publication: str, fingerprints: Iterable[ArticleFingerprints]) -> frozenset[str]:
        """What a source puts under all that it publishes, known by its look, at however many addresses."""
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
    """The addresses of QR codes: they stand for no article."""
    return frozenset(address for address, image in known.items() if is_qr_code(image))
