"""Errors and warnings, each a line of the form `location: message — hint`.

For example: `finance/a.md:3: title holds both kinds of quote — put the title in a block scalar`. Modules that find a
problem create a `Diagnostic`. Where it is shown or stored is the business of the ledger (`build.ledger`) and of the
commands.

    NewsArchiveError
    ├── ConfigurationError   settings or rule files are wrong; carries every problem found, not only the first
    ├── RenderError          a template of the theme is wrong; the build ends
    └── RejectedFile         one input file cannot become an article; the build continues without it
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem with the input.

    `code` is a short constant such as "date"; the summary of a build counts problems by it. `location` is a file,
    `file:line`, or the name of a setting. `message` says what is wrong, `hint` what to do about it.

    >>> print(Diagnostic("date", "finance/a.md", "no date: published as undated", "give it a date"))
    finance/a.md: no date: published as undated — give it a date
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
    """The base of all errors that this package raises on purpose."""


class ConfigurationError(NewsArchiveError):
    """Settings or rule files cannot be used. The build raises it before it writes anything.

    `diagnostics` holds every problem, so that you can fix all of them in one go.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(str(diagnostic) for diagnostic in self.diagnostics))


class RenderError(NewsArchiveError):
    """A template that cannot be rendered. `diagnostic` names its file and line."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(diagnostic)  # what pickle passes when a worker raises it

    def __str__(self) -> str:
        return str(self.diagnostic)


class RejectedFile(NewsArchiveError):
    """One input file gets no page; `diagnostic` gives the reason."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(str(diagnostic))


def printable(text: str) -> str:
    r"""Return `text` with the characters escaped that could move, colour or reverse a terminal's output.

    File names come from scraped titles. A newline in one must not forge a message, and U+202E (right-to-left override)
    must not reverse one (Boucher and Anderson, *Trojan Source*, 2021).

    >>> printable("a\n0 problems")
    'a\\n0 problems'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(char) if unicodedata.category(char) in _ESCAPED_CATEGORIES else char for char in text)


def printable_lines(text: str) -> str:
    """Return `text` of many lines with control and direction characters escaped as JSON escapes them.

    Unlike `printable`, it keeps line breaks, tabs, and the characters that join letters (ZWJ, ZWNJ). The escapes are
    JSON's, so escaped JSON still means the same.
    """
    return _TERMINAL_CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


_TERMINAL_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

# Unicode general categories: control, format (bidi marks among them), surrogate, line and paragraph separator.
_ESCAPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def _escape(char: str) -> str:
    """Return the escape of one character, as in a Python string literal."""
    return char.encode("unicode_escape").decode("ascii")
