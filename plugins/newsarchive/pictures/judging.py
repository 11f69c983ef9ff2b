"""Pictures that are no article's own, judged by what a build keeps of articles, and by what is known of pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from newsarchive.clean.repetition import Evidence, picture_mark
from newsarchive.pictures.manifest import StoredPicture
from newsarchive.pictures.promotions import Shown, is_code, judge_promotions


class PictureJudge:
    """Judges by what the manifest says of pictures."""

    def __init__(self, known: Mapping[str, StoredPicture]) -> None:
        self._by_mark = {picture_mark(address): picture for address, picture in known.items()}

    def repeated_by(self, publication: str, evidence: Iterable[Evidence]) -> frozenset[str]:
        """What a source puts under all that it publishes, known by its look, at however many addresses."""
        if not self._by_mark:
            return frozenset()
        shown: list[Shown] = []
        known: dict[str, StoredPicture] = {}
        for each in evidence:
            pictures = [self._by_mark[mark] for mark in each.pictures if mark in self._by_mark]
            known.update((picture.address, picture) for picture in pictures)
            shown.append(Shown(publication, each.body, tuple(picture.address for picture in pictures)))
        return judge_promotions(shown, known).repeated.get(publication, frozenset())


def codes_in(known: Mapping[str, StoredPicture]) -> frozenset[str]:
    """The addresses of QR codes: they stand for no article."""
    return frozenset(address for address, picture in known.items() if is_code(picture))
