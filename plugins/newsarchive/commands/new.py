"""`newsarchive new`: a site repository from nothing."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from newsarchive.scaffold import Identity, scaffold_site


def add_new(commands: Any) -> None:
    """Give `newsarchive` the command."""
    parser = commands.add_parser("new", help="start a repository for an archive of your own, in a new folder")
    parser.add_argument("site", type=Path, help="the folder to make")
    plain = Identity()
    for name, what in (
        ("name", "the site's name"),
        ("subtitle", "the line under it on the home page"),
        ("url", "where it will be published"),
        ("language", "zh-CN, zh-TW, en, or one that the theme has a catalogue for"),
        ("timezone", "the zone that dates are shown in"),
        ("requirement", "what pip installs: this package's name and version, or its address"),
    ):
        default = getattr(plain, name)
        told = f" (default: {default})" if default else ""
        parser.add_argument(f"--{name}", default=default, metavar=name.upper(), help=what + told)
    parser.set_defaults(run=_new)


def _new(given: argparse.Namespace) -> str:
    identity = Identity(given.name, given.subtitle, given.url, given.language, given.timezone, given.requirement)
    written = scaffold_site(given.site, identity)
    return f"{given.site}: {len(written)} files\nnext: cd {given.site} && make html\n"
