"""Config: from the settings of a site to one checked `BuildConfig`, for a build and for every command.

`load_config` is the only way: a build and the commands around it can never disagree about what a site's settings mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from newsarchive.config.build_config import BuildConfig, SiteIdentity, ThemeConfig
from newsarchive.config.from_file import SETTINGS_FILE, run_settings_file
from newsarchive.config.from_pelican import config_from_pelican
from newsarchive.config.settings import Settings

__all__ = ["BuildConfig", "Settings", "SiteIdentity", "ThemeConfig", "load_config"]


def load_config(
    settings: Path | Mapping[str, Any] | None = None, *, content: Path | None = None, rules_known_good: bytes = b""
) -> BuildConfig:
    """Return the checked configuration of a site. Nothing is written.

    `settings` is a site's settings file, the settings that Pelican hands over, or None: `pelicanconf.py` of the working
    folder where there is one, else the defaults. `content` wins over the content folder of the settings.

    `rules_known_good` is `BuildConfig.rules_digest` of an earlier configuration without problems. Rule files that still
    have this digest are not read again.

    Raises ConfigurationError with every problem in the settings and in all rule files.
    """
    if settings is None:
        settings = SETTINGS_FILE if SETTINGS_FILE.is_file() else {"TIMEZONE": "Asia/Shanghai", "DEFAULT_LANG": "zh-CN"}
    given = run_settings_file(settings) if isinstance(settings, Path) else settings
    return config_from_pelican(given, content, rules_known_good)
