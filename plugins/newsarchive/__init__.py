"""News Archive: a folder of scraped news in, a clean static archive out.

`newsarchive.pelican_plugin` is the only module that imports Pelican. Pelican calls `register` here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from newsarchive.build.site_build import build_site

__version__ = "0.1.0"
__all__ = ["build_site", "register", "theme_path"]


def theme_path() -> str:
    """The theme's folder, for `THEME` in `pelicanconf.py`: in the installed package, or beside `plugins/`."""
    installed = Path(__file__).parent / "theme"
    return str(installed if installed.is_dir() else Path(__file__).resolve().parents[2] / "theme")


def __getattr__(name: str) -> Any:
    """Import `build_site` when it is first used: the package itself is imported by every command."""
    if name == "build_site":
        from newsarchive.build.site_build import build_site  # noqa: PLC0415

        return build_site
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def register() -> None:
    """Called by Pelican when it loads the plugin."""
    # Imported here, not above: the library must be usable, and fast to import, without Pelican.
    from newsarchive.pelican_plugin import connect_signals  # noqa: PLC0415

    connect_signals()
