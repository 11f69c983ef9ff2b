"""From Pelican's settings to a `BuildConfig`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from newsarchive import theme_path
from newsarchive.config.build_config import BuildConfig, SiteIdentity, ThemeConfig
from newsarchive.config.settings import Settings, read_settings
from newsarchive.config.validate import (
    check_content,
    check_images,
    check_output,
    check_rules,
    check_theme,
    read_zone,
)
from newsarchive.diagnostics import ConfigurationError, Diagnostic

Value = TypeVar("Value")

# Pelican's own defaults for the settings that matter here, so that a settings file means the same without Pelican.
# THEME differs: Pelican's theme has none of the templates of an archive.
_DEFAULTS: Mapping[str, Any] = {
    "PATH": "content",
    "OUTPUT_PATH": "output",
    "CACHE_PATH": "cache",
    "SITENAME": "A Pelican Blog",
    "SITESUBTITLE": "",
    "SITEURL": "",
    "DEFAULT_LANG": "en",
    "TIMEZONE": "UTC",
    "IGNORE_FILES": ["**/.*"],
    "PAGE_PATHS": ["pages"],
    "STATIC_PATHS": ["images"],
    "THEME": theme_path(),
    "THEME_TEMPLATES_OVERRIDES": [],
    "THEME_STATIC_PATHS": ["static"],
    "THEME_STATIC_DIR": "theme",
    "JINJA_FILTERS": {},
    "JINJA_GLOBALS": {},
    "JINJA_TESTS": {},
}


def config_from_pelican(given: Mapping[str, Any], content: Path | None, rules_known_good: bytes) -> BuildConfig:
    """Return what `load_config` does for settings that are not in a file. Settings left out get Pelican's defaults."""
    given = {**_DEFAULTS, **given}
    for name, default in _DEFAULTS.items():
        if isinstance(default, list) and isinstance(given[name], str):  # as Pelican does, with a warning
            given[name] = default
    content = content or Path(given["PATH"])
    output = Path(given["OUTPUT_PATH"])
    site, theme = _site(given), _theme(given)

    problems: list[Diagnostic] = []
    settings = _collect(problems, partial(read_settings, given, os.environ)) or Settings()
    _collect(problems, partial(check_content, content))
    rules = _collect(problems, partial(check_rules, content, settings, rules_known_good)) or ((), b"")
    zone = _collect(problems, partial(read_zone, given["TIMEZONE"])) or ZoneInfo("UTC")
    _collect(problems, partial(check_output, content, output))
    _collect(problems, partial(check_images, settings))
    config = BuildConfig(
        content=content,
        settings=settings,
        zone=zone,
        rule_folders=rules[0],
        rules_fingerprint=rules[1],
        ignore=tuple(given["IGNORE_FILES"]),
        exclude=_exclude(given, settings),
        output=output,
        cache=Path(given["CACHE_PATH"]),
        site=site,
        theme=theme,
    )
    _collect(problems, partial(_check_theme, config, [theme.folder, *map(Path, given["THEME_TEMPLATES_OVERRIDES"])]))
    if problems:
        raise ConfigurationError(problems)
    return config


def _check_theme(config: BuildConfig, folders: Sequence[Path]) -> None:
    check_theme(folders)
    config.translations  # noqa: B018 - reads the catalogue, but not through a link that was refused


def _collect(problems: list[Diagnostic], check: Callable[[], Value]) -> Value | None:
    """Return what `check` returns, or None after adding its problems to `problems`."""
    try:
        return check()
    except ConfigurationError as error:
        problems.extend(error.diagnostics)
        return None


def _exclude(given: Mapping[str, Any], settings: Settings) -> tuple[str, ...]:
    """Return the folders of the content folder that hold no articles."""
    folders = (*given["PAGE_PATHS"], *given["STATIC_PATHS"], settings.rules_path, settings.media_path)
    return tuple(folder for folder in folders if folder)


def _site(given: Mapping[str, Any]) -> SiteIdentity:
    return SiteIdentity(
        name=given["SITENAME"],
        subtitle=given["SITESUBTITLE"],
        url=given["SITEURL"].removesuffix("/"),
        language=_language_tag(given["DEFAULT_LANG"]),
    )


def _language_tag(lowered: str) -> str:
    """zh-cn → zh-CN: Pelican writes languages in lower case, the standard (BCP 47) regions in capitals."""
    language, _, region = lowered.lower().partition("-")
    return f"{language}-{region.upper() if len(region) == 2 else region.title()}" if region else language


def _theme(given: Mapping[str, Any]) -> ThemeConfig:
    folder = Path(given["THEME"])
    return ThemeConfig(
        folder=folder,
        template_folders=(*map(Path, given["THEME_TEMPLATES_OVERRIDES"]), folder / "templates"),
        static_folders=tuple(folder / path for path in given["THEME_STATIC_PATHS"]),
        static_dir=given["THEME_STATIC_DIR"],
        filters=tuple(sorted(given["JINJA_FILTERS"].items())),
        globals=tuple(sorted(given["JINJA_GLOBALS"].items())),
        tests=tuple(sorted(given["JINJA_TESTS"].items())),
    )
