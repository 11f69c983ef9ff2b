"""`newsarchive import`: the articles of another program's site."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from newsarchive.commands.options import add_options
from newsarchive.config import load_config
from newsarchive.config.from_file import SETTINGS_FILE
from newsarchive.diagnostics import printable
from newsarchive.importers.hexo import ImportReport, apply_identity, import_posts, read_identity
from newsarchive.scaffold import Identity, scaffold_site

_MOST_SKIPPED = 20  # files to name


def add_arguments(parser: Any) -> None:
    """Declare what the command takes."""
    programs = parser.add_subparsers(required=True, metavar="PROGRAM")
    hexo = programs.add_parser(
        "hexo", help="copy the posts of a Hexo site as they are, and take over its name and address", allow_abbrev=False
    )
    hexo.set_defaults(parser=hexo)
    add_options(hexo, "hexo", "site", "--requirement", "--settings")


def run(given: argparse.Namespace) -> tuple[str, int]:
    """Import the posts; exit status 1 if other files are in the way."""
    identity = replace(read_identity(given.hexo), requirement=given.requirement)
    settings = given.settings or given.site / SETTINGS_FILE
    if given.settings or settings.is_file():
        content = load_config(settings).content
        apply_identity(given.site, identity)
    else:
        scaffold_site(given.site, identity)
        content = given.site / "content"
        (content / "welcome.md").unlink()
    done = import_posts(given.hexo, content)
    return "".join(f"{line}\n" for line in _lines(done, identity)), 1 if done.diagnostics or done.refused else 0


def _lines(done: ImportReport, identity: Identity) -> Iterator[str]:
    yield from (str(diagnostic) for diagnostic in (*done.diagnostics, *done.refused, *done.withheld))
    yield from (f"skipped, because it is no post: {printable(name)}" for name in done.skipped[:_MOST_SKIPPED])
    if len(done.skipped) > _MOST_SKIPPED:
        yield f"skipped: {len(done.skipped) - _MOST_SKIPPED:,} more"
    yield f"{printable(identity.name)}, {identity.language}, {identity.timezone}, {identity.url or 'no address yet'}"
    yield (
        f"{len(done.copied):,} files copied, {len(done.unchanged):,} there already,"
        f" {len(done.diagnostics):,} in the way, {len(done.withheld):,} withheld by their authors,"
        f" {len(done.refused):,} not read"
    )
