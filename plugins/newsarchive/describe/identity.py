"""The stable id of an article."""

from __future__ import annotations

import unicodedata
from hashlib import blake2b

# 64 bits: among 10 million articles, one chance in 370,000 that any two collide; collect resolves it if they do.
_BYTES = 8


def article_id(source: str, attempt: int = 0) -> str:
    """16 hexadecimal digits out of the file's path, the same on every machine and in every build.

    NFC first: macOS may list the very same name decomposed. `attempt` counts up when two ids collide.
    """
    path = unicodedata.normalize("NFC", source)
    return blake2b(f"{path}\0{attempt}".encode() if attempt else path.encode(), digest_size=_BYTES).hexdigest()
