"""News Archive: a folder of scraped news in, a clean static archive out.

The library knows nothing of Pelican; `newsarchive.host` is the one module that does. Pelican finds `register` here.
"""

from __future__ import annotations

__version__ = "0.1.0"


def register() -> None:
    """Called by Pelican when it loads the plugin."""
    # Imported here, not above: the library must be usable, and fast to import, without Pelican.
    from newsarchive.host import connect_signals  # noqa: PLC0415

    connect_signals()
