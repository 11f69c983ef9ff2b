"""Calendars of years and months: one cell for each day, darker the more articles it has."""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from newsarchive.collect.archive import Day

# The same steps in every archive: with relative ones, a new article could change every old calendar.
_STEPS_OF_DAYS = (1, 3, 10, 30, 100)
_STEPS_OF_MONTHS = tuple(step * 20 for step in _STEPS_OF_DAYS[1:])


@dataclass(frozen=True, slots=True)
class Cell:
    """A day in a calendar: its number of articles, and a level from 0 (none) to 5."""

    date: date
    url: str
    count: int
    level: int


@dataclass(frozen=True, slots=True)
class Month:
    """A month, and those of its days that have articles."""

    first: date
    url: str
    days: Sequence[Day]
    count: int
    level: int
    first_weekday: int

    @property
    def weeks(self) -> list[list[Cell | None]]:
        """Return rows of seven cells; None marks days of another month.

        Computed when a page shows them: a build that adds one article shows three months of all.
        """
        held = {day.date: day for day in self.days}
        cells: list[Cell | None] = [None] * ((self.first.weekday() - self.first_weekday) % 7)
        for number in range(1, monthrange(self.first.year, self.first.month)[1] + 1) if self.days else ():
            cells.append(_cell(self.first.replace(day=number), held.get(self.first.replace(day=number))))
        cells += [None] * (-len(cells) % 7)
        return [cells[at : at + 7] for at in range(0, len(cells), 7)]


@dataclass(frozen=True, slots=True)
class Year:
    """A year: its twelve months, and their number of articles."""

    first: date
    url: str
    months: Sequence[Month]
    count: int


def calendar_of(days: Sequence[Day], first_weekday: int) -> list[Year]:
    """Return the years that have articles, newest first; weeks begin with `first_weekday` (0 is Monday)."""
    dated = [(day.date, day) for day in days if day.date]
    years = []
    for number, of_year in groupby(dated, key=lambda each: each[0].year):
        by_month: dict[int, list[Day]] = {}
        for when, day in of_year:
            by_month.setdefault(when.month, []).append(day)
        months = [_month(date(number, month, 1), by_month.get(month, []), first_weekday) for month in range(1, 13)]
        years.append(Year(date(number, 1, 1), f"{number:04}/index.html", months, sum(each.count for each in months)))
    return years[::-1]


def _month(first: date, days: list[Day], first_weekday: int) -> Month:
    count = sum(len(day.articles) for day in days)
    level = 1 + bisect_right(_STEPS_OF_MONTHS, count) if count else 0
    return Month(first, f"{first.year:04}/{first.month:02}/index.html", days, count, level, first_weekday)


def _cell(when: date, day: Day | None) -> Cell:
    if day is None:
        return Cell(when, "", 0, 0)
    return Cell(when, day.url, len(day.articles), bisect_right(_STEPS_OF_DAYS, len(day.articles)))
