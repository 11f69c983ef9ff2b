"""The ledger: one line of JSON for every input file, with its status and the reason for it (docs/ledger.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from newsarchive.build.collect_site import CollectedSite
from newsarchive.cache.serialization import to_lines
from newsarchive.diagnostics import WITHHELD, Diagnostic, printable_lines
from newsarchive.images.image_selection import ImageSelection
from newsarchive.models import Article

PUBLISHED, MERGED, REJECTED = "published", "merged", "rejected"
STATUSES = (PUBLISHED, MERGED, REJECTED, WITHHELD)


def ledger_rows(collected: CollectedSite) -> list[dict[str, Any]]:
    """Return one row for each input file, in order of their paths: published + merged + rejected + withheld."""
    urls = {article.source: article.url for article in collected.archive.articles}
    rows = [_article_row(article, urls, collected.archive.merged) for article in collected.articles]
    if not collected.images.is_empty:
        pages = {article.source: article for article in collected.archive.articles}
        for row, article in zip(rows, collected.articles, strict=True):
            row["images"] = _images(pages.get(article.source, article), collected.images)
    rows += [_rejected_row(source, diagnostic) for source, diagnostic in collected.rejected]
    return sorted(rows, key=lambda row: row["source"])


def ledger_text(rows: list[dict[str, Any]]) -> str:
    """Return rows as JSON Lines. Control characters are escaped, so that a terminal can show them."""
    return printable_lines(to_lines(rows).decode())


def summary_lines(rows: list[dict[str, Any]], first: int = 5) -> Iterator[tuple[str, str]]:
    """Yield ("info", "warning" or "error", line) for the end of a build.

    The lines are totals, the number of warnings with each code, and the first `first` files that were rejected.
    """
    counts = Counter(row["status"] for row in rows)
    totals = ", ".join(f"{counts[status]:,} {status}" for status in STATUSES)
    yield "info", f"{len(rows):,} files: {totals}"
    codes = Counter(warning["code"] for row in rows for warning in row["warnings"])
    for code, count in sorted(codes.items(), key=lambda item: (-item[1], item[0])):
        example = next(warning for row in rows for warning in row["warnings"] if warning["code"] == code)
        yield "warning", f"{count:,} × {code}, first: {Diagnostic(**example)}"
    withheld = [row for row in rows if row["status"] == WITHHELD]
    if withheld:
        yield "info", f"{len(withheld):,} withheld, first: {withheld[0]['reason']}"
    rejected = [row for row in rows if row["status"] == REJECTED]
    for row in rejected[:first]:
        yield "error", f"rejected: {row['reason']}"
    if len(rejected) > first:
        yield "error", f"rejected: {len(rejected) - first:,} more, see the ledger"


def _article_row(article: Article, urls: dict[str, str], merged: Any) -> dict[str, Any]:
    status = PUBLISHED if article.source in urls else MERGED
    return {
        "source": article.source,
        "status": status,
        "url": urls[article.source] if status == PUBLISHED else merged[article.source],
        "title": article.title,
        "reason": "same title and text as the page at this address" if status == MERGED else "",
        "warnings": [_warning(diagnostic) for diagnostic in article.diagnostics],
        "removed": dict(article.removed),
    }


def _images(article: Article, selection: ImageSelection) -> dict[str, str]:
    """Return the largest file of each image of an article, by address; "" for an image that is not stored."""
    shown = dict(selection.shown(article))
    if article.lead and article.lead.local:
        shown[article.lead.url] = article.lead.local
    return {address: local.files[-1].path if local else "" for address, local in shown.items()}


def _rejected_row(source: str, diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "source": source,
        "status": WITHHELD if diagnostic.code == WITHHELD else REJECTED,
        "url": "",
        "title": "",
        "reason": str(diagnostic),
        "warnings": [],
        "removed": {},
    }


def _warning(diagnostic: Diagnostic) -> dict[str, str]:
    return {
        "code": diagnostic.code,
        "location": diagnostic.location,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
    }
