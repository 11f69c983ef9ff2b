"""Convert a stored image to the variants that pages show: WebP in a few widths, upright, in sRGB, without metadata.

Pillow takes as long as libvips (both spend the time in libwebp) and less memory. It starts no threads, which forked
processes would inherit in a broken state (benchmarks/README.md). It is an extra, so it is imported only where there is
an image to convert.
"""

from __future__ import annotations

import io
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from newsarchive.cache.fingerprints import fingerprint, fingerprint_of_files

if TYPE_CHECKING:
    from PIL.Image import Image

_MAX_WIDTH_RATIO = 0.8  # of the widest variant: one that is nearly as wide saves nothing
_MAX_WEBP_HEIGHT = 16_383  # pixels: the limit of the format
_MAX_ANIMATION_PIXELS = 30_000_000  # of all frames, which are in memory together; larger animations stay as they are
_MAX_ANIMATION_WIDTH = 720  # pixels: an animation takes many times the bytes of an image
_MAX_LOSSLESS_COLOURS = 256  # charts and screenshots have fewer, and lossy compression blurs them
_MIN_FRAME_DURATION = 20  # ms: browsers show a shorter frame for 100
_COLOUR_LEVELS = 6  # of red, green and blue each, as in the style sheet


@dataclass(frozen=True, slots=True)
class EncodingProfile:
    """The widths of variants in pixels, ascending, and their quality (libwebp's scale, 0 to 100)."""

    widths: tuple[int, ...]
    quality: int

    def __str__(self) -> str:
        return f"{'/'.join(map(str, self.widths))} pixels wide, quality {self.quality}"


ENCODING_PROFILES = (
    EncodingProfile((320, 720, 1280), 80),
    EncodingProfile((320, 720, 1080), 66),
    EncodingProfile((320, 720), 60),
    EncodingProfile((320, 560), 45),
)
"""Best first.

The column of text is 612 CSS pixels wide, a card 108, and screens have up to three pixels for one CSS pixel. 320 is for
cards, 720 for the column and for phones, 1280 for the column on a high-density screen.
"""


@dataclass(frozen=True, slots=True)
class ConversionTask:
    """A stored image to convert: its digest, its file, and the file extension of its detected type."""

    sha256: str
    file: Path
    ending: str


@dataclass(frozen=True, slots=True)
class Variant:
    """One encoded file of an image."""

    width: int  # pixels
    ending: str  # file extension, without the dot
    data: bytes


@dataclass(frozen=True, slots=True)
class Conversion:
    """The variants of an image, smallest first; or an `error`, the reason why there are none.

    The other fields are those of `LocalImage`.
    """

    sha256: str
    variants: tuple[Variant, ...] = ()
    width: int = 0
    height: int = 0
    dominant_colour: str = ""
    is_animated: bool = False
    error: str = ""


@cache
def encoder_version() -> bytes:
    """Return a fingerprint of this module and Pillow's version: while it is equal, so are the variants of an image."""
    return fingerprint(fingerprint_of_files([Path(__file__)]), version("pillow"))


def convert_images(profile: EncodingProfile, tasks: Sequence[ConversionTask]) -> list[Conversion]:
    """Convert images with one profile, in any process. An image that Pillow cannot decode gets an `error`."""
    return [_convert(profile, task) for task in tasks]


def _convert(profile: EncodingProfile, task: ConversionTask) -> Conversion:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `inspect_image` accepted large images; Pillow raises for larger ones
            return convert_image(task.file.read_bytes(), profile, task.sha256, task.ending)
    except ImportError:  # Pillow is missing: an error of the installation, not of the image
        raise
    except Exception as error:  # one image that Pillow cannot decode must not stop the others
        return Conversion(task.sha256, error=f"{type(error).__name__}: {error}")


def convert_image(data: bytes, profile: EncodingProfile, sha256: str = "", ending: str = "") -> Conversion:
    """Return the variants of the image in `data`.

    `sha256` and `ending` (its file extension) are those of the stored image. Raises what Pillow raises for bytes that
    are not an image.
    """
    from PIL import Image, ImageOps  # noqa: PLC0415 - an extra, see above

    with Image.open(io.BytesIO(data)) as opened:
        if getattr(opened, "n_frames", 1) > 1:
            return _convert_animation(opened, data, profile, sha256, ending)
        opened.draft("RGB", (profile.widths[-1],) * 2)  # decode a JPEG no larger than needed
        upright = ImageOps.exif_transpose(opened)
        image = _in_srgb(upright)
    variants = _variants_of(image, profile)
    last = variants[-1]
    return Conversion(sha256, variants, last.width, _height(image, last.width), _dominant_colour(image))


