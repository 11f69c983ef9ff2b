"""Statistics of the archive: numbers for charts that templates draw with inline SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from newsarchive.collect import Archive
from newsarchive.collect.archive import Section
from newsarchive.i18n import Translations
from newsarchive.models import Article
from newsarchive.render.calendar import Month, Year
from newsarchive.render.page import Page

_HEIGHT, _TOP = 156, 24  # pixels: the base line, and the top of the highest bar
_MOST_LABELS = 12
_MOST_ROWS = 30
_SPARK_MONTHS, _SPARK_WIDTH, _SPARK_HEIGHT = 12, 72, 16


@dataclass(frozen=True, slots=True)
class Bar:
    """A month in the chart: positions in percent of the width, heights in pixels."""

    month: Month
    x: float
    width: float
    y: float
    height: float
    label: str
    largest: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A named number, and its share of the largest number of its table, in percent."""

    name: str
    url: str
    count: int
    share: float


def figures_page(archive: Archive, years: Sequence[Year], translations: Translations) -> Page:
    """Return the page with the numbers of articles by month, section and source."""
    sources = [source for section in archive.sections for source in section.children]
    context = {
        "total": len(archive.articles),
        "characters": sum(article.word_count for article in archive.articles),
        "months": _bars(years),
        "sections": _rows(archive.sections),
        "sources": _rows(sources),
    }
    return Page("figures/index.html", "figures.html", translations.gettext("The archive in figures"), context)


def _bars(years: Sequence[Year]) -> list[Bar]:
    """Return one bar for each month, from the first to the last that has articles."""
    months = [month for year in reversed(years) for month in year.months]
    held = [number for number, month in enumerate(months) if month.count]
    months = months[held[0] : held[-1] + 1] if held else []
    most = max((month.count for month in months), default=0)
    step = -(-len(years) // _MOST_LABELS)
    bars: list[Bar] = []
    for number, month in enumerate(months):
        height = (_HEIGHT - _TOP) * month.count / most
        label = str(month.first.year) if _is_labelled(number, month, step) else ""
        x, width = 100 * number / len(months), 100 / len(months) * 0.8
        largest = month.count == most and not any(bar.largest for bar in bars)
        bars.append(
            Bar(month, round(x, 2), round(width, 2), round(_HEIGHT - height, 1), round(height, 1), label, largest)
        )
    return bars


def _is_labelled(number: int, month: Month, step: int) -> bool:
    """Return True for each January (or every second, third, …), and for the first month if the next label is far."""
    if month.first.month == 1:
        return month.first.year % step == 0
    return number == 0 and month.first.month < 8 and step == 1


def _rows(sections: Sequence[Section]) -> list[Row]:
    largest = sorted(sections, key=lambda section: (-len(section.articles), section.url))[:_MOST_ROWS]
    most = len(largest[0].articles) if largest else 1
    return [Row(each.name, each.url, len(each.articles), round(100 * len(each.articles) / most, 1)) for each in largest]


def spark_points(articles: Sequence[Article], archive: Archive) -> str:
    """Return the SVG points of a section's last twelve months, counted from the newest article of the archive."""
    newest = next((article.date for article in reversed(archive.articles) if article.date), None)
    if newest is None:
        return ""
    last = newest.year * 12 + newest.month
    counts: Counter[int] = Counter()
    for article in reversed(articles):
        if article.date is None or (month := article.date.year * 12 + article.date.month) <= last - _SPARK_MONTHS:
            break
        counts[month] += 1
    most = max(counts.values(), default=0) or 1
    step = _SPARK_WIDTH / (_SPARK_MONTHS - 1)
    heights = [counts[last - _SPARK_MONTHS + 1 + number] / most for number in range(_SPARK_MONTHS)]
    return " ".join(
        f"{number * step:.0f},{_SPARK_HEIGHT - 1 - height * (_SPARK_HEIGHT - 2):.0f}"
        for number, height in enumerate(heights)
    )
