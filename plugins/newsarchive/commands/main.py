"""The `newsarchive` command: everything around a site but building it, which `pelican` does."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import NamedTuple, NoReturn, Protocol, cast

from newsarchive import __version__
from newsarchive.commands.options import RENAMED_OPTIONS
from newsarchive.diagnostics import ConfigurationError, NewsArchiveError, printable, printable_lines


class Command(NamedTuple):
    """A verb: the module beside this one that carries it out, and a line for `newsarchive --help`."""

    module: str
    help: str


class CommandModule(Protocol):
    """What the module of a command has."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare what the command takes."""

    def run(self, given: argparse.Namespace) -> str | tuple[str, int]:
        """Carry it out; return what to print, and the exit status if it is not 0."""


COMMANDS: Mapping[str, Command] = {
    "new": Command("new", "start a repository for an archive of your own, in a new folder"),
    "import": Command("import_site", "copy the articles of another program's site"),
    "check-content": Command(
        "check_content", "find problems in articles without building; exit status 1 if a file cannot be published"
    ),
    "explain": Command("explain", "show what was removed from one article, and by which rule or signal"),
    "clean-report": Command("clean_report", "show what was removed for each source, the outliers, and unused rules"),
    "rules": Command("rules", "start a rule file"),
    "images": Command("images", "fetch and store the images that articles show; you can stop it and go on later"),
    "check-site": Command("check_site", "find problems in a built site before you publish it; exit status 1 if any"),
    "search": Command("search", "search a built site, as its search page does"),
    "pack": Command("pack", "pack a built site into one file: a zip to unpack and open, a ZIM file for Kiwix"),
    "why": Command("why", "print which inputs of a page changed since the last build"),
    "summary": Command("summary", "print what the last build did, as a table in Markdown"),
}

RENAMED_COMMANDS: Mapping[str, str] = {"check": "check-content", "verify": "check-site"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status: 0, or 1 if the input has problems. Misuse ends in SystemExit(2)."""
    arguments = sys.argv[1:] if arguments is None else arguments
    name = next((each for each in arguments if not each.startswith("-")), "")
    parser = make_parser(name)
    if name and name not in COMMANDS:
        parser.error(_suggestion(name, "command", RENAMED_COMMANDS, COMMANDS))
    given, unknown = parser.parse_known_args(arguments)
    if unknown:
        _refuse(unknown[0], given.parser)
    try:
        answer = load_command(name).run(given)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 1
    except NewsArchiveError as error:
        print(f"newsarchive: {printable_lines(str(error))}", file=sys.stderr)
        return 1
    text, status = (answer, 0) if isinstance(answer, str) else answer
    sys.stdout.write(printable_lines(text))
    return status


def load_command(name: str) -> CommandModule:
    """Return the module of a command."""
    return cast(CommandModule, import_module(f"newsarchive.commands.{COMMANDS[name].module}"))


def make_parser(*names: str) -> argparse.ArgumentParser:
    """Return the parser of the command line, with the arguments of the commands in `names`: the modules of others, and
    all that they import, are not loaded."""
    parser = argparse.ArgumentParser(
        prog="newsarchive",
        description="Check articles, explain what cleaning does to them, store their images; start, check, search and"
        " pack sites.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        # No abbreviations: a new option must not change what a script's old one means.
        own = commands.add_parser(name, help=command.help, allow_abbrev=False)
        own.set_defaults(parser=own)
        if name in names:
            load_command(name).add_arguments(own)
    return parser


def _refuse(argument: str, parser: argparse.ArgumentParser) -> NoReturn:
    option = argument.partition("=")[0]
    if not option.startswith("-"):
        parser.error(f"{printable(argument)}: one argument too many — see {parser.prog} --help")
    parser.error(_suggestion(option, "option", RENAMED_OPTIONS, parser._option_string_actions))


def _suggestion(name: str, kind: str, renamed: Mapping[str, str], known: Iterable[str]) -> str:
    near = [renamed[name]] if name in renamed else difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else "see newsarchive --help"
    return f"{printable(name)}: there is no such {kind} — {hint}"
