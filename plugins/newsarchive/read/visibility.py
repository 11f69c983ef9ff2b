"""Decide which articles are withheld: drafts, hidden or private articles, and articles with a password get no page.

The markers are those of Hexo and Jekyll (`published: false`, `_drafts/`), Hugo and Zola (`draft: true`), Pelican and
WordPress (`status: draft`), and of Hexo's plugins (`hidden: true`, `password: …`).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import takewhile

from newsarchive.diagnostics import WITHHELD, Diagnostic
from newsarchive.models import Metadata

DRAFTS = "_[dD][rR][aA][fF][tT][sS]"
"""The name of a folder of drafts, as a glob pattern."""

_IN_DRAFTS = re.compile(r"(?:^|/)_drafts/", re.IGNORECASE)

KEYS = ("published", "draft", "hidden", "status", "password")
"""The front matter keys that can withhold an article."""

_EMPTY = frozenset({"", "null", "~"})
_FALSE = frozenset({"false", "no", "off", "0", "n", "f", "否"})

# Values of `status`. WordPress's exporters write the last four.
_UNPUBLISHED = frozenset({"draft", "drafts", "hidden", "private", "unpublished", "pending", "trash", "auto-draft"})


def is_in_drafts(source: str) -> bool:
    """Return True if a path relative to the content folder has a folder named `_drafts`, in any case."""
    return bool(_IN_DRAFTS.search(source))


def in_drafts(source: str) -> Diagnostic:
    """Return the diagnostic to report for a file below `_drafts`."""
    return Diagnostic(WITHHELD, source, "in _drafts/", "move it to another folder to publish it")


def find_withheld(metadata: Metadata, text: str, source: str, is_valid: bool) -> Diagnostic | None:
    """Return the diagnostic for an article that its front matter withholds; None for a public one.

    - `metadata`: the parsed front matter.
    - `text`: the whole file. Its first lines are searched too if the front matter is not valid, so that a draft with a
      missing comma is not published.
    - `source`: the file's path for the message.
    - `is_valid`: False if the parser reported a problem.
    """
    known = dict(metadata)
    if not is_valid:
        known = {**dict(_search_markers(text)), **known}
    values = {name: _normalize_all(value) for key, value in known.items() if (name := key.strip().lower()) in KEYS}
    marker = _withholding_marker(values)
    return Diagnostic(WITHHELD, source, marker, "take that line out to publish it") if marker else None


def _withholding_marker(values: Mapping[str, list[str]]) -> str:
    """Return the marker that withholds an article, such as "draft: true", or "". Never returns the password itself."""
    if _FALSE.intersection(values.get("published", ())):  # other values may be the date of publication
        return "published: false"
    for key in ("draft", "hidden"):  # an unknown value counts as true: publishing a draft is the worse error
        if not (_FALSE | _EMPTY).issuperset(values.get(key, ())):
            return f"{key}: true"
    for status in values.get("status", ()):
        if status in _UNPUBLISHED:
            return f"status: {status}"
    return "" if _EMPTY.issuperset(values.get("password", ())) else "password"


def _normalize_all(value: str | list[str]) -> list[str]:
    return [_normalize(each) for each in ([value] if isinstance(value, str) else value)]


def _normalize(text: str) -> str:
    """Return `text` in lower case and NFKC, without quotes and without a comment after it."""
    start = text[:_MAX_VALUE]
    value = start.strip() if text.lstrip().startswith("#") else start.partition(" #")[0]
    return unicodedata.normalize("NFKC", value).casefold().strip("\"'“”‘’「」 \t\n")


_MAX_VALUE = 200  # characters: longer than any of the values above


# --- Front matter that no parser could read, or that is neither YAML nor TOML

_FENCE = re.compile(r"(-{3,}|\+{3,}|;{3,})[a-z]*[ \t]*\n")
_KEY = re.compile(r"[\"']?[^\W\d][\w .-]{0,60}[\"']?[ \t]{0,9}[:=：＝]")
_MARKER = re.compile(rf"[\"']?({'|'.join(KEYS)})[\"']?[ \t]*[:=：＝](.*)", re.IGNORECASE)
_MAX_SEARCHED = 1_000_000  # characters: ten times the longest front matter; searching as many takes 0.4 s


def _search_markers(text: str) -> Iterator[tuple[str, str]]:
    """Yield (key, value) of each line of front matter that begins with one of KEYS, or of every key of JSON there."""
    text = text.lstrip("\ufeff \t\n")[:_MAX_SEARCHED]
    if text.startswith("{"):
        try:
            found, _ = json.JSONDecoder().raw_decode(text)
        except (ValueError, RecursionError):
            pass
        else:
            yield from ((key, "" if value in (None, [], {}) else str(value)) for key, value in found.items())
            return
    head = _front_matter_of(text)
    # JSON may be one line, or indented; in YAML, an indented line belongs to another key.
    is_json = text[:1] in {"{", '"'}
    for line in re.split(r"[\n,{]", head) if is_json else head.split("\n"):
        if re.match(r"\[\w", line):  # a TOML table: its keys are not the article's
            return
        if match := _MARKER.match(line.lstrip() if is_json else line):
            yield match[1].lower(), re.split(r"[,;}\]]", match[2][:_MAX_VALUE], maxsplit=1)[0]


def _front_matter_of(text: str) -> str:
    """Return the text between two fences; without fences, the lines before the first that cannot be front matter."""
    fence = _FENCE.match(text)
    if fence:
        text = text[fence.end() :]
        if closing := re.search(rf"^{re.escape(fence[1][0])}{{3,}}[ \t]*$", text, re.MULTILINE):
            return text[: closing.start()]
    continued = " \t-#\n" if fence else " \t{}],"
    return "\n".join(takewhile(lambda line: _KEY.match(line) or (line or "\n")[0] in continued, text.split("\n")))