def _variants_of(image: Image, profile: EncodingProfile) -> tuple[Variant, ...]:
    widest = min(image.width, profile.widths[-1])
    widths = [width for width in profile.widths if width < widest * _MAX_WIDTH_RATIO] + [widest]
    return tuple(_variant(image, width, profile.quality) for width in widths)


def _height(image: Image, width: int) -> int:
    return max(1, round(image.height * width / image.width))


def _variant(image: Image, width: int, quality: int) -> Variant:
    sized = _resize(image, width)
    if sized.height > _MAX_WEBP_HEIGHT:
        return Variant(width, "jpg", _encode(sized.convert("RGB"), "JPEG", quality=quality, progressive=True))
    data = _encode(sized, "WEBP", quality=quality, method=4)
    if width == image.width and sized.getcolors(_MAX_LOSSLESS_COLOURS):
        data = min(data, _encode(sized, "WEBP", lossless=True, quality=75, method=4), key=len)
    return Variant(width, "webp", data)


def _resize(image: Image, width: int) -> Image:
    from PIL.Image import Resampling  # noqa: PLC0415

    if width == image.width:
        return image
    return image.resize((width, _height(image, width)), Resampling.LANCZOS, reducing_gap=3.0)


def _encode(image: Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.info = {}  # otherwise Pillow writes colour profiles, comments and GPS positions into the file
    image.save(out, kind, **options)
    return out.getvalue()


def _in_srgb(image: Image) -> Image:
    """Return the image as RGB or RGBA in sRGB, the colour space that browsers assume without a colour profile."""
    profile = image.info.get("icc_profile")
    has_transparency = image.has_transparency_data
    if image.mode.startswith("I"):  # 16 bits a pixel: Pillow would clip values above 255 instead of scaling them
        image = image.point(lambda value: value / 256).convert("L")
    if profile and (converted := _apply_profile(image, profile)):
        image = converted
    return image.convert("RGBA" if has_transparency else "RGB")


def _apply_profile(image: Image, profile: bytes) -> Image | None:
    """Convert the image from its ICC `profile` to sRGB; return None if the profile is invalid."""
    from PIL import ImageCms  # noqa: PLC0415

    if image.mode not in {"RGB", "RGBA", "CMYK", "L"}:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _dominant_colour(image: Image) -> str:
    """Return the most common colour as three digits, the levels of red, green and blue; "" for a transparent image."""
    from PIL.Image import Resampling  # noqa: PLC0415

    if image.mode == "RGBA" and image.getchannel("A").getextrema() != (255, 255):
        return ""
    small = image.convert("RGB").resize((16, 16), Resampling.BOX).tobytes()
    levels = [round(value * (_COLOUR_LEVELS - 1) / 255) for value in small]
    counts = Counter(zip(levels[::3], levels[1::3], levels[2::3], strict=True))
    colour, _ = min(counts.items(), key=lambda item: (-item[1], item[0]))
    return "".join(map(str, colour))


def _convert_animation(opened: Image, data: bytes, profile: EncodingProfile, sha256: str, ending: str) -> Conversion:
    """Return the variants of an animation: its first frame for cards, and the animation, as WebP if that is smaller."""
    frames = getattr(opened, "n_frames", 1)
    first = _in_srgb(opened.copy())
    width, height = opened.size
    animation = Variant(width, ending, data)
    if frames * width * height <= _MAX_ANIMATION_PIXELS:
        sized = min(width, profile.widths[-1], _MAX_ANIMATION_WIDTH)
        encoded = _animated_webp(opened, frames, sized, profile.quality)
        if len(encoded) < len(data):
            animation = Variant(sized, "webp", encoded)
    still = _variant(first, min(width, profile.widths[0]), profile.quality)
    return Conversion(
        sha256,
        (still, animation),
        animation.width,
        _height(first, animation.width),
        _dominant_colour(first),
        is_animated=True,
    )


def _animated_webp(opened: Image, frames: int, width: int, quality: int) -> bytes:
    images, durations = [], []
    for number in range(frames):
        opened.seek(number)
        images.append(_resize(opened.convert("RGBA" if opened.has_transparency_data else "RGB"), width))
        shown = opened.info.get("duration", 0)
        durations.append(round(shown) if shown >= _MIN_FRAME_DURATION else 100)
    loop = opened.info.get("loop", 1)
    rest = images[1:]
    return _encode(
        images[0], "WEBP", save_all=True, append_images=rest, duration=durations, loop=loop, quality=quality, method=4
    )
