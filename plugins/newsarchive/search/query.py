"""What a person typed → what to look for. Everything is allowed and nothing raises: what is no rule is words.

theme/static/js/search-query.js reads the same language; tests/vectors/queries.json holds them together.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, field
from datetime import date

_SPACE = "\\t-\\r \\u00a0\\u2000-\\u200a\\u2028\\u2029\\u3000"
_OPENING, _CLOSING = '"“”＂「『', '"“”＂」』'

# [minus] [name:] "phrase" or word. Names are those of `_NAMES` alone: search-query.js has the same letters.
_PIECE = re.compile(
    r"([-－−])?(?:([A-Za-z]+|[\u4e00-\u9fff]+)[:：])?"
    f"(?:[{_OPENING}]([^{_CLOSING}]*)[{_CLOSING}]?|([^{_SPACE}{_OPENING}]+))"
)

_NAMES = {
    **{"title": "title", "标题": "title", "標題": "title"},
    **{"section": "section", "栏目": "section", "欄目": "section"},
    **{"source": "source", "来源": "source", "來源": "source"},
    **{"tag": "tag", "标签": "tag", "標籤": "tag"},
    **{"date": "date", "日期": "date"},
}

_DAY = re.compile(r"([0-9]{4})(?:[-/]([0-9]{1,2})(?:[-/]([0-9]{1,2}))?)?")


@dataclass(frozen=True, slots=True)
class Piece:
    """Words to find. `field` is "" for all fields, else `title` or `tag`; `phrase`: as one piece of text."""

    text: str
    field: str = ""
    phrase: bool = False
    negated: bool = False
    prefix: bool = False  # the last word is the beginning of one


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on documents: `source` or `section` whose name holds `value`, or `date` within two days."""

    kind: str
    value: str = ""
    first: int = 0  # days as `date.toordinal` counts them
    last: int = 0
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed, in order."""

    pieces: list[Piece] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)


def parse_query(typed: str) -> Query:
    """The pieces and filters of any text."""
    query, at = Query(), 0
    while at < len(typed):
        match = _PIECE.match(typed, at)
        if not match:
            at += 1
            continue
        at = match.end()
        _add_piece(match, query)
    return query


def _add_piece(match: re.Match[str], query: Query) -> None:
    minus, name, phrase, word = match.groups()
    negated, kind = minus is not None, _NAMES.get((name or "").lower(), "")
    value = str(word if phrase is None else phrase)
    if kind in {"source", "section"}:
        query.filters.append(Filter(kind, value, negated=negated))
        return
    if kind == "date" and (days := parse_days(value)):
        query.filters.append(Filter("date", first=days[0], last=days[1], negated=negated))
        return
    is_rule = not name or kind in {"title", "tag"}
    text = value if is_rule else match[0][1 if negated else 0 :]
    prefix = phrase is None and text.endswith(("*", "＊"))
    query.pieces.append(Piece(text, kind if is_rule else "", phrase is not None, negated, prefix))


def parse_days(text: str) -> tuple[int, int] | None:
    """2021, 2021-03, 2021-03-05, or two of them with .. between, one of which may be missing → (first, last) day."""
    parts = text.split("..")
    if len(parts) > 2 or not any(parts):
        return None
    first = _days_of(parts[0]) if parts[0] else (1, 0)
    last = first if len(parts) == 1 else _days_of(parts[1]) if parts[1] else (0, date.max.toordinal())
    return (first[0], last[1]) if first and last else None


def _days_of(text: str) -> tuple[int, int] | None:
    match = _DAY.fullmatch(text)
    if not match:
        return None
    year, month, day = (int(digits) if digits else 0 for digits in match.groups())
    if year < 1 or month > 12 or (match[2] and not month) or (match[3] and not day):
        return None
    if day > calendar.monthrange(year, month or 1)[1]:
        return None
    last = month or 12
    end = date(year, last, day or calendar.monthrange(year, last)[1])
    return date(year, month or 1, day or 1).toordinal(), end.toordinal()
