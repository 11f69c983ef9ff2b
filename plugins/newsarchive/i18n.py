"""Texts of the interface, dates and numbers in the language of the site.

Each language is one catalogue of the theme, `translations/<language>.po`. The build reads the `.po` file itself, so you
need not compile it. The message ids are the English texts of the templates; a message that a catalogue does not
translate stays English. The language of articles is detected elsewhere (`describe.languages`).
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache, partial
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, get_day_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from newsarchive.diagnostics import ConfigurationError, Diagnostic
from newsarchive.fs.symlinks import files_in


@dataclass(frozen=True, slots=True)
class Translations:
    """One language of the interface: its catalogue, and its formats of dates and numbers."""

    language: str  # a BCP 47 tag: zh-CN
    locale: Locale
    catalogue: gettext.NullTranslations

    def gettext(self, message: str, **values: object) -> str:
        """Return the translation of `message` with `values` filled in, for titles made outside of templates.

        For example: `translations.gettext("Page %(number)d", number=2)`.
        """
        return self.catalogue.gettext(message) % values

    def write_date(self, day: date, pattern: str) -> str:
        """Return `day` in the format of a CLDR `pattern`.

        The catalogue may translate the pattern under the context "date": zh-CN turns "d MMMM y" into "y年M月d日".
        Patterns: Unicode Technical Standard 35, *Date Format Patterns*.
        """
        return format_date(day, self.catalogue.pgettext("date", pattern), self.locale)

    def weekdays(self) -> list[tuple[int, str]]:
        """Return (weekday, short name) for each day of a week, in the order of the language's calendars.

        Weekdays count from 0 for Monday, as `date.weekday` does. The prefix 周 or 週 is removed: one character fits a
        calendar column.
        """
        names = get_day_names("abbreviated", "stand-alone", self.locale)
        first = self.locale.first_week_day
        return [(day % 7, names[day % 7].removeprefix("周").removeprefix("週")) for day in range(first, first + 7)]

    def filters(self) -> Mapping[str, Callable[..., str]]:
        """Return the Jinja filters for dates and numbers by name; docs/theme.md explains each."""
        return {
            "full_date": self._date_filter("EEEE, d MMMM y"),
            "long_date": self._date_filter("d MMMM y"),
            "short_date": self._date_filter("d MMM"),
            "weekday": self._date_filter("EEEE"),
            "month_name": self._date_filter("MMMM"),
            "month_and_year": self._date_filter("MMMM y"),
            "year_name": self._date_filter("y"),
            "clock": clock,
            "iso": iso,
            "number": lru_cache(maxsize=10_000)(partial(format_decimal, locale=self.locale)),
        }

    def _date_filter(self, pattern: str) -> Callable[[date], str]:
        """Return a filter that formats dates by one pattern.

        It caches its results: Babel takes 20 µs for each date, and an archive has few different days.
        """
        translated = self.catalogue.pgettext("date", pattern)

        @cache
        def write(year: int, month: int, day: int) -> str:
            return format_date(date(year, month, day), translated, self.locale)

        return lambda day: write(day.year, day.month, day.day)


def clock(moment: datetime) -> str:
    """Return the time of day, such as "10:31".

    Return "" for midnight: feeds that give a day without a time are read as 00:00:00.
    """
    midnight = moment.hour == moment.minute == moment.second == 0
    return "" if midnight else f"{moment.hour:02}:{moment.minute:02}"  # strftime takes four times as long


def iso(moment: datetime) -> str:
    """Return `moment` as ISO 8601 with seconds: "2022-07-27T10:31:25+08:00"."""
    return moment.isoformat(timespec="seconds")


def load_translations(folder: Path, language: str) -> Translations:
    """Return the translations for `language`, a BCP 47 tag, from the `.po` files in `folder`.

    Without an exact match, take the first catalogue of the same language and script: zh-HK uses zh-TW. A theme without
    catalogues is in English. Raises ConfigurationError if the theme has catalogues but none fits.
    """
    files = {path.stem: path for path in files_in(folder, ".po")}
    locale = _parse_locale(language)
    if not files and locale is not None:
        return Translations(language, locale, gettext.NullTranslations())
    known = {name: found for name in files if (found := _parse_locale(name)) is not None}
    name = next((name for name in known if name.lower() == language.lower()), None)
    if name is None and locale is not None:
        name = next((each for each, other in known.items() if _shares_script(locale, other)), None)
    if name is None or locale is None:
        hint = f"use one of {', '.join(files)}, or write {folder.name}/{language}.po"
        raise ConfigurationError([Diagnostic("setting", "DEFAULT_LANG", f"the theme has no {language!r}", hint)])
    return Translations(language, locale, _read_catalogue(files[name]))


def _parse_locale(language: str) -> Locale | None:
    """Return the locale of a BCP 47 tag, None if Babel does not know it."""
    try:
        return Locale.parse(language, sep="-")
    except (ValueError, UnknownLocaleError):
        return None


def _shares_script(first: Locale, second: Locale) -> bool:
    """Return True if two locales share language and script: a reader of one can read the other."""
    return first.language == second.language and first.script == second.script


def _read_catalogue(path: Path) -> gettext.GNUTranslations:
    """Compile a `.po` file in memory and return its catalogue."""
    binary = BytesIO()
    with path.open("rb") as file:
        write_mo(binary, read_po(file, locale=path.stem.replace("-", "_")))
    binary.seek(0)
    return gettext.GNUTranslations(binary)
