"""`newsarchive rules new`: a rule file to start from."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from typing import Any

from newsarchive.build.clean_content import clean_content
from newsarchive.clean.suggest_rules import is_of_source, suggest_rules
from newsarchive.commands.options import add_options, load_site
from newsarchive.parallel.executors import WorkerPool
from newsarchive.parallel.progress import Progress
from newsarchive.read import read_article


def add_arguments(parser: Any) -> None:
    """Declare what the command takes."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    new = actions.add_parser(
        "new",
        help="print a rule file for a source, with candidates that its articles repeat",
        allow_abbrev=False,
    )
    new.set_defaults(parser=new)
    add_options(new, "source", "--content", "--settings")


def run(given: argparse.Namespace) -> str:
    """Print the rule file, with rejected files on stderr."""
    config = load_site(given)
    articles = []
    with closing(WorkerPool(config.settings.executor)) as pool:
        for each in clean_content(config, pool, Progress(sys.stderr), drop=False):
            if each.rejection:
                print(each.rejection, file=sys.stderr)
            elif each.article and is_of_source(each.article.raw, given.source):
                articles.append(read_article(each.file, config.settings.max_file_bytes))
    return suggest_rules(given.source, articles)
