"""Dates as feeds write them → one moment in the site's time zone. Never by the clock: without a date is undated."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

# Before news was on the web, and after anything a crawler can have met: a mix-up of seconds and milliseconds, a
# placeholder such as 0000-00-00 or 9999-12-31, or a mistyped year.
_FIRST_YEAR, _LAST_YEAR = 1990, 2100

_LONGEST = 200  # characters; no date is longer, with the name of its zone in any language

_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?|\d{13}|\d{16}")
_CHINESE = re.compile(
    r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?\s*(?:[（(]?(?:星期|周|礼拜)[一二三四五六日天][)）]?)?\s*"
    r"(上午|下午|晚上|晚|凌晨|早上|中午)?\s*(?:(\d{1,2})\s*[:：时点]\s*(\d{1,2})?\s*(?:[:：分]\s*(\d{1,2})?)?秒?)?"
)
# Relative to a clock nobody has any more, or the year 0000.
_NO_DATE = re.compile(r"前|刚刚|昨天|今天|ago|yesterday|today|just now|hour|minute|(?<![-+:\d])0000\b", re.IGNORECASE)
_YEAR = re.compile(r"\d{4}|\d{1,2} [A-Z][a-z]{2} \d{2} ")

# Chinese feeds write CST for China Standard Time; dateutil alone would leave the ambiguous ones without a zone.
_ZONES = {"CST": 8, "BJT": 8, "HKT": 8, "SGT": 8, "JST": 9, "KST": 9}
_ZONES |= {"EST": -5, "EDT": -4, "PST": -8, "PDT": -7, "MST": -7, "MDT": -6, "CDT": -5, "CET": 1, "CEST": 2, "BST": 1}


def parse_date(found: str, zone: ZoneInfo) -> tuple[datetime | None, str]:
    """(the moment in `zone`, "") or (None, what is wrong with the date).

    Reads RFC 822, ISO 8601, `2021-10-10 11:06:15`, Unix time in seconds, milliseconds or microseconds, Unix `date`
    output, and Chinese dates. A time without a zone is a time in `zone`; a bare day is its midnight.
    """
    text = " ".join(found[:_LONGEST].split())
    if not text or text in {"~", "null", "None", "undefined"}:
        return None, "no date"
    try:
        moment = _parse(text, zone)
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        moment = None
    if moment is None:
        return None, f"“{text[:60]}” is no date"
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return None, f"“{text[:60]}” is no date that news can have"
    return moment, ""


def _parse(text: str, zone: ZoneInfo) -> datetime | None:
    if _EPOCH.fullmatch(text):
        seconds = float(text)
        while seconds > 1e11:  # milliseconds, microseconds
            seconds /= 1000
        return datetime.fromtimestamp(int(seconds), UTC).astimezone(zone)
    if match := _CHINESE.search(text):
        return _chinese(match, zone)
    if _NO_DATE.search(text) or not _YEAR.search(text):
        return None
    return _localise(_parse_written(text), zone)


def _parse_written(text: str) -> datetime:
    """RFC 822 and ISO by the standard library, the rest by dateutil."""
    if _RFC822.match(text):
        moment = parsedate_to_datetime(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # -0000: the time is UTC, the place unknown
    if text[:1].isdigit():
        if text[4:5] in {".", "/"}:
            text = re.sub(r"(?<=\d)[./](?=\d)", "-", text, count=2)
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    text = re.sub(r"\([^)]*\)", "", text)  # JavaScript adds the zone's name in the reader's language
    text = re.sub(r"\b(?:GMT|UTC) ?([+-])(\d{1,2}):?(\d{2})?\b", _offset, text)
    text = re.sub(r"([+-]\d{4}) [A-Z]{3,4}$", r"\1", text)  # Go prints the zone twice
    from dateutil import parser as dateutil_parser  # noqa: PLC0415 - few feeds need it

    # The default fills in what a text leaves out; were it the clock, builds would differ.
    return dateutil_parser.parse(text, default=datetime(1, 1, 1), tzinfos=_zone_of)


_RFC822 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} (?:\d{4}|\d{2}) \d{1,2}:\d\d(?::\d\d)? (?:GMT|UTC?|Z|[+-]\d{4})$"
)


def _offset(match: re.Match[str]) -> str:
    """GMT+8 as +0800: eight hours east, as people mean it, not west, as POSIX does."""
    return f"{match[1]}{int(match[2]):02}{match[3] or '00'}"


def _zone_of(name: str | None, offset: int | None) -> tzinfo | None:
    if offset is not None:
        return timezone(timedelta(seconds=offset))
    hours = _ZONES.get(name or "")
    return None if hours is None else timezone(timedelta(hours=hours))


def _localise(moment: datetime, zone: ZoneInfo) -> datetime:
    return (moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)).replace(microsecond=0)


def _chinese(match: re.Match[str], zone: ZoneInfo) -> datetime:
    year, month, day = (int(match[group]) for group in (1, 2, 3))
    hour, minute, second = (int(match[group] or 0) for group in (5, 6, 7))
    if match[4] in {"下午", "晚上", "晚", "中午"} and hour < (11 if match[4] == "中午" else 12):
        hour += 12
    elif match[4] in {"上午", "凌晨", "早上", "晚上", "晚"} and hour == 12:
        hour = 0
    return datetime(year, month, day, hour, minute, second, tzinfo=zone)
