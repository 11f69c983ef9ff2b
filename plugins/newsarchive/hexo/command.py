"""`newsarchive import hexo`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from newsarchive.hexo import Import, import_posts, read_identity, settle_identity
from newsarchive.problems import printable
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
        settle_identity(given.site, identity)
    else:
        scaffold_site(given.site, identity)
        (given.site / "content" / "welcome.md").unlink()
    done = import_posts(given.path, given.site / "content")
    return "".join(f"{line}\n" for line in _lines(done, identity)), 1 if done.problems else 0


def _lines(done: Import, identity: Identity) -> Iterator[str]:
    yield from (str(problem) for problem in done.problems)
    yield from (f"left, because it is no post: {printable(name)}" for name in done.left[:_TOLD])
    if len(done.left) > _TOLD:
        yield f"left: {len(done.left) - _TOLD:,} more"
    yield f"{printable(identity.name)}, {identity.language}, {identity.timezone}, {identity.url or 'no address yet'}"
    yield f"{len(done.copied):,} files copied, {len(done.there):,} there already, {len(done.problems):,} in the way"
