"""Parse what a person typed into the search box.

Every text is a valid query: whatever matches no rule of the language is searched as words.
theme/static/js/search-query.js parses the same language; tests/vectors/queries.json tests both.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, field
from datetime import date

_SPACE = "\\t-\\r \\u00a0\\u2000-\\u200a\\u2028\\u2029\\u3000"
_OPENING, _CLOSING = '"“”＂「『', '"“”＂」』'

# One clause: [minus] [name:] "phrase" or word.
_CLAUSE = re.compile(
    r"([-－−])?(?:([A-Za-z]+|[\u4e00-\u9fff]+)[:：])?"
    f"(?:[{_OPENING}]([^{_CLOSING}]*)[{_CLOSING}]?|([^{_SPACE}{_OPENING}]+))"
)

_FIELD_NAMES = {
    **{"title": "title", "标题": "title", "標題": "title"},
    **{"section": "section", "栏目": "section", "欄目": "section"},
    **{"source": "source", "来源": "source", "來源": "source"},
    **{"tag": "tag", "标签": "tag", "標籤": "tag"},
    **{"date": "date", "日期": "date"},
}

_DATE = re.compile(r"([0-9]{4})(?:[-/]([0-9]{1,2})(?:[-/]([0-9]{1,2}))?)?")


@dataclass(frozen=True, slots=True)
class TextClause:
    """Text to find.

    - `field`: `title`, `tag`, or "" for all fields.
    - `phrase`: True if the text was in quotation marks.
    - `prefix`: True if the last word is a prefix.
    """

    text: str
    field: str = ""
    phrase: bool = False
    negated: bool = False
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on documents.

    `kind` is `source` or `section` (its name contains `value`), or `date` (the day is from `first` to `last`, in
    ordinals as of `date.toordinal`).
    """

    kind: str
    value: str = ""
    first: int = 0
    last: int = 0
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """The clauses and filters of a query, in the order typed."""

    text_clauses: list[TextClause] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)


def parse_query(typed: str) -> Query:
    """Return the clauses and filters of any text.

    >>> parse_query('"中国经济" -source:晨报').filters
    [Filter(kind='source', value='晨报', first=0, last=0, negated=True)]
    """
    query, position = Query(), 0
    while position < len(typed):
        match = _CLAUSE.match(typed, position)
        if not match:
            position += 1
            continue
        position = match.end()
        _add_clause(match, query)
    return query


def _add_clause(match: re.Match[str], query: Query) -> None:
    """Add the clause or filter of a match of `_CLAUSE` to `query`."""
    minus, name, phrase, word = match.groups()
    negated, kind = minus is not None, _FIELD_NAMES.get((name or "").lower(), "")
    value = str(word if phrase is None else phrase)
    if kind in {"source", "section"}:
        query.filters.append(Filter(kind, value, negated=negated))
        return
    if kind == "date" and (days := parse_days(value)):
        query.filters.append(Filter("date", first=days[0], last=days[1], negated=negated))
        return
    is_field = not name or kind in {"title", "tag"}
    text = value if is_field else match[0][1 if negated else 0 :]
    prefix = phrase is None and text.endswith(("*", "＊"))
    query.text_clauses.append(TextClause(text, kind if is_field else "", phrase is not None, negated, prefix))


def parse_days(text: str) -> tuple[int, int] | None:
    """Return the ordinals (first day, last day) of a date or a range, None if `text` is neither.

    Accepts 2021, 2021-03, 2021-03-05, and two of them with `..` between; one end of a range may be missing.

        >>> [date.fromordinal(day).isoformat() for day in parse_days("2021-03..2021-05")]
        ['2021-03-01', '2021-05-31']
    """
    parts = text.split("..")
    if len(parts) > 2 or not any(parts):
        return None
    first = _day_range(parts[0]) if parts[0] else (1, 0)
    last = first if len(parts) == 1 else _day_range(parts[1]) if parts[1] else (0, date.max.toordinal())
    return (first[0], last[1]) if first and last else None


def _day_range(text: str) -> tuple[int, int] | None:
    """Return the ordinals of the first and last day of a year, month or day; None if there is no such date."""
    match = _DATE.fullmatch(text)
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
