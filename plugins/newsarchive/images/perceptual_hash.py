"""Compute perceptual hashes of 256 bits, and group images that look the same: saved again, or in another size.

A difference hash, dHash (Krawetz, "Kind of Like That", 2013): scale the image to 17 by 16 grey pixels; a bit is set if
a pixel is brighter than its right neighbour. The usual 8 by 8 is too coarse: charts of one source share their frame and
axes, and differ only in lines. It does not recognise cropped or rotated copies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from newsarchive.images.manifest import StoredImage

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

SIDE = 16
_MIN_DIFFERENCE = 2  # of 255; JPEG noise on a flat surface is less
# Bits of 256. Saved again or at a quarter of the size: 0 bits differ. Another line in the same chart: 23 and more.
_MAX_DISTANCE = 10
_MIN_SET_BITS = 16  # with fewer, an image is too uniform to recognise, and only equal bytes count
_MAX_RATIO_DIFFERENCE = 0.03  # relative difference of width / height: scaling rounds


def dhash(grey: Image) -> str:
    """Return the difference hash of a greyscale image: 256 bits as 64 hexadecimal digits."""
    from PIL.Image import Resampling  # noqa: PLC0415 - builds without images run without Pillow

    small = np.asarray(grey.resize((SIDE + 1, SIDE), Resampling.BOX), dtype=np.int16)
    brighter: NDArray[np.bool_] = small[:, :-1] - small[:, 1:] > _MIN_DIFFERENCE
    return np.packbits(brighter).tobytes().hex()


def group_alike(images: Iterable[StoredImage]) -> Iterator[list[StoredImage]]:
    """Yield groups of stored images that look the same, in the order of their first images.

    Images that are not stored are left out. Equal bytes are always in one group.
    """
    by_digest: dict[str, list[StoredImage]] = {}
    for image in images:
        if image.is_stored:
            by_digest.setdefault(image.sha256, []).append(image)
    equal = list(by_digest.values())
    for positions in _group_positions([each[0] for each in equal]):
        yield [image for position in positions for image in equal[position]]


def _group_positions(images: list[StoredImage]) -> Iterator[list[int]]:
    """Yield, for each group, the positions of the images that look like its first; each position is in one group."""
    hashes = np.frombuffer(bytes.fromhex("".join(f"{each.dhash:0>64}" for each in images)), dtype=np.uint64)
    hashes = hashes.reshape(len(images), 4)  # 256 bits a row
    ratios = np.array([each.width / max(each.height, 1) for each in images])
    is_uniform = np.bitwise_count(hashes).sum(axis=1) < _MIN_SET_BITS
    remaining = np.arange(len(images))
    while len(remaining):
        first = remaining[0]
        in_group = remaining == first
        if not is_uniform[first]:
            distances = np.bitwise_count(hashes[remaining] ^ hashes[first]).sum(axis=1)
            same_ratio = np.abs(ratios[remaining] - ratios[first]) <= _MAX_RATIO_DIFFERENCE * ratios[first]
            in_group |= (distances <= _MAX_DISTANCE) & same_ratio & ~is_uniform[remaining]
        yield remaining[in_group].tolist()
        remaining = remaining[~in_group]
