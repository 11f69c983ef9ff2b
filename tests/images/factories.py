"""Images made for tests, and what comes instead of images."""

from __future__ import annotations

import io
import random
import struct
import zlib

import zxingcpp
from PIL import Image, ImageDraw, ImageFilter


def scene(seed: int, width: int = 96, height: int = 64) -> Image.Image:
    """Something like a photograph; another one for each seed."""
    chosen = random.Random(seed)
    colour = lambda: tuple(chosen.randrange(256) for _ in range(3))  # noqa: E731
    image = Image.new("RGB", (width, height), colour())
    draw = ImageDraw.Draw(image)
    for _ in range(24):
        x, y, radius = chosen.randrange(width), chosen.randrange(height), chosen.randrange(width // 16, width // 4)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour())
    return image.filter(ImageFilter.GaussianBlur(width / 200))


def chart(seed: int) -> Image.Image:
    """A line in a frame that all charts share."""
    chosen, y = random.Random(seed), 220.0
    image = Image.new("RGB", (800, 450), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 40, 760, 400), outline="black")
    for line in range(40, 400, 60):
        draw.line((60, line, 760, line), fill=(220, 220, 220))
    points = []
    for x in range(120):
        y = min(395.0, max(45.0, y + chosen.gauss(0, 12)))
        points.append((60 + x * 700 / 120, y))
    draw.line(points, fill=(200, 30, 30), width=2)
    return image


def code(text: str = "https://follow.example/us", side: int = 240) -> Image.Image:
    """A QR code."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    drawn = memoryview(zxingcpp.write_barcode_to_image(made, scale=4))
    height, width = drawn.shape
    return Image.frombytes("L", (width, height), drawn.tobytes()).resize((side, side), Image.Resampling.NEAREST)


def saved(image: Image.Image, form: str = "JPEG", **options: object) -> bytes:
    """An image as a file of some form."""
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def animated(seed: int, form: str = "GIF", frames: int = 3) -> bytes:
    """An image that moves."""
    first, *further = (scene(seed * 100 + number) for number in range(frames))
    return saved(first, form, save_all=True, append_images=further)


def bomb_png(width: int = 30_000, height: int = 30_000) -> bytes:
    """A few bytes that say they are 900 million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def bomb_gif(frames: int = 400) -> bytes:
    """Frames that are one pixel each, on a canvas of 16 million."""
    start = b"GIF89a" + struct.pack("<HHBBB", 4_000, 4_000, 0x80, 0, 0) + b"\x00\x00\x00\xff\xff\xff"
    frame = (
        b"\x21\xf9\x04\x00\x0a\x00\x00\x00" + b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    )
    return start + frame * frames + b";"


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PAGE = b"<!DOCTYPE html><html><body>This image was deleted.</body></html>"
