"""Parse the dates that feeds write and convert them to the site's time zone.

Nothing here reads the clock: an article without a usable date stays undated, so two builds give the same result.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

# No news was on the web before 1990, and no crawler has seen 2100. Years outside this range come from seconds taken for
# milliseconds, placeholders such as 0000-00-00 and 9999-12-31, or typing errors.
_MIN_YEAR, _MAX_YEAR = 1990, 2100

_MAX_LENGTH = 200  # characters: enough for any date with its zone's name in any language

_UNIX_TIME = re.compile(r"\d{9,10}(?:\.\d+)?|\d{13}|\d{16}")
_CHINESE_DATE = re.compile(
    r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?\s*(?:[（(]?(?:星期|周|礼拜)[一二三四五六日天][)）]?)?\s*"
    r"(上午|下午|晚上|晚|凌晨|早上|中午)?\s*(?:(\d{1,2})\s*[:：时点]\s*(\d{1,2})?\s*(?:[:：分]\s*(\d{1,2})?)?秒?)?"
)
# Relative dates need the clock of the crawl, which is unknown. The year 0000 is a placeholder.
_RELATIVE_DATE = re.compile(
    r"前|刚刚|昨天|今天|ago|yesterday|today|just now|hour|minute|(?<![-+:\d])0000\b", re.IGNORECASE
)
_HAS_YEAR = re.compile(r"\d{4}|\d{1,2} [A-Z][a-z]{2} \d{2} ")

# Hours east of UTC. Chinese feeds write CST for China Standard Time; dateutil alone leaves ambiguous names without a
# zone.
_ZONE_HOURS = {"CST": 8, "BJT": 8, "HKT": 8, "SGT": 8, "JST": 9, "KST": 9}
_ZONE_HOURS |= {"EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_ZONE_HOURS |= {"CET": 1, "CEST": 2, "BST": 1}


def parse_date(found: str, zone: ZoneInfo) -> tuple[datetime | None, str]:
    """Return (date and time in `zone`, "") or (None, what is wrong with the date).

    Accepts RFC 822 dates, ISO 8601, `2021-10-10 11:06:15`, Unix time in seconds, milliseconds or microseconds, the
    output of Unix `date`, and Chinese dates. A time without a zone is taken as a time in `zone`, a bare day as its
    midnight. Only the first 200 characters are read. Fractions of a second are dropped.

        >>> parse_date("2021年10月10日 下午3时5分", ZoneInfo("Asia/Shanghai"))[0].isoformat()
        '2021-10-10T15:05:00+08:00'
    """
    text = " ".join(found[:_MAX_LENGTH].split())
    if not text or text in {"~", "null", "None", "undefined"}:
        return None, "no date"
    try:
        moment = _parse(text, zone)
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        moment = None
    if moment is None:
        return None, f"“{text[:60]}” is not a date"
    if not _MIN_YEAR <= moment.year <= _MAX_YEAR:
        return None, f"“{text[:60]}” is not a year from {_MIN_YEAR} to {_MAX_YEAR}"
    return moment, ""


def _parse(text: str, zone: ZoneInfo) -> datetime | None:
    """Return the moment that `text` names, in `zone`, or None for relative dates and texts without a year."""
    if _UNIX_TIME.fullmatch(text):
        seconds = float(text)
        while seconds > 1e11:  # milliseconds, microseconds
            seconds /= 1000
        return datetime.fromtimestamp(int(seconds), UTC).astimezone(zone)
    if match := _CHINESE_DATE.search(text):
        return _from_chinese(match, zone)
    if _RELATIVE_DATE.search(text) or not _HAS_YEAR.search(text):
        return None
    return _localise(_parse_absolute(text), zone)


def _parse_absolute(text: str) -> datetime:
    """Parse a date with a year: RFC 822 and ISO 8601 with the standard library, everything else with dateutil."""
    if _RFC822.match(text):
        moment = parsedate_to_datetime(text)
        # The offset -0000 means UTC, local zone unknown (RFC 5322, section 3.3).
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if text[:1].isdigit():
        if text[4:5] in {".", "/"}:
            text = re.sub(r"(?<=\d)[./](?=\d)", "-", text, count=2)
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    text = re.sub(r"\([^)]*\)", "", text)  # JavaScript appends the zone's name in the reader's language
    text = re.sub(r"\b(?:GMT|UTC) ?([+-])(\d{1,2}):?(\d{2})?\b", _iso_offset, text)
    text = re.sub(r"([+-]\d{4}) [A-Z]{3,4}$", r"\1", text)  # Go prints the zone twice
    from dateutil import parser as dateutil_parser  # noqa: PLC0415 - few feeds need it

    # dateutil fills missing fields from `default`; its own default, the clock, would make builds differ.
    return dateutil_parser.parse(text, default=datetime(1, 1, 1), tzinfos=_tzinfo_of)


_RFC822 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} (?:\d{4}|\d{2}) \d{1,2}:\d\d(?::\d\d)? (?:GMT|UTC?|Z|[+-]\d{4})$"
)


def _iso_offset(match: re.Match[str]) -> str:
    """Rewrite `GMT+8` as `+0800`.

    People mean eight hours east of Greenwich. POSIX reads the sign the other way round.
    """
    return f"{match[1]}{int(match[2]):02}{match[3] or '00'}"


def _tzinfo_of(name: str | None, offset: int | None) -> tzinfo | None:
    """Return the zone for dateutil: `offset` in seconds east of UTC if given, else the zone called `name`."""
    if offset is not None:
        return timezone(timedelta(seconds=offset))
    hours = _ZONE_HOURS.get(name or "")
    return None if hours is None else timezone(timedelta(hours=hours))


def _localise(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return `moment` in `zone`, without microseconds; a moment without a zone is already local."""
    return (moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)).replace(microsecond=0)


def _from_chinese(match: re.Match[str], zone: ZoneInfo) -> datetime:
    """Build the date from a match of `_CHINESE_DATE`; 下午 and 晚上 mean the second half of the day."""
    year, month, day = (int(match[group]) for group in (1, 2, 3))
    hour, minute, second = (int(match[group] or 0) for group in (5, 6, 7))
    if match[4] in {"下午", "晚上", "晚", "中午"} and hour < (11 if match[4] == "中午" else 12):
        hour += 12
    elif match[4] in {"上午", "凌晨", "早上", "晚上", "晚"} and hour == 12:
        hour = 0
    return datetime(year, month, day, hour, minute, second, tzinfo=zone)
