"""Write tests/vectors/tokens.json and queries.json again, with the answers that Python gives today.

Run it after you changed the tokeniser or the query language on purpose, and read the difference before you keep it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
VECTORS = PROJECT / "tests/vectors"

if __name__ == "__main__":
    sys.path[0] = str(PROJECT / "plugins")

from newsarchive.index.tokens import query_terms, tokenise  # noqa: E402
from newsarchive.search.query import parse_query  # noqa: E402


def as_javascript(typed: str) -> dict[str, Any]:
    """Return a query as search-query.js has it."""
    query = parse_query(typed)
    return {
        "pieces": [
            {"text": p.text, "field": p.field, "phrase": p.phrase, "not": p.negated, "prefix": p.prefix}
            for p in query.text_clauses
        ],
        "filters": [
            {"kind": "date", "from": f.first, "to": f.last, "not": f.negated}
            if f.kind == "date"
            else {"kind": f.kind, "value": f.value, "not": f.negated}
            for f in query.filters
        ],
    }


def show_terms(text: str, is_open: bool) -> list[str]:
    """Return the terms of a query; one that is a beginning ends in `*`."""
    return [each.term + ("*" if each.prefix else "") for each in query_terms(text, is_open)]


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """Return a case with what Python answers in the place of what it holds."""
    if "typed" in case:
        return case | as_javascript(case["typed"])
    if "open" in case:
        return case | {"terms": show_terms(case["text"], case["open"])}
    return case | {"tokens": tokenise(case["text"])}


def record(table: str) -> str:
    """Return the text of a table, in which each line of a case that Python answers otherwise is written anew."""
    lines = (VECTORS / f"{table}.json").read_text("utf-8").splitlines()
    return "".join(_record_line(line) + "\n" for line in lines)


def _record_line(line: str) -> str:
    text = line.strip().removesuffix(",")
    if not text.startswith("{") or text == "{":
        return line
    case = json.loads(text)
    answered = answer(case)
    return line if answered == case else line.replace(text, json.dumps(answered, ensure_ascii=False))


if __name__ == "__main__":
    for name in ("tokens", "queries"):
        (VECTORS / f"{name}.json").write_text(record(name), "utf-8", "backslashreplace")
