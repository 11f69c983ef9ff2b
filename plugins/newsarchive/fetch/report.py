"""Report on the images that articles show: outcomes, hosts that deny images, QR codes, repeated images.

The report reads the manifest; it fetches nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from newsarchive.diagnostics import printable
from newsarchive.images.manifest import OUTCOMES, STORED, StoredImage
from newsarchive.images.perceptual_hash import group_alike
from newsarchive.images.repeated_images import ArticleImages, find_repeated_images
from newsarchive.net.client import host_of

_MAX_HOSTS = 20  # lines


def outcome_lines(known: Iterable[StoredImage]) -> Iterator[str]:
    """Yield the number of images by outcome, and the size of the stored ones."""
    images = list(known)
    counts = Counter(image.outcome for image in images)
    yield f"{len(images):,} images: {', '.join(f'{counts[each]:,} {each}' for each in OUTCOMES if counts[each])}"
    sizes = {image.sha256: image.size for image in images if image.is_stored}
    if sizes:
        yield f"{len(sizes):,} different ones, {sum(sizes.values()) / 1e6:,.1f} MB"
    if plain := sum(image.came_without_tls for image in images):
        yield f"{plain:,} came without TLS, so others could have changed them on the way"


def report_lines(shown: Sequence[ArticleImages], known: Mapping[str, StoredImage]) -> Iterator[str]:
    """Yield the lines of the report on what articles show. `known` has the images of the manifest by address."""
    addresses = dict.fromkeys(address for each in shown for address in each.addresses)
    images = [known[address] for address in addresses if address in known]
    yield from outcome_lines(images)
    if missing := len(addresses) - len(images):
        yield f"{missing:,} more are not fetched yet"
    yield from _host_lines(images)
    yield from _repeated_lines(shown, known)


def _host_lines(images: Iterable[StoredImage]) -> Iterator[str]:
    not_stored = Counter((host_of(each.address), each.outcome) for each in images if each.outcome != STORED)
    if not_stored:
        yield ""
        yield "not stored, by host"
    for (host, outcome), count in sorted(not_stored.items(), key=lambda item: (-item[1], item[0]))[:_MAX_HOSTS]:
        example = next(each for each in images if (host_of(each.address), each.outcome) == (host, outcome))
        yield printable(f"{count:,} × {outcome}: {host}, like {example.address} ({example.error})")


def _repeated_lines(shown: Sequence[ArticleImages], known: Mapping[str, StoredImage]) -> Iterator[str]:
    repeated_images = find_repeated_images(shown, known)
    for source, addresses in sorted(repeated_images.repeated.items()):
        yield ""
        yield printable(f"{source} repeats")
        articles = [each for each in shown if each.publication == source]
        for group in group_alike(known[address] for address in sorted(addresses)):
            in_group = {image.address for image in group}
            count = len({each.body for each in articles if in_group.intersection(each.addresses)})
            where = f"{len(group):,} addresses" if len(group) > 1 else "1 address"
            yield printable(f"{count:,} articles, {where}, {group[0].width} × {group[0].height}: {group[0].address}")
    if codes := repeated_images.codes & {address for each in shown for address in each.addresses}:
        yield ""
        yield f"{len(codes):,} QR codes"
        yield from (printable(address) for address in sorted(codes))
