"""Draw the theme's icon.svg as PNG, because ZIM files need their illustration as PNG."""

from __future__ import annotations

import struct
import zlib

_BACKGROUND, _FOREGROUND = bytes.fromhex("b3391f"), bytes.fromhex("fbfaf7")

_RECTANGLES = ((3, 6, 3, 13), (8, 9, 3, 13), (10, 11, 3, 13), (12, 13, 3, 10))
"""Rectangles of the foreground colour: (top, bottom, left, right) in sixteenths of the size."""


def draw_icon(size: int) -> bytes:
    """Return a square PNG with sides of `size` pixels, RGB with 8 bits a colour (ISO/IEC 15948)."""
    rows = (b"\0" + b"".join(_colour(x * 16 // size, y * 16 // size) for x in range(size)) for y in range(size))
    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(rows), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _colour(x: int, y: int) -> bytes:
    is_foreground = any(top <= y < bottom and left <= x < right for top, bottom, left, right in _RECTANGLES)
    return _FOREGROUND if is_foreground else _BACKGROUND


def _chunk(chunk_type: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + chunk_type + data + struct.pack(">I", zlib.crc32(chunk_type + data))
