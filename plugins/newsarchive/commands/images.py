"""`newsarchive images`: fetch and store the images that articles show."""

from __future__ import annotations

import argparse
from typing import Any

from newsarchive.commands.options import add_options, load_site
from newsarchive.diagnostics import ConfigurationError, Diagnostic
from newsarchive.parallel.interrupts import INTERRUPTED


def add_arguments(parser: Any) -> None:
    """Declare what the command takes."""
    parser.description = (
        "Fetch the images that clean articles show and that are not stored yet, politely, into the folder of"
        " NEWSARCHIVE_MEDIA_PATH (docs/images.md). Needs: pip install 'newsarchive[images]'"
    )
    add_options(parser, "content", "--settings")
    actions = parser.add_mutually_exclusive_group()
    add_options(actions, "--report", "--dry-run", "--from-folder", "--from-har")
    add_options(parser.add_argument_group("what to fetch again"), "--retry", "--refresh")
    politeness = ("--delay", "--per-host", "--concurrency", "--retries", "--retry-delay", "--timeout", "--contact")
    add_options(parser.add_argument_group("how to ask hosts"), *politeness)
    add_options(parser.add_argument_group("limits"), "--max-bytes", "--max-pixels", "--max-total")
    add_options(parser.add_argument_group("which machines to ask"), "--allow-address", "--resolve")


def run(given: argparse.Namespace) -> tuple[str, int]:
    """Fetch, or do what an option asks for instead."""
    # Imported here: only this command needs an HTTP client and image decoders, which an extra installs.
    try:
        from newsarchive.fetch.download_run import run_images  # noqa: PLC0415
    except ModuleNotFoundError as error:
        hint = "pip install 'newsarchive[images]'"
        raise ConfigurationError([Diagnostic("missing", "newsarchive images", f"needs {error.name}", hint)]) from None
    try:
        return run_images(load_site(given), given)
    except KeyboardInterrupt:  # while it is cleaning: a download that is interrupted ends in order by itself
        return "interrupted: run the same command again to go on\n", INTERRUPTED
