"""Images made for tests, and a store of them as `newsarchive images` leaves one."""

from __future__ import annotations

import hashlib
import io
import random
from pathlib import Path

from PIL import Image

from newsarchive.images.manifest import Outcome, StoredImage, image_file, read_manifest, write_manifest
from newsarchive.images.perceptual_hash import dhash


def photograph(width: int, height: int, seed: int = 0) -> Image.Image:
    """Something with slopes, an edge and little noise, other for each seed."""
    noise = noise_of(64, 64, seed)
    bands = [Image.linear_gradient("L").rotate(90 * (seed + turn)).resize((64, 64)) for turn in range(3)]
    small = Image.merge("RGB", [Image.blend(band, noise, 0.05) for band in bands])
    small.paste(((seed * 53) % 256, (seed * 97) % 256, (seed * 29) % 256), (10 + seed % 20, 16, 50, 48))
    return small.resize((width, height), Image.Resampling.BICUBIC)


def noise_of(width: int, height: int, seed: int = 0) -> Image.Image:
    """Grey pixels by chance, the same for the same seed."""
    return Image.frombytes("L", (width, height), random.Random(seed).randbytes(width * height))


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    """An image as bytes of a format that Pillow knows."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg(width: int, height: int, seed: int = 0, **options: object) -> bytes:
    """A photograph as cameras write it."""
    return encode(photograph(width, height, seed), "JPEG", quality=88, **options)


def animation(width: int, height: int, frames: int = 6) -> bytes:
    """A GIF in which a bar goes from left to right, for ever."""
    images = []
    for number in range(frames):
        image = Image.new("RGB", (width, height), (20, 60, 160))
        image.paste((250, 220, 40), (width * number // frames, 0, width * (number + 1) // frames, height))
        images.append(image)
    return encode(images[0], "GIF", save_all=True, append_images=images[1:], duration=120, loop=0)


class Store:
    """A folder of stored images and its manifest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, address: str, data: bytes, code: int = 0) -> StoredImage:
        """Store an image, of which a QR code takes `code` percent."""
        image = self.keep(address, data, code)
        self._write(image)
        return image

    def keep(self, address: str, data: bytes, code: int = 0) -> StoredImage:
        """Write an image's file; its line in the manifest is for the caller to write, with many others."""
        with Image.open(io.BytesIO(data)) as image:
            kind, (width, height), frames = image.get_format_mimetype(), image.size, getattr(image, "n_frames", 1)
            look = dhash(image.convert("L"))
        assert kind
        digest = hashlib.sha256(data).hexdigest()
        image = StoredImage(
            address=address,
            outcome="stored",
            status=200,
            type=kind,
            size=len(data),
            width=width,
            height=height,
            frames=frames,
            sha256=digest,
            dhash=look,
            qr_percent=code,
        )
        file = image_file(self.folder, image)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        return image

    def miss(self, address: str, outcome: Outcome = "gone", status: int = 404) -> None:
        """Note that there is no such image any more."""
        self._write(StoredImage(address=address, outcome=outcome, status=status))

    def lose(self, address: str) -> None:
        """Delete an image's file, and leave its line."""
        image_file(self.folder, read_manifest(self.folder)[address]).unlink()

    def forget(self, address: str) -> None:
        """Take an image's line out, and leave its file."""
        known = read_manifest(self.folder)
        del known[address]
        write_manifest(self.folder, known)

    def addresses(self) -> list[str]:
        """The addresses with images whose files are there."""
        known = read_manifest(self.folder)
        return sorted(a for a, each in known.items() if each.is_stored and (self.folder / each.file).exists())

    def _write(self, image: StoredImage) -> None:
        write_manifest(self.folder, {**read_manifest(self.folder), image.address: image})
