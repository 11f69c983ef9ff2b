"""`newsarchive images`."""

from __future__ import annotations

import argparse
from typing import Any

from newsarchive.diagnostics import ConfigurationError, Diagnostic
from newsarchive.fetch.options import add_options
from newsarchive.parallel.interrupts import INTERRUPTED


def add_images(commands: Any) -> None:
    """Give `newsarchive` the command."""
    parser = commands.add_parser(
        "images",
        help="fetch and store the images that articles show; can be stopped at any time, and goes on",
        description="Fetches what is not stored yet of the images that clean articles show, politely, into the folder"
        " of NEWSARCHIVE_MEDIA_PATH (docs/images.md). Needs: pip install 'newsarchive[images]'",
    )
    add_options(parser)
    parser.set_defaults(run=_images)


def _images(given: argparse.Namespace) -> tuple[str, int]:
    # Only now: builds and the other commands do without an HTTP client and decoders.
    try:
        from newsarchive.fetch.download_run import run_images  # noqa: PLC0415
    except ModuleNotFoundError as error:
        repair = "pip install 'newsarchive[images]'"
        diagnostic = Diagnostic("missing", "newsarchive images", f"needs {error.name}", repair)
        raise ConfigurationError([diagnostic]) from None
    try:
        return run_images(given)
    except KeyboardInterrupt:  # between two images fetching ends in order by itself
        return "interrupted: the same command goes on\n", INTERRUPTED
