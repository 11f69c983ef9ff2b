"""`newsarchive verify`: the verdict, told to people and to programs."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from newsarchive.diagnostics import Diagnostic
from newsarchive.parallel.progress import Progress
from newsarchive.verify import Budgets, SiteReport, verify_site

_TOLD = 20
"""Problems of one kind that are told: one fault of a template stands on every page."""

_UNITS = {"": 1, "kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}


def add_verify(commands: Any) -> None:
    """Give `newsarchive` the command."""
    parser = commands.add_parser("verify", help="look for everything wrong with a built site, before it goes out")
    parser.add_argument("output", type=Path, help="the folder of the built site")
    parser.add_argument("--allow", metavar="HOST", action="append", default=[], help="a host that pages may fetch from")
    parser.add_argument(
        "--skip", metavar="GLOB", action="append", default=[], help="files that are no pages of the archive"
    )
    given = Budgets()
    for name, what in (("page", "a page"), ("index", "all of the search"), ("site", "everything")):
        default = f"{getattr(given, name) // 1_000_000} MB"
        help_text = f"most that {what} may take, like 500kB or 1.5GB (default: {default})"
        parser.add_argument(f"--max-{name}", metavar="SIZE", type=_size, default=getattr(given, name), help=help_text)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (default: one a core)")
    parser.add_argument("--json", action="store_true", help="print one JSON object, with every problem")
    parser.set_defaults(run=_verify)


def _size(text: str) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?(kB|MB|GB|)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is no size like 500kB, 20MB or 1.5GB")
    return int(float(match[1]) * _UNITS[match[2]])


def _verify(given: argparse.Namespace) -> tuple[str, int]:
    begun = time.monotonic()
    budgets = Budgets(given.max_page, given.max_index, given.max_site)
    verdict = verify_site(given.output, budgets, given.allow, given.skip, given.workers, Progress(sys.stderr))
    seconds = time.monotonic() - begun
    text = _as_json(verdict, seconds) if given.json else "\n".join(_as_lines(verdict, seconds)) + "\n"
    return text, 1 if verdict.diagnostics else 0


def _as_json(verdict: SiteReport, seconds: float) -> str:
    told = {
        "files": verdict.files,
        "pages": verdict.pages,
        "articles": verdict.articles,
        "bytes": verdict.bytes,
        "seconds": round(seconds, 1),
        "problems": [
            {"code": each.code, "location": each.location, "message": each.message, "hint": each.hint}
            for each in verdict.diagnostics
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _as_lines(verdict: SiteReport, seconds: float) -> Iterator[str]:
    yield from tell_first(verdict.diagnostics)
    found = f"{len(verdict.diagnostics):,} problems" if verdict.diagnostics else "nothing wrong"
    size = verdict.bytes / 1_000_000
    yield (
        f"{verdict.files:,} files, {verdict.pages:,} pages, {verdict.articles:,} articles, {size:,.1f} MB: "
        f"{found} ({seconds:.1f} s)"
    )


def tell_first(diagnostics: Sequence[Diagnostic], most: int = _TOLD) -> Iterator[str]:
    """A line a problem; of those of one kind, the first, and how many more there are."""
    counts: Counter[str] = Counter()
    for diagnostic in diagnostics:
        counts[diagnostic.code] += 1
        if counts[diagnostic.code] <= most:
            yield str(diagnostic)
    for kind, count in counts.items():
        if count > most:
            yield f"… and {count - most:,} more of the kind {kind!r}: --json has them all"
