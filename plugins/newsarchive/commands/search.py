"""`newsarchive search`: search a built site as its search page does."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from newsarchive.commands.options import add_options
from newsarchive.diagnostics import printable

if TYPE_CHECKING:
    from newsarchive.search.engine import SearchResult

_NOTES = {
    "any": "no article has all the words; these have some of them",
    "prefix": "no article has the whole word; these have words that begin so",
}


def add_arguments(parser: Any) -> None:
    """Declare what the command takes."""
    add_options(parser, "built", "query", "--limit", "--json")


def run(given: argparse.Namespace) -> str:
    """Print the hits."""
    # Imported here: lunr and numpy, which `--help` does not need.
    from newsarchive.search.engine import describe_hits, search  # noqa: PLC0415
    from newsarchive.search.published import open_published  # noqa: PLC0415

    archive = open_published(given.built)
    answer = search(archive, given.query)
    hits = list(describe_hits(archive, answer.hits[: given.limit] if given.limit > 0 else answer.hits))
    if given.json:
        result = {"query": given.query, "total": len(answer.hits), "notes": list(answer.notes), "hits": hits}
        return json.dumps(result, ensure_ascii=False, indent=1) + "\n"
    return "\n".join([_totals(answer), *(_hit_lines(hit) for hit in hits)]) + "\n"


def _totals(answer: SearchResult) -> str:
    if not answer.has_criteria:
        return "The query asks for nothing."
    return "; ".join([f"{len(answer.hits):,} articles", *(_NOTES[note] for note in answer.notes)])


def _hit_lines(hit: dict[str, str | float]) -> str:
    facts = " · ".join(str(hit[name]) for name in ("source", "date", "url") if hit[name])
    return f"{hit['score']:8.3f}  {printable(str(hit['title']))}\n          {printable(facts)}"
