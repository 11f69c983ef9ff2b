"""What images look like, in 256 bits: whether two are one image, saved twice or in two sizes.

A difference hash (Krawetz, "Kind of Like That", 2013): the image is made 17 by 16 grey pixels small, and a bit says
whether a pixel is brighter than the next one. Finer than the usual 8 by 8, because charts of one source share their
frame and axes: what tells them apart are lines.
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
_BRIGHTER = 2  # of 255; what saving a flat surface as JPEG does is less
_ALIKE = (
    10  # bits of 256 that may differ. Saved anew or a quarter the size: 0; another line in the same chart: 23 and more
)
_FLAT = 16  # bits; with fewer there is nothing to be known by, and only equal bytes count
_SHAPE = 0.03  # by which width / height may differ: scaling rounds


def dhash(grey: Image) -> str:
    """The look of an image in shades of grey, in hexadecimal digits."""
    from PIL.Image import Resampling  # noqa: PLC0415 - only who measures images needs it

    small = np.asarray(grey.resize((SIDE + 1, SIDE), Resampling.BOX), dtype=np.int16)
    brighter: NDArray[np.bool_] = small[:, :-1] - small[:, 1:] > _BRIGHTER
    return np.packbits(brighter).tobytes().hex()


def group_alike(images: Iterable[StoredImage]) -> Iterator[list[StoredImage]]:
    """Stored images in groups that look the same, in the order of each group's first."""
    by_bytes: dict[str, list[StoredImage]] = {}
    for image in images:
        if image.is_stored:
            by_bytes.setdefault(image.sha256, []).append(image)
    same = list(by_bytes.values())
    for places in _alike([each[0] for each in same]):
        yield [image for place in places for image in same[place]]


def _alike(images: list[StoredImage]) -> Iterator[list[int]]:
    """Places of images that look like the first of their group, each place once."""
    looks = np.frombuffer(bytes.fromhex("".join(f"{each.dhash:0>64}" for each in images)), dtype=np.uint64)
    looks = looks.reshape(len(images), 4)
    shapes = np.array([each.width / max(each.height, 1) for each in images])
    flat = np.bitwise_count(looks).sum(axis=1) < _FLAT
    left = np.arange(len(images))
    while len(left):
        first = left[0]
        together = left == first
        if not flat[first]:
            differ = np.bitwise_count(looks[left] ^ looks[first]).sum(axis=1)
            same_shape = np.abs(shapes[left] - shapes[first]) <= _SHAPE * shapes[first]
            together |= (differ <= _ALIKE) & same_shape & ~flat[left]
        yield left[together].tolist()
        left = left[~together]
