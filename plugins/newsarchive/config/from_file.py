"""The settings of a site without Pelican: what `pelicanconf.py` says, as far as reading its articles needs it."""

from __future__ import annotations

import runpy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from newsarchive.clean.rule_files import load_rules
from newsarchive.clean.rules import RuleBook
from newsarchive.config.settings import Settings, read_settings
from newsarchive.config.validate import read_zone
from newsarchive.diagnostics import ConfigurationError, Diagnostic, RejectedFile

DEFAULT = Path("pelicanconf.py")

# Pelican's own defaults, where the site says nothing.
_PAGES, _STATIC, _IGNORED, _ZONE = ["pages"], ["images"], ["**/.*"], "UTC"


_SHIPPED_RULES = Path(__file__).resolve().parents[1] / "rules"


@dataclass(frozen=True, slots=True)
class SiteReading:
    """What reading, cleaning and describing the files of a content folder works from."""

    content: Path
    settings: Settings
    zone: ZoneInfo
    rules: RuleBook
    ignore: Sequence[str]
    left_out: Sequence[str]


def reading_of_site(content: Path, settings: Path | None) -> SiteReading:
    """What a build would read `content` with. Raises ConfigurationError, or RejectedFile when there is no content.

    `settings` is a site's `pelicanconf.py`; without one there is only what the program would do by itself.
    """
    if not content.is_dir():
        raise RejectedFile(Diagnostic("not-found", str(content), "there is no such folder", "name the content folder"))
    given = _run(settings) if settings else {"TIMEZONE": "Asia/Shanghai"}
    checked = read_settings(given)
    rules = load_rules([content / checked.rules_path, _SHIPPED_RULES])
    own = [checked.rules_path, checked.media_path]
    left_out = [*given.get("PAGE_PATHS", _PAGES), *given.get("STATIC_PATHS", _STATIC), *own]
    ignored = tuple(given.get("IGNORE_FILES", _IGNORED))
    return SiteReading(
        content, checked, read_zone(given.get("TIMEZONE", _ZONE)), rules, ignored, tuple(filter(None, left_out))
    )


def _run(settings: Path) -> Mapping[str, Any]:
    if not settings.is_file():
        raise ConfigurationError(
            [Diagnostic("setting", str(settings), "there is no such file", "name the settings file")]
        )
    try:
        return runpy.run_path(str(settings))
    except (Exception, SystemExit) as error:  # it is the user's program: whatever it does wrong is told, not passed on
        told = f"{type(error).__name__}: {error}"
        raise ConfigurationError([Diagnostic("setting", str(settings), told, "repair the settings file")]) from error
