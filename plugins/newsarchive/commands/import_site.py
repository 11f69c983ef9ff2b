"""`newsarchive import hexo`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from newsarchive.diagnostics import printable
from newsarchive.importers.hexo import ImportReport, apply_identity, import_posts, read_identity
from newsarchive.scaffold import Identity, scaffold_site

_TOLD = 20


def add_import(commands: Any) -> None:
    """Give `newsarchive` the command."""
    parser = commands.add_parser("import", help="bring the articles of another program's site")
    sources = parser.add_subparsers(required=True, metavar="PROGRAM")
    hexo = sources.add_parser("hexo", help="copy the posts of a Hexo site as they are, and take over what it is called")
    hexo.add_argument("path", type=Path, help="the folder of the Hexo site")
    hexo.add_argument("site", type=Path, help="a site that stands, or a folder to make one in")
    hexo.add_argument("--requirement", default=Identity().requirement, help="as of `newsarchive new`")
    hexo.set_defaults(run=_import)


def _import(given: argparse.Namespace) -> tuple[str, int]:
    identity = replace(read_identity(given.path), requirement=given.requirement)
    if (given.site / "pelicanconf.py").is_file():
        apply_identity(given.site, identity)
    else:
        scaffold_site(given.site, identity)
        (given.site / "content" / "welcome.md").unlink()
    done = import_posts(given.path, given.site / "content")
    return "".join(f"{line}\n" for line in _lines(done, identity)), 1 if done.diagnostics or done.refused else 0


def _lines(done: ImportReport, identity: Identity) -> Iterator[str]:
    yield from (str(diagnostic) for diagnostic in (*done.diagnostics, *done.refused, *done.withheld))
    yield from (f"left, because it is no post: {printable(name)}" for name in done.skipped[:_TOLD])
    if len(done.skipped) > _TOLD:
        yield f"left: {len(done.skipped) - _TOLD:,} more"
    yield f"{printable(identity.name)}, {identity.language}, {identity.timezone}, {identity.url or 'no address yet'}"
    yield (
        f"{len(done.copied):,} files copied, {len(done.unchanged):,} there already,"
        f" {len(done.diagnostics):,} in the way, {len(done.withheld):,} withheld by their authors,"
        f" {len(done.refused):,} not read"
    )
