"""Variants: a stored image as pages show it — WebP in a few widths, upright, in sRGB, without metadata.

Pillow, because it takes the same time as libvips (both spend it in libwebp), less memory, and no threads of its own,
which processes that are forked would inherit broken (benchmarks/README.md). It is an extra, and imported where there
is something to convert.
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

_WORTH_A_STEP = 0.8  # a variant that is nearly as wide as the next saves nothing
_TALLEST_WEBP = 16_383  # pixels: what the format can say
_MOST_MOVING = 30_000_000  # pixels of all frames, which are all in memory: beyond, an animation is kept as it came
_FEW_COLOURS = 256  # charts and screenshots have no more, and lose by lossy compression
_SHORTEST_FRAME = 20  # ms: browsers show a shorter one for 100
_TINTS = 6  # steps of each colour, as in the style sheet


@dataclass(frozen=True, slots=True)
class EncodingProfile:
    """How images are made for pages: how wide in pixels, and how well (libwebp's scale, to 100)."""

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
"""Best first. The column of text is 612 pixels wide, a card 108, and screens show up to three pixels for one: 320 is a
card's, 720 a column's or a telephone's, 1280 a column's on a fine screen."""


@dataclass(frozen=True, slots=True)
class ConversionTask:
    """A stored image to convert: its digest, its file, and the type that was found in its bytes."""

    sha256: str
    file: Path
    ending: str


@dataclass(frozen=True, slots=True)
class Variant:
    """One file to be of an image."""

    width: int
    ending: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Conversion:
    """What came of an image: its variants, smallest first; or `error`, why there are none. The rest is as in
    LocalPicture."""

    sha256: str
    variants: tuple[Variant, ...] = ()
    width: int = 0
    height: int = 0
    dominant_colour: str = ""
    is_animated: bool = False
    error: str = ""


@cache
def encoder_version() -> bytes:
    """A fingerprint of what converts: while it is the same, so are the variants of an image by one recipe."""
    return fingerprint(fingerprint_of_files([Path(__file__)]), version("pillow"))


def convert_images(profile: EncodingProfile, tasks: Sequence[ConversionTask]) -> list[Conversion]:
    """Each image by the recipe; work that any process can do."""
    return [_convert(profile, task) for task in tasks]


def _convert(profile: EncodingProfile, task: ConversionTask) -> Conversion:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # large ones were let in by who stored them; too large ones are errors
            return convert_image(task.file.read_bytes(), profile, task.sha256, task.ending)
    except ImportError:  # a fault of the machine, not of the image
        raise
    except Exception as error:  # One image that Pillow stumbles over must not take the others down with it.
        return Conversion(task.sha256, error=f"{type(error).__name__}: {error}")


def convert_image(data: bytes, profile: EncodingProfile, sha256: str = "", ending: str = "") -> Conversion:
    """The variants of the image in `data`. Raises what Pillow raises for what is no image."""
    from PIL import Image, ImageOps  # noqa: PLC0415 - as above

    with Image.open(io.BytesIO(data)) as opened:
        if getattr(opened, "n_frames", 1) > 1:
            return _convert_moving(opened, data, profile, sha256, ending)
        opened.draft("RGB", (profile.widths[-1],) * 2)  # a JPEG is decoded no larger than is needed
        upright = ImageOps.exif_transpose(opened)
        image = _in_srgb(upright)
    variants = _variants_of(image, profile)
    last = variants[-1]
    return Conversion(sha256, variants, last.width, _height(image, last.width), _dominant_colour(image))


def _variants_of(image: Image, profile: EncodingProfile) -> tuple[Variant, ...]:
    widest = min(image.width, profile.widths[-1])
    widths = [width for width in profile.widths if width < widest * _WORTH_A_STEP] + [widest]
    return tuple(_variant(image, width, profile.quality) for width in widths)


def _height(image: Image, width: int) -> int:
    return max(1, round(image.height * width / image.width))


def _variant(image: Image, width: int, quality: int) -> Variant:
    sized = _resize(image, width)
    if sized.height > _TALLEST_WEBP:
        return Variant(width, "jpg", _encode(sized.convert("RGB"), "JPEG", quality=quality, progressive=True))
    data = _encode(sized, "WEBP", quality=quality, method=4)
    if width == image.width and sized.getcolors(_FEW_COLOURS):
        data = min(data, _encode(sized, "WEBP", lossless=True, quality=75, method=4), key=len)
    return Variant(width, "webp", data)


def _resize(image: Image, width: int) -> Image:
    from PIL.Image import Resampling  # noqa: PLC0415

    if width == image.width:
        return image
    return image.resize((width, _height(image, width)), Resampling.LANCZOS, reducing_gap=3.0)


def _encode(image: Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.info = {}  # Pillow would write profiles, comments and positions again
    image.save(out, kind, **options)
    return out.getvalue()


def _in_srgb(image: Image) -> Image:
    """The image as RGB or RGBA, in the colours that a browser takes for granted."""
    profile = image.info.get("icc_profile")
    sees_through = image.has_transparency_data
    if image.mode.startswith("I"):  # 16 bits a pixel: Pillow would cut off what is above 255, not scale it
        image = image.point(lambda value: value / 256).convert("L")
    if profile and (converted := _by_profile(image, profile)):
        image = converted
    return image.convert("RGBA" if sees_through else "RGB")


def _by_profile(image: Image, profile: bytes) -> Image | None:
    """The image's colours by its own profile; None where that makes no sense."""
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
    """The most common colour, in few steps; "" where one can see through the image."""
    from PIL.Image import Resampling  # noqa: PLC0415

    if image.mode == "RGBA" and image.getchannel("A").getextrema() != (255, 255):
        return ""
    small = image.convert("RGB").resize((16, 16), Resampling.BOX).tobytes()
    steps = [round(value * (_TINTS - 1) / 255) for value in small]
    counted = Counter(zip(steps[::3], steps[1::3], steps[2::3], strict=True))
    colour, _ = min(counted.items(), key=lambda item: (-item[1], item[0]))
    return "".join(map(str, colour))


def _convert_moving(opened: Image, data: bytes, profile: EncodingProfile, sha256: str, ending: str) -> Conversion:
    """An animation: its first frame for cards, and itself, as WebP where that is possible and smaller."""
    frames = getattr(opened, "n_frames", 1)
    first = _in_srgb(opened.copy())
    width, height = opened.size
    moving = Variant(width, ending, data)
    if frames * width * height <= _MOST_MOVING:
        sized = min(width, profile.widths[-1], 720)
        smaller = _moving_webp(opened, frames, sized, profile.quality)
        if len(smaller) < len(data):
            moving = Variant(sized, "webp", smaller)
    still = _variant(first, min(width, profile.widths[0]), profile.quality)
    return Conversion(
        sha256, (still, moving), moving.width, _height(first, moving.width), _dominant_colour(first), is_animated=True
    )


def _moving_webp(opened: Image, frames: int, width: int, quality: int) -> bytes:
    images, durations = [], []
    for number in range(frames):
        opened.seek(number)
        images.append(_resize(opened.convert("RGBA" if opened.has_transparency_data else "RGB"), width))
        shown = opened.info.get("duration", 0)
        durations.append(round(shown) if shown >= _SHORTEST_FRAME else 100)
    loop = opened.info.get("loop", 1)
    rest = images[1:]
    return _encode(
        images[0], "WEBP", save_all=True, append_images=rest, duration=durations, loop=loop, quality=quality, method=4
    )
