"""Bytes → text. A byte order mark decides, then UTF-8; what is neither is left to charset-normalizer."""

from __future__ import annotations

import codecs
import re

from newsarchive.diagnostics import Diagnostic, RejectedFile

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Scraped Chinese, Japanese and Korean pages, and Western ones; a free guess takes short GBK texts for Cyrillic.
_LEGACY = ["gb18030", "big5", "shift_jis", "euc_kr", "cp1252"]

# UTF-8 with a few torn bytes stays UTF-8. GB18030 read as UTF-8 breaks about every second byte of its Han text.
_TOLERATED_DAMAGE = 0.10

# C0 and C1 controls but tab and newline, and what Unicode says is no character: XML 1.0 forbids most of them. And the
# two overrides of writing direction, with which "gpj.exe" is read as "exe.jpg"; right-to-left scripts need neither.
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202d\u202e\ufdd0-\ufdef\ufffe\uffff]")


def decode(data: bytes, source: str) -> tuple[str, list[Diagnostic]]:
    """The text of a file, newlines as "\\n" and without control characters, and what was odd about it.

    Raises RejectedFile when the bytes are no text in any encoding that is looked for.
    """
    text, diagnostics = _decode(data, source)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return strip_controls(text), diagnostics


def strip_controls(text: str) -> str:
    """`text` without the characters that neither HTML nor XML lets a document hold."""
    return _NO_TEXT.sub("", text)


def _decode(data: bytes, source: str) -> tuple[str, list[Diagnostic]]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace"), []
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError:
        return _decode_damaged_or_legacy(data, source)


def _decode_damaged_or_legacy(data: bytes, source: str) -> tuple[str, list[Diagnostic]]:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - nearly all files are UTF-8

    if (paired := _join_surrogates(data)) is not None:
        return paired, [Diagnostic("damaged-text", source, "characters are written as two halves", "save it as UTF-8")]
    text = data.decode("utf-8", "replace")
    beyond_ascii = sum(byte > 0x7F for byte in data)
    lost = text.count("\ufffd")
    if lost <= max(8, beyond_ascii * _TOLERATED_DAMAGE) and b"\0\0" not in data and _mostly_valid(text, lost):
        return text, [
            Diagnostic("damaged-text", source, f"{lost} places are no UTF-8", "crawl it again; the rest is kept")
        ]
    best = from_bytes(data, cp_isolation=_LEGACY).best()
    if best is None or best.could_be_from_charset == []:
        raise RejectedFile(
            Diagnostic("not-text", source, "not text in any known encoding", "remove it, or save it as UTF-8")
        )
    return str(best), [Diagnostic("legacy-encoding", source, f"read as {best.encoding}", "save it as UTF-8")]


def _join_surrogates(data: bytes) -> str | None:
    """CESU-8, as MySQL and Java write it: UTF-8 but for surrogates of three bytes each. None when it is not."""
    try:
        text = data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _mostly_valid(text: str, lost: int) -> bool:
    """More characters beyond ASCII came through than were lost."""
    return sum(char > "\x7f" for char in text) > 2 * lost
