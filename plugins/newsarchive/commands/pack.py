"""`newsarchive pack`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from newsarchive.pack import Source, open_source
from newsarchive.pack.zim_file import write_zim
from newsarchive.pack.zip_file import write_zip


def add_pack(commands: Any) -> None:
    """Give `newsarchive` the command."""
    parser = commands.add_parser(
        "pack", help="a built site as one file: a zip to unpack and open, a ZIM file for Kiwix"
    )
    parser.add_argument("output", type=Path, help="the folder of the built site, best one built without SITEURL")
    parser.add_argument("--zip", type=Path, metavar="FILE", help="(default, without --zim: archive.zip)")
    parser.add_argument("--zim", type=Path, metavar="FILE", help="needs: pip install 'newsarchive[zim]'")
    parser.set_defaults(run=_pack)


def _pack(given: argparse.Namespace) -> tuple[str, int]:
    source = open_source(given.output)
    text = "".join(f"{line}\n" for line in [*map(str, source.left_out), *_packed(source, given)])
    return text, 1 if source.left_out else 0


def _packed(source: Source, given: argparse.Namespace) -> Iterator[str]:
    zipped = given.zip or (None if given.zim else Path("archive.zip"))
    for target, write in ((zipped, write_zip), (given.zim, write_zim)):
        if target:
            write(source, target)
            yield f"{target}: {len(source.paths):,} files, {target.stat().st_size / 1_000_000:,.1f} MB"
