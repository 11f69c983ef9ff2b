"""`newsarchive summary`: what the last build did, as a table in Markdown."""

from __future__ import annotations

import argparse
from typing import Any

from newsarchive.build.job_summary import summarise_build
from newsarchive.commands.options import add_options, load_site


def add_arguments(parser: Any) -> None:
    """Declare what the command takes."""
    add_options(parser, "content", "output", "--cache", "--settings")


def run(given: argparse.Namespace) -> str:
    """Print the table."""
    config = load_site(given)
    return summarise_build(config.content, config.output, config.cache)
