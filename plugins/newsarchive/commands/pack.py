"""`newsarchive pack`: a built site as one file."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from newsarchive.commands.options import add_options
from newsarchive.pack import Source, open_source
from newsarchive.pack.zim_file import write_zim
from newsarchive.pack.zip_file import write_zip


def add_arguments(parser: Any) -> None:
    """Declare what the command takes."""
    add_options(parser, "built", "--zip", "--zim")


def run(given: argparse.Namespace) -> tuple[str, int]:
    """Write the files; exit status 1 if a file of the site had to be left out."""
    source = open_source(given.built)
    lines = [*map(str, source.excluded), *_packed(source, given)]
    return "".join(f"{line}\n" for line in lines), 1 if source.excluded else 0


def _packed(source: Source, given: argparse.Namespace) -> Iterator[str]:
    zipped = given.zip or (None if given.zim else Path("archive.zip"))
    for target, write in ((zipped, write_zip), (given.zim, write_zim)):
        if target:
            write(source, target)
            yield f"{target}: {len(source.paths):,} files, {target.stat().st_size / 1_000_000:,.1f} MB"
