"""Titles: plain text out of what the crawler left, and back to what the publication had printed.

The crawler replaced each of `: / \\ ? * “ ” < > | [ ]` by `_`. What stood there is found where the body says it (its
原标题 line, or the same words with the character in place); failing that, by what such a `_` nearly always was.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

from newsarchive.describe.unicode_scripts import HAN, KANA
from newsarchive.read.decode import strip_controls

_LOST = "[" + re.escape(":/\\?*“”<>|[]") + "]"
_LOST_SINGLY = ":/\\?*<>|[]"  # quotation marks were lost in pairs

# Bidi embeddings, overrides and isolates turn the rest of a page round; zero-width characters hide in a search.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u3164\uffa0\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"
)

# Vietnamese stacks two marks on a letter; more than four are there to spill over the lines above and below.
_MAX_MARKS = 4
_MAX_TITLE = 300
_MAX_FOUND = 5_000  # with entities and what nobody sees
# What nearly every title is made of: Latin, punctuation, kana and Han, none of which is a mark. Kana are spelled out,
# because the marks that voice them lie among them.
_NO_MARKS = re.compile(f"[\x00-\x7f\u2010-\u2027\u3000-\u3029\u3041-\u3096\u30a1-\u30ff{HAN}\uff01-\uff60]*\\Z")


@lru_cache(maxsize=1 << 14)  # the same categories, authors and shares come again and again
def plain_title(found: str) -> str:
    """Text out of a title, category or author: entities decoded once, nothing invisible, white space folded."""
    text = _INVISIBLE.sub("", strip_controls(html.unescape(found[:_MAX_FOUND])))
    return " ".join(_bound_marks(unicodedata.normalize("NFC", text)).split())[:_MAX_TITLE].rstrip()


def _bound_marks(text: str) -> str:
    if _NO_MARKS.match(text):
        return text
    kept, marks = [], 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in {"Mn", "Me"} else 0
        if marks <= _MAX_MARKS:
            kept.append(char)
    return "".join(kept)


def repair_title(title: str, text: str, original: str) -> str:
    """`title` with its lost characters back, as far as the body (`text`, `original`) or custom tells them."""
    if "_" not in title or title.startswith(("http___", "https___")):
        return title
    if original and _same_but_for_lost(title, original):
        return plain_title(original)
    evidence = f"{original}\n{text}"
    title = _restore_quoted_pairs(title, evidence)
    title = _restore_by_context(title, evidence)
    return _restore_by_custom(title) if "_" in title else title


def _same_but_for_lost(title: str, original: str) -> bool:
    return _skeleton(title) == _skeleton(original)


def _skeleton(text: str) -> str:
    return re.sub(rf"{_LOST}|[\s_]", "", text)


def _restore_quoted_pairs(title: str, evidence: str) -> str:
    """`_X_` → “X” where the body quotes X."""

    def restore(match: re.Match[str]) -> str:
        return f"“{match[1]}”" if f"“{match[1]}”" in evidence else match[0]

    return _BETWEEN_LOST.sub(restore, title)


_BETWEEN_LOST = re.compile(r"_([^_]{1,40})_")


def _restore_by_context(title: str, evidence: str) -> str:
    """A single `_` → the character that stands in the body between the same neighbours."""
    for match in reversed(list(re.finditer("_", title))):
        before, after = title[: match.start()], title[match.end() :]
        left, right = before[-4:], after[:4]
        if len(left.strip()) < 2 or len(right.strip()) < 2 or "_" in left + right or left not in evidence:
            continue
        places = {at: lost for lost in _LOST_SINGLY if (at := evidence.find(left + lost + right)) >= 0}
        if places:
            title = f"{before}{places[min(places)]}{after}"
    return title


def _restore_by_custom(title: str) -> str:
    """What `_` nearly always was: quotation marks in Chinese, a colon or a question mark in English, a bar between
    spaces. Read off the 206 titles with `_` of the development corpus.
    """
    title = _QUOTED.sub(_quote, title)
    if " " in title:
        title = _BAR.sub(" | ", title)
        title = _COLON.sub(_colon, title)
    return _QUESTION.sub(r"\1?", title) if title.endswith("_") else title


_BAR = re.compile(r"(?<=\S) _ (?=\S)")
_COLON = re.compile(r"(?<=[^\s_])_ (?=\S)")
_QUOTED = re.compile(
    r"(?<![A-Za-z0-9_])_([^_\s][^_]{0,30}?)_(?![A-Za-z0-9_])"
    rf"|(?<=[{HAN}])_([^_\s][^_]{{0,29}}?[^_0-9])_(?![0-9_])"
)
_QUESTION = re.compile(
    r"^((?:What|Why|How|Is|Are|Do|Does|Did|Can|Could|Should|Who|When|Where|Will|Which)\b[^_]*[a-z]"
    r"|.*(?:什么|何时|怎么|如何|吗|为何|谁|多少)[^_]*)_$"
)


def _colon(match: re.Match[str]) -> str:
    """A colon, unless the `_` closes an English pair: that may be emphasis as well as quotation."""
    return match[0] if re.search(r"(?:^|\s)_[^_]*$", match.string[: match.start()]) else ": "


def _quote(match: re.Match[str]) -> str:
    chinese = re.search(f"[{KANA}{HAN}]", match.string)
    return f"“{match[1] or match[2]}”" if chinese else match[0]
