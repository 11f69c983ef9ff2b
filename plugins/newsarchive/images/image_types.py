"""Detect the MIME type of an image from its bytes. File names and Content-Type headers are often wrong.

Only the beginning is read: a detected image may still be broken, which `inspect_image` finds out.
"""

from __future__ import annotations

import re

_SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
)
_HEAD = 1024  # bytes in which the root element of HTML or SVG begins

_MARKUP = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:(?:<\?xml|<!--|<!doctype)[^>]*>\s*)*<(svg|html|head|body|\w+)", re.IGNORECASE
)


def sniff_type(data: bytes) -> str:
    """Return the MIME type of `data`, after the image part of the WHATWG MIME Sniffing Standard.

    Detects images and what servers often send instead: HTML, text and PDF. Else "application/octet-stream".

    >>> sniff_type(b"GIF89a...")
    'image/gif'
    """
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp" and data[8:12] in (b"avif", b"avis"):
        return "image/avif"
    for signature, mime_type in _SIGNATURES:
        if data.startswith(signature):
            return mime_type
    return _markup_type(data[:_HEAD])


def _markup_type(head: bytes) -> str:
    match = _MARKUP.match(head)
    if match:
        return "image/svg+xml" if match[1].lower() == b"svg" else "text/html"
    if b"\x00" not in head and head.strip():
        return "text/plain"
    return "application/octet-stream"
