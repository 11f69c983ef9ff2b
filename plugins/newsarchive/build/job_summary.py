"""The job summary of a build: a table in Markdown for the page of a GitHub Actions run (docs/publishing.md).

It reads the ledger and the output folder. It knows nothing else of the build.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsarchive.build.ledger import MERGED, PUBLISHED, REJECTED, STATUSES
from newsarchive.diagnostics import WITHHELD, NewsArchiveError, printable

_LEDGER, _TIMES, _DIGESTS = "ledger.jsonl", "times.txt", "summary.json"
_MAX_REASONS = 50

Row = Mapping[str, Any]


class NoLedgerError(NewsArchiveError):
    """No build used this cache folder."""


@dataclass(frozen=True, slots=True)
class Change:
    """How many source files of articles are new, changed or gone since the previous summary."""

    new: int
    changed: int
    gone: int


def summarise_build(content: Path, output: Path, cache: Path) -> str:
    """Return the summary of the last build as Markdown, and store the digests of its sources for the next summary.

    Raises NoLedgerError if nothing was built with this cache.
    """
    rows = _read_ledger(cache / _LEDGER)
    articles = [row["source"] for row in rows if row["status"] in {PUBLISHED, MERGED}]
    digests = {source: _digest(content / source) for source in articles}
    change = compare(_read_digests(cache / _DIGESTS), digests)
    (cache / _DIGESTS).write_text(json.dumps(digests, ensure_ascii=False), "utf-8")
    return "\n".join(summary_markdown(rows, change, _sizes(output), _times(cache / _TIMES))) + "\n"


def _read_ledger(path: Path) -> list[Row]:
    try:
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    except OSError:
        raise NoLedgerError(
            f"{path}: there is no ledger — build the site first, or name its cache folder with --cache"
        ) from None


def _digest(path: Path) -> str:
    try:
        return hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()
    except OSError:  # the ledger escapes names that are not valid UTF-8, so there is no file of this name
        return ""


def _read_digests(path: Path) -> Mapping[str, str] | None:
    try:
        found: Mapping[str, str] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found


def _sizes(output: Path) -> Mapping[str, int]:
    return {
        path.relative_to(output).as_posix(): path.stat().st_size for path in sorted(output.rglob("*")) if path.is_file()
    }


def _times(path: Path) -> list[tuple[str, int]]:
    try:
        lines = [line.split() for line in path.read_text("utf-8").splitlines()]
    except OSError:
        return []
    return [(name, int(seconds)) for name, seconds in lines]


def compare(before: Mapping[str, str] | None, now: Mapping[str, str]) -> Change | None:
    """Return how the sources of two builds differ, given as source → digest; None without an earlier build."""
    if before is None:
        return None
    changed = sum(before[source] != digest for source, digest in now.items() if source in before)
    return Change(len(now.keys() - before.keys()), changed, len(before.keys() - now.keys()))


def summary_markdown(
    rows: Sequence[Row], change: Change | None, sizes: Mapping[str, int], times: Sequence[tuple[str, int]]
) -> Iterator[str]:
    """Yield the lines of the table, then the reasons of files that were rejected or withheld.

    `sizes` are bytes by path in the output folder, `times` seconds by name of a step.
    """
    counts = Counter(row["status"] for row in rows)
    pages = [path for path in sizes if path.endswith(".html")]
    index = sum(size for path, size in sizes.items() if path.startswith("search/"))
    largest = max(pages, key=lambda path: sizes[path], default="")
    yield "| | |"
    yield "| --- | ---: |"
    yield f"| files | {len(rows):,} |"
    yield from (f"| {status} | {counts[status]:,} |" for status in STATUSES)
    if change:
        yield f"| new | {change.new:,} |"
        yield f"| changed | {change.changed:,} |"
        yield f"| gone | {change.gone:,} |"
    yield f"| with warnings | {sum(bool(row['warnings']) for row in rows):,} |"
    yield f"| pages | {len(pages):,} |"
    yield f"| site | {_megabytes(sum(sizes.values()))} in {len(sizes):,} files |"
    yield f"| search | {_megabytes(index)} |"
    if largest:
        yield f"| largest page | {sizes[largest] / 1_000:,.1f} kB, `{largest}` |"
    yield from (f"| {name} | {seconds:,} s |" for name, seconds in times)
    yield from _reasons("Rejected", [row for row in rows if row["status"] == REJECTED])
    yield from _reasons("Withheld", [row for row in rows if row["status"] == WITHHELD])


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"


def _reasons(heading: str, rows: Sequence[Row]) -> Iterator[str]:
    """Yield reasons as a block of code, in which nothing of a scraped title is Markdown or HTML."""
    if not rows:
        return
    reasons = [printable(row["reason"]) for row in rows[:_MAX_REASONS]]
    if len(rows) > _MAX_REASONS:
        reasons.append(f"… and {len(rows) - _MAX_REASONS:,} more: see the ledger")
    fence = "`" * (1 + max(3, *(reason.count("`") for reason in reasons)))
    yield from ["", f"{heading}:", "", fence, *reasons, fence]
