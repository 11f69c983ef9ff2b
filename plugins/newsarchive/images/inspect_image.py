"""An image measured: type, size in pixels, frames, look. It is decoded to its end, which is what tells a good one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

import zxingcpp
from PIL import Image, ImageOps, UnidentifiedImageError

from newsarchive.images.image_types import sniff_type
from newsarchive.images.manifest import BROKEN, ENDINGS, REFUSED, TOO_LARGE, Outcome
from newsarchive.images.perceptual_hash import dhash

_DECODERS = {kind: kind.removeprefix("image/").upper() for kind in ENDINGS}

# An animation may hold so many times the pixels that a single image may: 500 frames of 640 × 360 at 40 million.
_ALL_FRAMES = 3

_SMALL = 640  # pixels of the longer side, of the copy that is looked at: QR codes are still read at a fifth of that
_QR_CODES = zxingcpp.barcode_formats_from_str("QRCode")

_RESIZABLE = frozenset({"L", "LA", "RGB", "RGBA", "CMYK", "YCbCr"})

_ORIENTATION, _ON_ITS_SIDE = 0x0112, frozenset({5, 6, 7, 8})  # EXIF 2.3, 4.6.4


class RejectedImage(Exception):
    """Bytes that are not stored, why, and what they seem to be."""

    def __init__(self, outcome: Outcome, error: str, kind: str = "", width: int = 0, height: int = 0) -> None:
        super().__init__(error)
        self.outcome, self.error, self.kind, self.width, self.height = outcome, error, kind, width, height


@dataclass(frozen=True, slots=True)
class InspectedImage:
    """What the manifest says of an image's bytes (`StoredPicture` has the same fields)."""

    type: str
    size: int
    width: int
    height: int
    frames: int
    sha256: str
    dhash: str
    qr_percent: int


def inspect_image(data: bytes, max_pixels: int) -> InspectedImage:
    """What an image is. Raises Unfit: what is no whole image is broken, what has more than `max_pixels` too large,
    and SVG refused, because it can carry scripts."""
    kind = sniff_type(data)
    if kind == "image/svg+xml":
        raise RejectedImage(REFUSED, "SVG can carry scripts: it is not stored", kind)
    if kind not in ENDINGS:
        raise RejectedImage(BROKEN, f"is no image that browsers show but {kind}" if data else "is empty", kind)
    try:
        return _decode(data, kind, max_pixels)
    except RejectedImage:
        raise
    except Image.DecompressionBombError:
        raise RejectedImage(TOO_LARGE, f"more than {max_pixels:,} pixels", kind) from None
    except UnidentifiedImageError:  # its words name a place in memory
        raise RejectedImage(BROKEN, "cannot be decoded: its header is broken", kind) from None
    except Exception as error:  # decoders meet bytes of strangers: whatever they raise, the image is none
        raise RejectedImage(BROKEN, f"cannot be decoded: {error or type(error).__name__}", kind) from None


def _decode(data: bytes, kind: str, max_pixels: int) -> InspectedImage:
    with Image.open(io.BytesIO(data), formats=[_DECODERS[kind]]) as image:  # reads no more than the header
        width, height = image.size
        if width * height > max_pixels:
            raise RejectedImage(
                TOO_LARGE, f"{width:,} × {height:,} pixels are more than {max_pixels:,}", kind, width, height
            )
        image.load()
        grey = _small_and_grey(image)
        frames = 1 + sum(1 for _ in _further_frames(image, max_pixels, kind))
        if image.getexif().get(_ORIENTATION, 1) in _ON_ITS_SIDE:
            width, height = height, width
    return InspectedImage(
        kind, len(data), width, height, frames, sha256(data).hexdigest(), dhash(grey), _code_share(grey)
    )


def _further_frames(image: Image.Image, max_pixels: int, kind: str) -> Iterator[None]:
    """Decodes the frames after the first one by one."""
    per_frame, number = image.width * image.height, 1
    while getattr(image, "is_animated", False):
        try:
            image.seek(number)
        except EOFError:
            return
        image.load()
        number += 1
        if number * per_frame > max_pixels * _ALL_FRAMES:
            raise RejectedImage(TOO_LARGE, f"its frames are more than {max_pixels * _ALL_FRAMES:,} pixels", kind)
        yield


def _small_and_grey(image: Image.Image) -> Image.Image:
    """A copy in shades of grey, upright, no longer than `_SMALL`, what shows through on white."""
    if image.mode not in _RESIZABLE:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    shrink = min(1.0, _SMALL / max(image.size))
    size = (max(1, round(image.width * shrink)), max(1, round(image.height * shrink)))
    small = ImageOps.exif_transpose(image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0))
    if small.mode in {"RGBA", "LA"}:
        small = Image.alpha_composite(Image.new("RGBA", small.size, "white"), small.convert("RGBA"))
    return small.convert("L")


def _code_share(grey: Image.Image) -> int:
    """The percentage of its area that QR codes take."""
    found = zxingcpp.read_barcodes(grey, formats=_QR_CODES, try_downscale=False)
    return min(100, round(100 * sum(_area(each.position) for each in found) / (grey.width * grey.height)))


def _area(position: zxingcpp.Position) -> float:
    """The area of four corners, in pixels (the shoelace formula: half the product of the diagonals)."""
    across = position.bottom_right.x - position.top_left.x, position.bottom_right.y - position.top_left.y
    down = position.bottom_left.x - position.top_right.x, position.bottom_left.y - position.top_right.y
    return abs(across[0] * down[1] - across[1] * down[0]) / 2
