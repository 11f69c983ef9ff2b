"""The settings in a site's `pelicanconf.py`, as Pelican would hand them over. Pelican itself is not imported."""

from __future__ import annotations

import os
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from newsarchive.diagnostics import ConfigurationError, Diagnostic

SETTINGS_FILE = Path("pelicanconf.py")
"""The settings file of the site in the working folder."""

# Pelican reads these relative to the settings file, and others relative to the working folder.
_RELATIVE_TO_FILE = ("PATH", "OUTPUT_PATH", "CACHE_PATH", "THEME")


def run_settings_file(path: Path) -> Mapping[str, Any]:
    """Run a settings file and return its settings: the names in capitals, relative paths joined as Pelican joins them.

    Raises ConfigurationError for a file that is missing or fails.
    """
    if not path.is_file():
        raise _error(path, "there is no such file", "name the settings file by --settings")
    try:
        names = runpy.run_path(str(path))
    except (Exception, SystemExit) as error:  # the user's own program: report whatever it does wrong, and no traceback
        raise _error(path, f"{type(error).__name__}: {error}", "correct the settings file") from error
    settings = {name: value for name, value in names.items() if name.isupper()}
    for name in _RELATIVE_TO_FILE:
        if isinstance(value := settings.get(name), str | Path):
            joined = os.path.normpath(path.parent / value)
            # THEME may be the name of an installed theme.
            settings[name] = joined if name != "THEME" or os.path.exists(joined) else value
    return settings


def _error(path: Path, message: str, hint: str) -> ConfigurationError:
    return ConfigurationError([Diagnostic("setting", str(path), message, hint)])
