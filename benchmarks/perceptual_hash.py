"""Compare sizes of images at equal similarity: JPEG as news sites send it, WebP, and AVIF.

    python benchmarks/perceptual_hash.py [--images 12] [--width 720 1280]

Images are generated, the same in every run: clouds whose power falls with frequency as that of photographs does, edges,
and the noise of a sensor. Each is scaled to a width, and each format encodes the result. Similarity is the structural
similarity to the scaled image (SSIM on luma, 8 by 8 windows: Wang et al. 2004). WebP is encoded with the build's best
profile, JPEG and AVIF at the lowest quality that is no less similar.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean

import numpy as np
from numpy.typing import NDArray
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "plugins"))
from newsarchive.images.variants import ENCODING_PROFILES, convert_image

SIZES = ((1600, 1067), (1920, 1280), (1400, 1750), (2400, 1600))
Encode = Callable[[Image.Image, int], bytes]


def made_image(seed: int, width: int, height: int) -> Image.Image:
    """Return an image of clouds, edges and noise."""
    dice = np.random.default_rng(seed)
    across, down = np.fft.fftfreq(width)[None, :], np.fft.fftfreq(height)[:, None]
    frequency = np.hypot(across, down)
    frequency[0, 0] = 1
    noise = np.fft.fft2(dice.standard_normal((4, height, width)))
    clouds = np.fft.ifft2(noise / frequency**1.7).real
    clouds = (clouds - clouds.min((1, 2), keepdims=True)) / np.ptp(clouds, (1, 2), keepdims=True)
    pixels = np.stack([clouds[0] * 0.75 + clouds[part] * 0.25 for part in (1, 2, 3)], -1)
    y, x = np.mgrid[0:height, 0:width]
    for _ in range(12):
        left, top, radius = dice.integers(0, width), dice.integers(0, height), dice.integers(20, height // 3)
        edge = np.hypot(x - left, y - top) < radius if dice.random() < 0.5 else abs(x - left) + abs(y - top) < radius
        pixels[edge] = pixels[edge] * 0.5 + dice.random(3) * 0.5
    pixels += dice.standard_normal((height, width, 1)) * 0.012
    return Image.fromarray((np.clip(pixels, 0, 1) * 255).astype(np.uint8))


def as_jpeg(image: Image.Image, quality: int) -> bytes:
    return _saved(image, "JPEG", quality=quality, optimize=True, progressive=True)


def as_webp(image: Image.Image, quality: int) -> bytes:
    return _saved(image, "WEBP", quality=quality, method=4)


def as_avif(image: Image.Image, quality: int) -> bytes:
    return _saved(image, "AVIF", quality=quality, speed=6, max_threads=1)


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def similarity(one: Image.Image, other: bytes) -> float:
    """Return the mean SSIM of an image and its encoded form."""
    first, second = (np.asarray(each.convert("L"), dtype=np.float64) for each in (one, Image.open(io.BytesIO(other))))
    mean_1, mean_2 = _windows(first), _windows(second)
    variance_1 = _windows(first * first) - mean_1**2
    variance_2 = _windows(second * second) - mean_2**2
    covariance = _windows(first * second) - mean_1 * mean_2
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    over = (2 * mean_1 * mean_2 + c1) * (2 * covariance + c2)
    return float((over / ((mean_1**2 + mean_2**2 + c1) * (variance_1 + variance_2 + c2))).mean())


def _windows(pixels: NDArray[np.float64], side: int = 8) -> NDArray[np.float64]:
    """Return the mean of every window of `side` by `side` pixels."""
    sums = np.pad(pixels, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    whole = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return np.asarray(whole / side**2)


def least_that_looks_as_well(image: Image.Image, encode: Encode, wanted: float) -> bytes:
    """Return the bytes at the lowest quality that is no less similar."""
    low, high = 1, 100
    while low < high:
        middle = (low + high) // 2
        if similarity(image, encode(image, middle)) >= wanted:
            high = middle
        else:
            low = middle + 1
    return encode(image, low)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pictures", type=int, default=12)
    parser.add_argument("--width", type=int, nargs="+", default=[720, 1280])
    given = parser.parse_args()
    originals = [made_image(seed, *SIZES[seed % len(SIZES)]) for seed in range(given.images)]
    sent = [as_jpeg(image, 85) for image in originals]
    print(f"as sent: JPEG, quality 85, {mean(map(len, sent)) / 1000:.1f} kB")
    for width in given.width:
        rows: dict[str, list[int]] = {"webp": [], "jpeg": [], "avif": []}
        spent = dict.fromkeys(("webp", "avif"), 0.0)
        looks = []
        for image in originals:
            scaled = image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)
            began = time.process_time()
            webp = as_webp(scaled, ENCODING_PROFILES[0].quality)
            spent["webp"] += time.process_time() - began
            looks.append(similarity(scaled, webp))
            rows["webp"].append(len(webp))
            rows["jpeg"].append(len(least_that_looks_as_well(scaled, as_jpeg, looks[-1])))
            rows["avif"].append(len(least_that_looks_as_well(scaled, as_avif, looks[-1])))
            began = time.process_time()
            as_avif(scaled, 60)
            spent["avif"] += time.process_time() - began
        sizes_text = ", ".join(f"{kind} {mean(sizes) / 1000:.1f} kB" for kind, sizes in rows.items())
        cpu = ", ".join(f"{kind} {seconds * 1000 / len(originals):.0f} ms" for kind, seconds in spent.items())
        print(f"{width} pixels wide, SSIM {mean(looks):.3f}: {sizes_text}; to write one: {cpu}")
    began = time.process_time()
    made = [convert_image(data, ENCODING_PROFILES[0]) for data in sent]
    cpu = (time.process_time() - began) * 1000 / len(sent)
    stored = mean(sum(len(variant.data) for variant in each.variants) for each in made)
    print(f"a whole conversion: {cpu:.0f} ms of CPU, {stored / 1000:.1f} kB in all files")
    for profile in ENCODING_PROFILES:
        sizes = [sum(len(v.data) for v in convert_image(data, profile).variants) for data in sent]
        print(f"{profile}: {mean(sizes) / 1000:.1f} kB")


if __name__ == "__main__":
    main()
