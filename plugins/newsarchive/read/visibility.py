"""Which articles are withheld: drafts, hidden and private ones, and those behind a password get no page.

The words are those of Hexo and Jekyll (`published: false`, `_drafts/`), Hugo and Zola (`draft: true`), Pelican and
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
"""The folder of drafts, as a glob pattern."""

_IN_DRAFTS = re.compile(r"(?:^|/)_drafts/", re.IGNORECASE)

KEYS = ("published", "draft", "hidden", "status", "password")
"""The keys of front matter that can withhold an article."""

_NOTHING = frozenset({"", "null", "~"})
_NO = frozenset({"false", "no", "off", "0", "n", "f", "否"})

# The last four are WordPress's, whose exporters write them.
_NOT_PUBLIC = frozenset({"draft", "drafts", "hidden", "private", "unpublished", "pending", "trash", "auto-draft"})


def is_in_drafts(source: str) -> bool:
    """Whether a path, relative to the content, leads through a folder named `_drafts`."""
    return bool(_IN_DRAFTS.search(source))


def in_drafts(source: str) -> Diagnostic:
    """The problem to report for a file below `_drafts`."""
    return Diagnostic(WITHHELD, source, "in _drafts/", "move it to another folder to publish it")


def find_withheld(metadata: Metadata, text: str, source: str, is_well_read: bool) -> Diagnostic | None:
    """What front matter says against publishing an article; None for a public one.

    `text` is the whole file. Where front matter was not read well, its lines are searched too: no draft is published
    for want of a comma.
    """
    known = dict(metadata)
    if not is_well_read:
        known = {**dict(_marks_at_head(text)), **known}
    said = {name: _words(value) for key, value in known.items() if (name := key.strip().lower()) in KEYS}
    mark = _mark_against(said)
    return Diagnostic(WITHHELD, source, mark, "take that line out to publish it") if mark else None


def _mark_against(said: Mapping[str, list[str]]) -> str:
    """The mark that withholds an article, as "draft: true"; never the password itself."""
    if _NO.intersection(said.get("published", ())):  # any other value may be the day of publishing
        return "published: false"
    for key in ("draft", "hidden"):  # any value that does not say no says yes: a draft that is shown is the worse fault
        if not (_NO | _NOTHING).issuperset(said.get(key, ())):
            return f"{key}: true"
    for word in said.get("status", ()):
        if word in _NOT_PUBLIC:
            return f"status: {word}"
    return "" if _NOTHING.issuperset(said.get("password", ())) else "password"


def _words(value: str | list[str]) -> list[str]:
    return [_plain(each) for each in ([value] if isinstance(value, str) else value)]


def _plain(text: str) -> str:
    """`text` without what makes no difference: case, width, quotes, a comment behind it."""
    before_comment = text[:_LONG].strip() if text.lstrip().startswith("#") else text[:_LONG].partition(" #")[0]
    return unicodedata.normalize("NFKC", before_comment).casefold().strip("\"'“”‘’「」 \t\n")


_LONG = 200  # characters: none of the words has as many


# --- Front matter that no parser could read, or that is none of YAML and TOML

_FENCE = re.compile(r"(-{3,}|\+{3,}|;{3,})[a-z]*[ \t]*\n")
_KEY = re.compile(r"[\"']?[^\W\d][\w .-]{0,60}[\"']?[ \t]{0,9}[:=：＝]")
_MARK = re.compile(rf"[\"']?({'|'.join(KEYS)})[\"']?[ \t]*[:=：＝](.*)", re.IGNORECASE)
_MOST = 1_000_000  # characters: ten times what is read of front matter, and searched in 0.4 s


def _marks_at_head(text: str) -> Iterator[tuple[str, str]]:
    """(key, value) of each line at the head of a file that begins with one of KEYS, and of all keys of JSON there."""
    text = text.lstrip("\ufeff \t\n")[:_MOST]
    if text.startswith("{"):
        try:
            found, _ = json.JSONDecoder().raw_decode(text)
        except (ValueError, RecursionError):
            pass
        else:
            yield from ((key, "" if value in (None, [], {}) else str(value)) for key, value in found.items())
            return
    head = _head(text)
    # JSON may be written in one line, and is indented elsewhere; in YAML, an indented line belongs to another key.
    is_json = text[:1] in {"{", '"'}
    for line in re.split(r"[\n,{]", head) if is_json else head.split("\n"):
        if re.match(r"\[\w", line):  # a table of TOML
            return
        if match := _MARK.match(line.lstrip() if is_json else line):
            yield match[1].lower(), re.split(r"[,;}\]]", match[2][:_LONG], maxsplit=1)[0]


def _head(text: str) -> str:
    """What is between two fences; where these are missing, the lines up to the first that can be no front matter."""
    fence = _FENCE.match(text)
    if fence:
        text = text[fence.end() :]
        if closing := re.search(rf"^{re.escape(fence[1][0])}{{3,}}[ \t]*$", text, re.MULTILINE):
            return text[: closing.start()]
    continued = " \t-#\n" if fence else " \t{}],"
    return "\n".join(takewhile(lambda line: _KEY.match(line) or (line or "\n")[0] in continued, text.split("\n")))
