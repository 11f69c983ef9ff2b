"""Pictures that are no part of any article: QR codes, and what a source puts under everything it publishes.

For who judges boilerplate and lead images: `judge_promotions` takes what articles show (`Shown`) and what is known of
pictures, and gives sets of addresses. A picture that a source shows at one address is found by that address already
(`clean.repetition`, `collect`); here it is known by its look, at however many addresses it was saved.

- `promotions.repeated[source]`: may go from bodies, as repeated pictures do, and may not lead.
- `promotions.codes`: may not lead; in a body a QR code at the tail is a sign like any other.
- `promotions.never_lead(source)`: both, as one set.

Addresses are those of `articles.Picture.url`. Without stored pictures all of it is empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from newsarchive.pictures.looks import group_alike
from newsarchive.pictures.manifest import StoredPicture

LEAST_ARTICLES = 3  # as for lines and addresses that repeat: a photograph serves for two reports, hardly for three

_A_CODE = 15  # percent of the area: a code with its caption has more, a poster or a photograph with one in it less


@dataclass(frozen=True, slots=True)
class Shown:
    """What one clean article shows. Articles of equal title and text share `body`: they count once."""

    publication: str
    body: bytes
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Promotions:
    """Addresses of pictures that are no article's own."""

    repeated: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by source
    codes: frozenset[str] = frozenset()

    def never_lead(self, publication: str) -> frozenset[str]:
        """The pictures that may not stand for an article of a source."""
        return self.repeated.get(publication, frozenset()) | self.codes


def judge_promotions(
    shown: Iterable[Shown], known: Mapping[str, StoredPicture], least: int = LEAST_ARTICLES
) -> Promotions:
    """Pictures of one look that `least` articles of one source show, and pictures that are QR codes."""
    bodies: dict[str, dict[str, set[bytes]]] = defaultdict(lambda: defaultdict(set))
    for each in shown:
        for address in each.addresses:
            bodies[each.publication][address].add(each.body)
    repeated = {source: _repeated(showing, known, least) for source, showing in bodies.items()}
    return Promotions(
        {source: addresses for source, addresses in repeated.items() if addresses},
        frozenset(address for address, picture in known.items() if is_code(picture)),
    )


def is_code(picture: StoredPicture) -> bool:
    """True for a picture that is a QR code, rather than one that shows one."""
    return picture.code >= _A_CODE


def _repeated(showing: Mapping[str, set[bytes]], known: Mapping[str, StoredPicture], least: int) -> frozenset[str]:
    stored = (known[address] for address in sorted(showing) if address in known)
    found: set[str] = set()
    for group in group_alike(stored):
        if len(set().union(*(showing[picture.address] for picture in group))) >= least:
            found.update(picture.address for picture in group)
    return frozenset(found)
