"""`newsarchive explain`: what cleaning removed from one article, and why."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from newsarchive.build.clean_content import find_content, repetition_for
from newsarchive.clean.explanation import as_text, explain_article, write_html
from newsarchive.commands.options import add_options, load_site
from newsarchive.config import BuildConfig
from newsarchive.diagnostics import Diagnostic, RejectedFile
from newsarchive.images.stored_files import scan_stored_files
from newsarchive.parallel.executors import WorkerPool
from newsarchive.parallel.progress import Progress
from newsarchive.parallel.time_limits import cpu_limit
from newsarchive.read import read_article
from newsarchive.read.find import FoundFile


def add_arguments(parser: Any) -> None:
    """Declare what the command takes."""
    add_options(parser, "file", "--html", "--content", "--cache", "--settings")


def run(given: argparse.Namespace) -> str:
    """Explain the article."""
    config = load_site(given)
    files = find_content(config)
    file = _find_file(given.file, files, config)
    with cpu_limit(file.source):
        raw = read_article(file, config.settings.max_file_bytes)
    stored_files = scan_stored_files(config)
    with closing(WorkerPool(config.settings.executor)) as pool:
        progress = Progress(sys.stderr)
        repetition = repetition_for(config, pool, file, raw.publication, files, stored_files, progress)
    with cpu_limit(file.source):
        explanation = explain_article(raw, config.rules, config.settings.max_html_depth, repetition)
    if given.html:
        write_html(explanation, given.html)
        return f"{given.html}\n"
    return as_text(explanation)


def _find_file(path: Path, files: list[FoundFile], config: BuildConfig) -> FoundFile:
    target = path.resolve()
    found = next((file for file in files if Path(file.path).resolve() == target), None)
    if found is None:
        message = f"is no article of {config.content}"
        raise RejectedFile(Diagnostic("not-found", str(path), message, "name the content folder by --content"))
    return found
