"""The words of the interface, and dates and numbers, in the reader's language.

A language is one file, `translations/<language>.po` in the theme. It is read as it is: nobody has to compile it. What
stands in the templates is English, and stands for itself where a catalogue has no other word.
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
    """One language: its catalogue, and how it writes dates and numbers."""

    language: str  # as BCP 47 writes it: zh-CN
    locale: Locale
    catalogue: gettext.NullTranslations

    def gettext(self, message: str, **values: object) -> str:
        """A message of the catalogue, for titles that are made outside of templates."""
        return self.catalogue.gettext(message) % values

    def write_date(self, day: date, pattern: str) -> str:
        """`day` by a CLDR pattern ("d MMMM y"), which the catalogue turns into the language's own ("y年M月d日")."""
        return format_date(day, self.catalogue.pgettext("date", pattern), self.locale)

    def weekdays(self) -> list[tuple[int, str]]:
        """(day, short name) for the days of a week as calendars begin it; 0 is Monday, as in `date.weekday`."""
        names = get_day_names("abbreviated", "stand-alone", self.locale)
        first = self.locale.first_week_day
        return [(day % 7, names[day % 7].removeprefix("周").removeprefix("週")) for day in range(first, first + 7)]

    def filters(self) -> Mapping[str, Callable[..., str]]:
        """What templates may write after a bar; docs/theme.md explains each."""
        return {
            "full_date": self._dater("EEEE, d MMMM y"),
            "long_date": self._dater("d MMMM y"),
            "short_date": self._dater("d MMM"),
            "weekday": self._dater("EEEE"),
            "month_name": self._dater("MMMM"),
            "month_and_year": self._dater("MMMM y"),
            "year_name": self._dater("y"),
            "clock": clock,
            "iso": iso,
            "number": lru_cache(maxsize=10_000)(partial(format_decimal, locale=self.locale)),
        }

    def _dater(self, pattern: str) -> Callable[[date], str]:
        """A filter that writes dates by one pattern. Babel takes 20 µs for each, and the days of an archive are few."""
        own = self.catalogue.pgettext("date", pattern)

        @cache
        def write(year: int, month: int, day: int) -> str:
            return format_date(date(year, month, day), own, self.locale)

        return lambda day: write(day.year, day.month, day.day)


def clock(moment: datetime) -> str:
    """10:31; nothing at the stroke of midnight, where a feed gave a day without a time."""
    midnight = moment.hour == moment.minute == moment.second == 0
    return "" if midnight else f"{moment.hour:02}:{moment.minute:02}"  # strftime takes four times as long


def iso(moment: datetime) -> str:
    """2022-07-27T10:31:25+08:00"""
    return moment.isoformat(timespec="seconds")


def load_translations(folder: Path, language: str) -> Translations:
    """The words of `language` (or of the nearest that there is: zh-HK takes zh-TW's) out of a theme's catalogues.

    A theme that has no catalogues speaks English. Raises ConfigurationError for a language that has none among others.
    """
    files = {path.stem: path for path in files_in(folder, ".po")}
    locale = _parse(language)
    if not files and locale is not None:
        return Translations(language, locale, gettext.NullTranslations())
    known = {name: found for name in files if (found := _parse(name)) is not None}
    name = next((name for name in known if name.lower() == language.lower()), None)
    if name is None and locale is not None:
        name = next((each for each, other in known.items() if _is_near(locale, other)), None)
    if name is None or locale is None:
        repair = f"use one of {', '.join(files)}, or write {folder.name}/{language}.po"
        raise ConfigurationError([Diagnostic("setting", "DEFAULT_LANG", f"the theme has no {language!r}", repair)])
    return Translations(language, locale, _read_catalogue(files[name]))


def _parse(language: str) -> Locale | None:
    try:
        return Locale.parse(language, sep="-")
    except (ValueError, UnknownLocaleError):
        return None


def _is_near(one: Locale, other: Locale) -> bool:
    return one.language == other.language and one.script == other.script


def _read_catalogue(path: Path) -> gettext.GNUTranslations:
    binary = BytesIO()
    with path.open("rb") as file:
        write_mo(binary, read_po(file, locale=path.stem.replace("-", "_")))
    binary.seek(0)
    return gettext.GNUTranslations(binary)
