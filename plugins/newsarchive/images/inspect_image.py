"""Inspect an image: type, size in pixels, frames, perceptual hash, QR codes. Reject bytes that are not a whole image.

The image is decoded to its end: a truncated image has a correct header. Nothing is stored here.
"""

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

_DECODERS = {mime_type: mime_type.removeprefix("image/").upper() for mime_type in ENDINGS}

# All frames of an animation may have so many times `max_pixels`: at 40 million, 500 frames of 640 × 360.
_MAX_ANIMATION_FACTOR = 3

_SMALL = 640  # pixels of the longer side of the copy that is analysed; QR codes are still read at a fifth of that
_QR_CODES = zxingcpp.barcode_formats_from_str("QRCode")

_RESIZABLE = frozenset({"L", "LA", "RGB", "RGBA", "CMYK", "YCbCr"})

_ORIENTATION, _ROTATED = 0x0112, frozenset({5, 6, 7, 8})  # by 90 or 270 degrees (EXIF 2.3, 4.6.4)


class RejectedImage(Exception):
    """Bytes that are not stored: the outcome for the manifest, the reason, and the detected MIME type and size."""

    def __init__(self, outcome: Outcome, error: str, mime_type: str = "", width: int = 0, height: int = 0) -> None:
        super().__init__(error)
        self.outcome, self.error, self.mime_type = outcome, error, mime_type
        self.width, self.height = width, height


@dataclass(frozen=True, slots=True)
class InspectedImage:
    """The properties of an image's bytes. `StoredImage` has the same fields and explains them."""

    type: str
    size: int
    width: int
    height: int
    frames: int
    sha256: str
    dhash: str
    qr_percent: int


def inspect_image(data: bytes, max_pixels: int) -> InspectedImage:
    """Return the properties of an image.

    `max_pixels` is the largest accepted width times height. Raises RejectedImage with the outcome "broken" if the bytes
    are not a whole image, "too-large" for more pixels, and "refused" for SVG, which can contain scripts.
    """
    mime_type = sniff_type(data)
    if mime_type == "image/svg+xml":
        raise RejectedImage(REFUSED, "SVG can contain scripts: it is not stored", mime_type)
    if mime_type not in ENDINGS:
        raise RejectedImage(
            BROKEN, f"is not an image that browsers show but {mime_type}" if data else "is empty", mime_type
        )
    try:
        return _decode(data, mime_type, max_pixels)
    except RejectedImage:
        raise
    except Image.DecompressionBombError:
        raise RejectedImage(TOO_LARGE, f"more than {max_pixels:,} pixels", mime_type) from None
    except UnidentifiedImageError:  # its message contains a memory address, which differs from run to run
        raise RejectedImage(BROKEN, "cannot be decoded: its header is broken", mime_type) from None
    except Exception as error:  # decoders raise many types of errors for hostile bytes: all mean a broken image
        raise RejectedImage(BROKEN, f"cannot be decoded: {error or type(error).__name__}", mime_type) from None


def _decode(data: bytes, mime_type: str, max_pixels: int) -> InspectedImage:
    with Image.open(io.BytesIO(data), formats=[_DECODERS[mime_type]]) as image:  # reads only the header
        width, height = image.size
        if width * height > max_pixels:
            raise RejectedImage(
                TOO_LARGE, f"{width:,} × {height:,} pixels are more than {max_pixels:,}", mime_type, width, height
            )
        image.load()
        grey = _small_and_grey(image)
        frames = 1 + sum(1 for _ in _further_frames(image, max_pixels, mime_type))
        if image.getexif().get(_ORIENTATION, 1) in _ROTATED:
            width, height = height, width
    return InspectedImage(
        mime_type, len(data), width, height, frames, sha256(data).hexdigest(), dhash(grey), _qr_percent(grey)
    )


def _further_frames(image: Image.Image, max_pixels: int, mime_type: str) -> Iterator[None]:
    """Decode the frames after the first, and yield once for each. Raises RejectedImage for too many pixels."""
    per_frame, number = image.width * image.height, 1
    while getattr(image, "is_animated", False):
        try:
            image.seek(number)
        except EOFError:
            return
        image.load()
        number += 1
        if number * per_frame > max_pixels * _MAX_ANIMATION_FACTOR:
            limit = f"{max_pixels * _MAX_ANIMATION_FACTOR:,} pixels"
            raise RejectedImage(TOO_LARGE, f"its frames are more than {limit}", mime_type)
        yield


def _small_and_grey(image: Image.Image) -> Image.Image:
    """Return a greyscale copy, upright, with a longer side of at most `_SMALL`; transparent pixels become white."""
    if image.mode not in _RESIZABLE:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    shrink = min(1.0, _SMALL / max(image.size))
    size = (max(1, round(image.width * shrink)), max(1, round(image.height * shrink)))
    small = ImageOps.exif_transpose(image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0))
    if small.mode in {"RGBA", "LA"}:
        small = Image.alpha_composite(Image.new("RGBA", small.size, "white"), small.convert("RGBA"))
    return small.convert("L")


def _qr_percent(grey: Image.Image) -> int:
    """Return the percentage of the area that QR codes cover, 0 to 100."""
    codes = zxingcpp.read_barcodes(grey, formats=_QR_CODES, try_downscale=False)
    return min(100, round(100 * sum(_area(code.position) for code in codes) / (grey.width * grey.height)))


def _area(position: zxingcpp.Position) -> float:
    """Return the area of a quadrilateral in pixels (shoelace formula: half the cross product of the diagonals)."""
    across = position.bottom_right.x - position.top_left.x, position.bottom_right.y - position.top_left.y
    down = position.bottom_left.x - position.top_right.x, position.bottom_left.y - position.top_right.y
    return abs(across[0] * down[1] - across[1] * down[0]) / 2
