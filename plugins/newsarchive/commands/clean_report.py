"""`newsarchive clean-report`: what cleaning removed from all articles, by source."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from typing import Any

from newsarchive.build.clean_content import clean_content
from newsarchive.clean.removal_report import RemovalReport
from newsarchive.commands.options import add_options, load_site
from newsarchive.images.stored_files import scan_stored_files
from newsarchive.parallel.executors import WorkerPool
from newsarchive.parallel.progress import Progress
from newsarchive.read import read_article


def add_arguments(parser: Any) -> None:
    """Declare what the command takes."""
    add_options(parser, "content", "--settings")


def run(given: argparse.Namespace) -> str:
    """Report, with rejected files on stderr."""
    config = load_site(given)
    report = RemovalReport(config.rules)
    with closing(WorkerPool(config.settings.executor)) as pool:
        for each in clean_content(config, pool, Progress(sys.stderr), stored_files=scan_stored_files(config)):
            if each.article:
                report.add(each.article, read_article(each.file, config.settings.max_file_bytes))
            else:
                print(each.rejection, file=sys.stderr)
    return "\n".join(report.lines()) + "\n"
