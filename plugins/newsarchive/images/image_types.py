"""What bytes are, told by themselves: names and headers of servers are often wrong."""

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
_HEAD = 1024  # bytes in which a page or a drawing has begun

_MARKUP = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:(?:<\?xml|<!--|<!doctype)[^>]*>\s*)*<(svg|html|head|body|\w+)", re.IGNORECASE
)


def sniff_type(data: bytes) -> str:
    """The MIME type of an image; of what often comes instead of one, too; else "application/octet-stream".

    After the WHATWG's MIME Sniffing Standard, as far as it is about images.
    """
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp" and data[8:12] in (b"avif", b"avis"):
        return "image/avif"
    for signature, told in _SIGNATURES:
        if data.startswith(signature):
            return told
    return _markup_type(data[:_HEAD])


def _markup_type(head: bytes) -> str:
    found = _MARKUP.match(head)
    if found:
        return "image/svg+xml" if found[1].lower() == b"svg" else "text/html"
    if b"\x00" not in head and head.strip():
        return "text/plain"
    return "application/octet-stream"
