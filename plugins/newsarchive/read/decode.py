"""Decode the bytes of a file to text.

A byte order mark decides the encoding; without one, the bytes are UTF-8 if they decode as UTF-8. charset-normalizer
guesses the rest. Declarations inside the text (`<meta charset>`) are not read.
"""

from __future__ import annotations

import codecs
import re

from newsarchive.diagnostics import Diagnostic, RejectedFile

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# The encodings of scraped Chinese, Japanese, Korean and Western pages. Without this list, charset-normalizer takes
# short GBK texts for Cyrillic.
_LEGACY_ENCODINGS = ["gb18030", "big5", "shift_jis", "euc_kr", "cp1252"]

# Share of the bytes beyond ASCII. UTF-8 with a few damaged bytes is still UTF-8; GB18030 decoded as UTF-8 breaks at
# about every second byte of its Han text.
_MAX_DAMAGED = 0.10
_MAX_DAMAGED_PLACES = 8  # in a short text, whatever their share

# C0 and C1 controls except tab and newline, and Unicode's noncharacters: XML 1.0 forbids most of them. Also the two
# overrides of writing direction (U+202D, U+202E), which make "gpj.exe" read as "exe.jpg"; right-to-left scripts need
# neither.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202d\u202e\ufdd0-\ufdef\ufffe\uffff]")


def decode(data: bytes, source: str) -> tuple[str, list[Diagnostic]]:
    """Return the text of a file and the warnings about its encoding.

    Line breaks become "\\n", and `strip_controls` is applied. `source` is the file's path for messages. Raises
    RejectedFile if the bytes are not text in UTF-8, UTF-16, UTF-32 or one of `_LEGACY_ENCODINGS`.
    """
    text, diagnostics = _decode(data, source)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return strip_controls(text), diagnostics


def strip_controls(text: str) -> str:
    """Remove the characters that HTML or XML forbids in a document, and the overrides of writing direction."""
    return _FORBIDDEN.sub("", text)


def _decode(data: bytes, source: str) -> tuple[str, list[Diagnostic]]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace"), []
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError:
        return _decode_damaged_or_legacy(data, source)


def _decode_damaged_or_legacy(data: bytes, source: str) -> tuple[str, list[Diagnostic]]:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - nearly all files are UTF-8 and do not need it

    if (joined := _decode_cesu8(data)) is not None:
        message = "CESU-8: characters are encoded as two surrogates"
        return joined, [Diagnostic("damaged-text", source, message, "save it as UTF-8")]
    text = data.decode("utf-8", "replace")
    beyond_ascii = sum(byte > 0x7F for byte in data)
    lost = text.count("\ufffd")
    tolerated = max(_MAX_DAMAGED_PLACES, beyond_ascii * _MAX_DAMAGED)
    if lost <= tolerated and b"\0\0" not in data and _mostly_valid(text, lost):
        return text, [
            Diagnostic("damaged-text", source, f"{lost} places are not UTF-8", "crawl it again; the rest is kept")
        ]
    best = from_bytes(data, cp_isolation=_LEGACY_ENCODINGS).best()
    if best is None or best.could_be_from_charset == []:
        raise RejectedFile(
            Diagnostic("not-text", source, "not text in any known encoding", "remove it, or save it as UTF-8")
        )
    return str(best), [Diagnostic("legacy-encoding", source, f"read as {best.encoding}", "save it as UTF-8")]


def _decode_cesu8(data: bytes) -> str | None:
    """Decode CESU-8 (Unicode Technical Report 26); return None if `data` is not CESU-8.

    MySQL and Java write it: UTF-8 except that a character beyond U+FFFF is two surrogates of three bytes each.
    """
    try:
        text = data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _mostly_valid(text: str, lost: int) -> bool:
    """Return True if, beyond ASCII, more characters were decoded than lost (a lost one is U+FFFD itself)."""
    return sum(char > "\x7f" for char in text) > 2 * lost
