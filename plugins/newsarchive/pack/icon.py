"""The image that a library of ZIM files shows: the theme's icon.svg, drawn here because a ZIM wants it as PNG."""

from __future__ import annotations

import struct
import zlib

_GROUND, _LINE = bytes.fromhex("b3391f"), bytes.fromhex("fbfaf7")

_LINES = ((3, 6, 3, 13), (8, 9, 3, 13), (10, 11, 3, 13), (12, 13, 3, 10))
"""(top, bottom, left, right), of 16."""


def draw_icon(size: int) -> bytes:
    """A square PNG of `size` pixels, 8 bits a colour."""
    rows = (b"\0" + b"".join(_colour(x * 16 // size, y * 16 // size) for x in range(size)) for y in range(size))
    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(rows), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _colour(x: int, y: int) -> bytes:
    inside = any(top <= y < bottom and left <= x < right for top, bottom, left, right in _LINES)
    return _LINE if inside else _GROUND


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
