"""`newsarchive check-site`: everything wrong with a built site, as text or as JSON."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from newsarchive.commands.options import add_options
from newsarchive.diagnostics import Diagnostic
from newsarchive.parallel.progress import Progress
from newsarchive.verify import Budgets, SiteReport, verify_site

# Problems of one kind to print: one fault of a template is on every page.
_MOST_OF_A_KIND = 20


def add_arguments(parser: Any) -> None:
    """Declare what the command takes."""
    add_options(parser, "built", "--allow", "--skip", "--max-page", "--max-index", "--max-site", "--workers", "--json")


def run(given: argparse.Namespace) -> tuple[str, int]:
    """Check the site; exit status 1 if there are problems."""
    began = time.monotonic()
    budgets = Budgets(given.max_page, given.max_index, given.max_site)
    report = verify_site(given.built, budgets, given.allow, given.skip, given.workers, Progress(sys.stderr))
    seconds = time.monotonic() - began
    text = _as_json(report, seconds) if given.json else "\n".join(_as_lines(report, seconds)) + "\n"
    return text, 1 if report.diagnostics else 0


def _as_json(report: SiteReport, seconds: float) -> str:
    result = {
        "files": report.files,
        "pages": report.pages,
        "articles": report.articles,
        "bytes": report.bytes,
        "seconds": round(seconds, 1),
        "problems": [
            {"code": each.code, "location": each.location, "message": each.message, "hint": each.hint}
            for each in report.diagnostics
        ],
    }
    return json.dumps(result, ensure_ascii=False, indent=1) + "\n"


def _as_lines(report: SiteReport, seconds: float) -> Iterator[str]:
    yield from _first_of_each_kind(report.diagnostics)
    found = f"{len(report.diagnostics):,} problems" if report.diagnostics else "nothing wrong"
    size = report.bytes / 1_000_000
    yield (
        f"{report.files:,} files, {report.pages:,} pages, {report.articles:,} articles, {size:,.1f} MB: "
        f"{found} ({seconds:.1f} s)"
    )


def _first_of_each_kind(diagnostics: Sequence[Diagnostic], most: int = _MOST_OF_A_KIND) -> Iterator[str]:
    """Yield a line for each problem: of one kind the first, then how many more there are."""
    counts: Counter[str] = Counter()
    for diagnostic in diagnostics:
        counts[diagnostic.code] += 1
        if counts[diagnostic.code] <= most:
            yield str(diagnostic)
    for kind, count in counts.items():
        if count > most:
            yield f"… and {count - most:,} more of the kind {kind!r}: --json has them all"
