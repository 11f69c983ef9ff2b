"""`newsarchive why`: which inputs of a page changed since the last build."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from newsarchive.build.why import TargetChanges, explain_target
from newsarchive.commands.options import add_options, load_site
from newsarchive.diagnostics import printable


def add_arguments(parser: Any) -> None:
    """Declare what the command takes."""
    add_options(parser, "page", "--content", "--output", "--cache", "--settings")


def run(given: argparse.Namespace) -> str:
    """Print the inputs that changed, and those that did not."""
    config = load_site(given)
    path = PurePath(given.page)
    if path.is_relative_to(config.output):
        path = path.relative_to(config.output)
    return "".join(f"{line}\n" for line in _lines(explain_target(config, path.as_posix())))


def _lines(changes: TargetChanges) -> Iterator[str]:
    page = printable(changes.path)
    if changes.is_new:
        yield f"{page}: no build has made it yet, the next one does"
    elif changes.is_gone:
        yield f"{page}: the next build deletes it, because nothing makes it any more"
    elif changes.changed:
        yield f"{page}: the next build makes it again"
        yield f"changed: {', '.join(changes.changed)}"
        if changes.same:
            yield f"same: {', '.join(changes.same)}"
    else:
        yield f"{page}: none of its inputs changed ({', '.join(changes.same) or 'none are recorded'})"
    if not changes.is_intact:
        yield "the file itself was changed or deleted since the last build: the next one writes it again"
