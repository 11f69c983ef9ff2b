"""The ledger: a line of JSON for every input file, saying what became of it and why (docs/ledger.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from newsarchive.articles import Article
from newsarchive.build import Gathered
from newsarchive.pictures.album import Album
from newsarchive.problems import Problem, shown
from newsarchive.records import lines_of

PUBLISHED, MERGED, REJECTED = "published", "merged", "rejected"


def ledger_rows(gathered: Gathered) -> list[dict[str, Any]]:
    """One row an input file, in order of their paths: published + merged + rejected = files found."""
    urls = {article.source: article.url for article in gathered.archive.articles}
    rows = [_article_row(article, urls, gathered.archive.merged) for article in gathered.articles]
    if not gathered.album.is_empty:
        pages = {article.source: article for article in gathered.archive.articles}
        for row, article in zip(rows, gathered.articles, strict=True):
            row["images"] = _images(pages.get(article.source, article), gathered.album)
    rows += [_rejected_row(source, problem) for source, problem in gathered.rejected]
    return sorted(rows, key=lambda row: row["source"])


def ledger_text(rows: list[dict[str, Any]]) -> str:
    """JSON Lines, each ending in a newline; whoever looks at them in a terminal sees what is there."""
    return shown(lines_of(rows).decode())


def summary_lines(rows: list[dict[str, Any]], first: int = 5) -> Iterator[tuple[str, str]]:
    """("info", "warning" or "error", line) for the end of a build: totals, warnings by kind, the first rejections."""
    counts = Counter(row["status"] for row in rows)
    totals = ", ".join(f"{counts[status]:,} {status}" for status in (PUBLISHED, MERGED, REJECTED))
    yield "info", f"{len(rows):,} files: {totals}"
    kinds = Counter(warning["kind"] for row in rows for warning in row["warnings"])
    for kind, count in sorted(kinds.items(), key=lambda item: (-item[1], item[0])):
        example = next(warning for row in rows for warning in row["warnings"] if warning["kind"] == kind)
        yield "warning", f"{count:,} × {kind}, first: {_told(example)}"
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
        "warnings": [_warning(problem) for problem in article.problems],
        "removed": dict(article.removed),
    }


def _images(article: Article, album: Album) -> dict[str, str]:
    """Each picture of an article, and its largest file in the output; "" for one that is not there."""
    shown = dict(album.shown(article))
    if article.lead and article.lead.local:
        shown[article.lead.url] = article.lead.local
    return {address: local.files[-1].path if local else "" for address, local in shown.items()}


def _rejected_row(source: str, problem: Problem) -> dict[str, Any]:
    return {
        "source": source,
        "status": REJECTED,
        "url": "",
        "title": "",
        "reason": str(problem),
        "warnings": [],
        "removed": {},
    }


def _warning(problem: Problem) -> dict[str, str]:
    return {"kind": problem.kind, "place": problem.place, "problem": problem.problem, "repair": problem.repair}


def _told(warning: dict[str, str]) -> str:
    return str(Problem(warning["kind"], warning["place"], warning["problem"], warning["repair"]))
