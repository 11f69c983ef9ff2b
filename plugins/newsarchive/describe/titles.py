"""Normalise titles to plain text, and restore the punctuation that the crawler removed from them.

The crawler replaced each of `: / \\ ? * “ ” < > | [ ]` by `_`. The original character is taken from the body if the
body repeats the title (its 原标题 line, or the same words with the character in place). Otherwise it is guessed from
what `_` usually replaced.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

from newsarchive.describe.unicode_scripts import HAN, KANA
from newsarchive.read.decode import strip_controls

_REPLACED_CHARACTER = "[" + re.escape(":/\\?*“”<>|[]") + "]"
_UNPAIRED_CHARACTERS = ":/\\?*<>|[]"  # without quotation marks, which were replaced in pairs

# Bidi embeddings, overrides and isolates reverse the rest of a page; zero-width characters break searches.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u3164\uffa0\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"
)

# Vietnamese stacks two marks on a letter. More than four serve to spill over the neighbouring lines (“zalgo” text).
_MAX_COMBINING_MARKS = 4
_MAX_TITLE = 300
_MAX_RAW_TITLE = 5_000  # characters read, with entities and invisible ones
# Latin, punctuation, kana and Han: nearly every title has nothing else, and none of them is a combining mark.
# Kana are spelled out here: the marks that voice them are among `KANA`.
_NO_MARKS = re.compile(f"[\x00-\x7f\u2010-\u2027\u3000-\u3029\u3041-\u3096\u30a1-\u30ff{HAN}\uff01-\uff60]*\\Z")


@lru_cache(maxsize=1 << 14)  # categories, authors and stock names repeat
def plain_title(raw: str) -> str:
    """Return a title, category or author as plain text of at most 300 characters, in NFC.

    HTML entities are decoded once, invisible characters removed, stacked combining marks limited to four, and white
    space folded. Reads at most 5,000 characters.
    """
    text = _INVISIBLE.sub("", strip_controls(html.unescape(raw[:_MAX_RAW_TITLE])))
    return " ".join(_limit_combining_marks(unicodedata.normalize("NFC", text)).split())[:_MAX_TITLE].rstrip()


def _limit_combining_marks(text: str) -> str:
    """Drop every combining mark after the fourth of one base character."""
    if _NO_MARKS.match(text):
        return text
    kept, marks = [], 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in {"Mn", "Me"} else 0
        if marks <= _MAX_COMBINING_MARKS:
            kept.append(char)
    return "".join(kept)


def repair_title(title: str, text: str, original: str) -> str:
    """Return `title` with its removed characters restored where `text`, `original` or convention shows them.

    `original` is the body's 原标题 line, or "". If it equals the title apart from the removed characters, it replaces
    the title. Titles that are a crawled address (`http___…`) stay as they are.
    """
    if "_" not in title or title.startswith(("http___", "https___")):
        return title
    if original and _equal_without_replaced(title, original):
        return plain_title(original)
    evidence = f"{original}\n{text}"
    title = _restore_quoted_pairs(title, evidence)
    title = _restore_by_context(title, evidence)
    return _restore_by_convention(title) if "_" in title else title


def _equal_without_replaced(title: str, original: str) -> bool:
    """Return True if both titles have the same skeleton."""
    return _skeleton(title) == _skeleton(original)


def _skeleton(text: str) -> str:
    """Return `text` without white space, `_`, and the characters that the crawler replaces by `_`."""
    return re.sub(rf"{_REPLACED_CHARACTER}|[\s_]", "", text)


def _restore_quoted_pairs(title: str, evidence: str) -> str:
    """Replace `_X_` by “X” if the body quotes X in these marks."""

    def restore(match: re.Match[str]) -> str:
        return f"“{match[1]}”" if f"“{match[1]}”" in evidence else match[0]

    return _UNDERSCORE_PAIR.sub(restore, title)


_UNDERSCORE_PAIR = re.compile(r"_([^_]{1,40})_")


def _restore_by_context(title: str, evidence: str) -> str:
    """Replace a single `_` by the character that the body has between the same neighbours.

    The neighbours are up to four characters on each side, at least two of them not blank. If the body has several such
    places, the first one counts.
    """
    for match in reversed(list(re.finditer("_", title))):
        before, after = title[: match.start()], title[match.end() :]
        left, right = before[-4:], after[:4]
        if len(left.strip()) < 2 or len(right.strip()) < 2 or "_" in left + right or left not in evidence:
            continue
        offsets = {
            at: character for character in _UNPAIRED_CHARACTERS if (at := evidence.find(left + character + right)) >= 0
        }
        if offsets:
            title = f"{before}{offsets[min(offsets)]}{after}"
    return title


def _restore_by_convention(title: str) -> str:
    """Replace each remaining `_` by what it usually stood for.

    These are quotation marks in Chinese, a colon or question mark in English, and a bar between spaces. Derived from
    the 206 titles with `_` of the development corpus.
    """
    title = _QUOTED_PHRASE.sub(_quote, title)
    if " " in title:
        title = _SPACED_UNDERSCORE.sub(" | ", title)
        title = _UNDERSCORE_BEFORE_SPACE.sub(_colon, title)
    return _QUESTION_TITLE.sub(r"\1?", title) if title.endswith("_") else title


_SPACED_UNDERSCORE = re.compile(r"(?<=\S) _ (?=\S)")
_UNDERSCORE_BEFORE_SPACE = re.compile(r"(?<=[^\s_])_ (?=\S)")
_QUOTED_PHRASE = re.compile(
    r"(?<![A-Za-z0-9_])_([^_\s][^_]{0,30}?)_(?![A-Za-z0-9_])"
    rf"|(?<=[{HAN}])_([^_\s][^_]{{0,29}}?[^_0-9])_(?![0-9_])"
)
_QUESTION_TITLE = re.compile(
    r"^((?:What|Why|How|Is|Are|Do|Does|Did|Can|Could|Should|Who|When|Where|Will|Which)\b[^_]*[a-z]"
    r"|.*(?:什么|何时|怎么|如何|吗|为何|谁|多少)[^_]*)_$"
)


def _colon(match: re.Match[str]) -> str:
    """Return a colon, or `_` unchanged if it closes an English pair, which may mark emphasis instead of quotation."""
    return match[0] if re.search(r"(?:^|\s)_[^_]*$", match.string[: match.start()]) else ": "


def _quote(match: re.Match[str]) -> str:
    """Return the phrase in Chinese quotation marks if the title has Han or kana, else unchanged."""
    chinese = re.search(f"[{KANA}{HAN}]", match.string)
    return f"“{match[1] or match[2]}”" if chinese else match[0]
