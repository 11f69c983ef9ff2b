"""`newsarchive new`: a repository for a new site."""

from __future__ import annotations

import argparse
from typing import Any

from newsarchive.commands.options import add_options
from newsarchive.scaffold import Identity, scaffold_site


def add_arguments(parser: Any) -> None:
    """Declare what the command takes."""
    add_options(parser, "site", "--name", "--subtitle", "--url", "--language", "--timezone", "--requirement")


def run(given: argparse.Namespace) -> str:
    """Write the files of the site."""
    identity = Identity(given.name, given.subtitle, given.url, given.language, given.timezone, given.requirement)
    written = scaffold_site(given.site, identity)
    return f"{given.site}: {len(written)} files\nnext: cd {given.site} && make html\n"
