"""The Jinja environment: autoescape on, an unknown name is an error, and the filters that templates may use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from newsarchive.articles import Article

_WEEKDAYS = "一二三四五六日"


def make_environment(template_folders: Sequence[Path]) -> Environment:
    """Templates of the first folder that has one win (Pelican's THEME_TEMPLATES_OVERRIDES, then the theme's own)."""
    environment = Environment(
        loader=FileSystemLoader([str(folder) for folder in template_folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    add_filters(environment)
    return environment


def add_filters(environment: Environment) -> None:
    """The filters; Pelican's own environment, which renders hand-made pages, gets them too."""
    environment.filters.update(FILTERS)


def full_date(day: date) -> str:
    """2022年7月27日 星期三"""
    return f"{day.year}年{day.month}月{day.day}日 星期{_WEEKDAYS[day.weekday()]}"


def clock(moment: datetime) -> str:
    """10:31"""
    return moment.strftime("%H:%M")


def iso(moment: datetime) -> str:
    """2022-07-27T10:31:25+08:00"""
    return moment.isoformat(timespec="seconds")


def number(value: int) -> str:
    """1,120"""
    return f"{value:,}"


def by_day(articles: Sequence[Article]) -> list[tuple[date | None, list[Article]]]:
    """Articles that follow one another on the same day, together."""
    return [(day, list(group)) for day, group in groupby(articles, key=lambda a: a.date.date() if a.date else None)]


FILTERS = {"by_day": by_day, "clock": clock, "full_date": full_date, "iso": iso, "number": number}
