"""What a build reports: a summary and messages at its end, or one line for an error that ended it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from newsarchive.config import BuildConfig
from newsarchive.fs.os_errors import REPORTED_ERRORS, error_lines
from newsarchive.parallel.interrupts import Interrupted

logger = logging.getLogger(__name__)


class BuildReport(Struct, frozen=True):
    """What a build did."""

    summary: str  # "46 files: 45 published, 1 merged, 0 rejected, 0 withheld"
    messages: tuple[tuple[str, str], ...]  # ("info", "warning" or "error", line)
    articles: int  # that have a page
    size: int = 0  # bytes of all files of the site
    written: int = 0  # files whose bytes changed
    removed: int = 0  # files that were deleted
    profile: tuple[str, ...] = ()  # lines that say how long each stage took


def print_report(report: BuildReport, config: BuildConfig) -> None:
    """Print a report, and log its warnings and errors."""
    if config.settings.profile:
        print(*report.profile, sep="\n", flush=True)
    print(f"{report.summary}; {report.written:,} pages written, {report.removed:,} removed", flush=True)
    print(f"ledger: {os.path.relpath(config.cache / 'ledger.jsonl')}", flush=True)
    for level, line in report.messages:
        if level == "info":
            print(line, flush=True)
        else:
            logger.log(_LEVELS.get(level, logging.ERROR), "%s", line)


_LEVELS = {"warning": logging.WARNING, "error": logging.ERROR}


@contextmanager
def reported_errors(cache: Path) -> Iterator[None]:
    """Log an error in one line and exit with status 1, where a traceback would be printed."""
    try:
        yield
    except REPORTED_ERRORS as error:
        for line in error_lines(error, cache):
            logger.critical("%s", line)
        logger.debug("Traceback:", exc_info=error)
        raise SystemExit(1) from None
    except Interrupted:
        logger.warning("interrupted: the next build continues from here")
        raise
