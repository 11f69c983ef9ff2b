"""What can go wrong, and how it is told: one line that names the place, the problem and the repair.

NewsArchiveError
├── ConfigurationError   settings or rule files are wrong; carries every problem found, not the first
└── RejectedFile         one input file cannot become an article; the build goes on without it
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing wrong with the input.

    `kind` is a short constant name under which the build's summary counts problems of one sort; `place` is a file,
    `file:line`, or the name of a setting.
    """

    code: str
    location: str
    message: str
    hint: str

    def __str__(self) -> str:
        return f"{printable(self.location)}: {printable(self.message)} — {printable(self.hint)}"


WITHHELD = "withheld"
"""The kind of what keeps a file from being published because its author wants it so: no fault of the file."""


class NewsArchiveError(Exception):
    """The root of all errors this package raises on purpose."""


class ConfigurationError(NewsArchiveError):
    """Settings or rule files that cannot be used. Nothing has been written when this is raised."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(str(diagnostic) for diagnostic in self.diagnostics))


class RejectedFile(NewsArchiveError):
    """One input file that gets no page; `problem` says why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(str(diagnostic))


def printable(text: str) -> str:
    """`text` with everything escaped that could move a terminal's cursor, colour it or turn its writing direction.

    File names come from scraped titles: a newline or U+202E in one must not forge or reverse a message.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(char) if unicodedata.category(char) in _UNPRINTABLE else char for char in text)


def printable_lines(text: str) -> str:
    """`text` of many lines for a terminal or a file that somebody looks at in one: as `printable`, but line breaks and
    tabs stay, and so does what joins letters. The escapes are those of JSON, so that JSON means the same afterwards."""
    return _MOVES_THE_CURSOR.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


_MOVES_THE_CURSOR = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

# Control, format (bidi marks among them), surrogate, line and paragraph separators.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
