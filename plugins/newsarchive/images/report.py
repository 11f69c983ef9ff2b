"""What is known of the pictures that articles show: outcomes, hosts that give none, QR codes, what sources repeat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from newsarchive.images.client import host_of
from newsarchive.pictures.looks import group_alike
from newsarchive.pictures.manifest import OUTCOMES, STORED, StoredPicture
from newsarchive.pictures.promotions import Shown, judge_promotions
from newsarchive.problems import printable

_HOSTS = 20


def outcome_lines(known: Iterable[StoredPicture]) -> Iterator[str]:
    """How many pictures came to which end, and what is stored."""
    pictures = list(known)
    counts = Counter(picture.outcome for picture in pictures)
    yield f"{len(pictures):,} pictures: {', '.join(f'{counts[each]:,} {each}' for each in OUTCOMES if counts[each])}"
    sizes = {picture.sha256: picture.size for picture in pictures if picture.is_stored}
    if sizes:
        yield f"{len(sizes):,} different ones, {sum(sizes.values()) / 1e6:,.1f} MB"


def report_lines(shown: Sequence[Shown], known: Mapping[str, StoredPicture]) -> Iterator[str]:
    """The report, line by line."""
    addresses = dict.fromkeys(address for each in shown for address in each.addresses)
    pictures = [known[address] for address in addresses if address in known]
    yield from outcome_lines(pictures)
    if missing := len(addresses) - len(pictures):
        yield f"{missing:,} more are not fetched yet"
    yield from _host_lines(pictures)
    yield from _promotion_lines(shown, known)


def _host_lines(pictures: Iterable[StoredPicture]) -> Iterator[str]:
    lost = Counter((host_of(each.address), each.outcome) for each in pictures if each.outcome != STORED)
    if lost:
        yield ""
        yield "not stored, by host"
    for (host, outcome), count in sorted(lost.items(), key=lambda item: (-item[1], item[0]))[:_HOSTS]:
        example = next(each for each in pictures if (host_of(each.address), each.outcome) == (host, outcome))
        yield printable(f"{count:,} × {outcome}: {host}, like {example.address} ({example.error})")


def _promotion_lines(shown: Sequence[Shown], known: Mapping[str, StoredPicture]) -> Iterator[str]:
    promotions = judge_promotions(shown, known)
    for source, addresses in sorted(promotions.repeated.items()):
        yield ""
        yield printable(f"{source} repeats")
        articles = [each for each in shown if each.publication == source]
        for group in group_alike(known[address] for address in sorted(addresses)):
            own = {picture.address for picture in group}
            count = len({each.body for each in articles if own.intersection(each.addresses)})
            where = f"{len(group):,} addresses" if len(group) > 1 else "1 address"
            yield printable(f"{count:,} articles, {where}, {group[0].width} × {group[0].height}: {group[0].address}")
    if codes := promotions.codes & {address for each in shown for address in each.addresses}:
        yield ""
        yield f"{len(codes):,} QR codes"
        yield from (printable(address) for address in sorted(codes))
