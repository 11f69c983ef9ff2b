"""Write the reference of commands between two marks in a Markdown file: python tools/write_commands_table.py FILE"""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from newsarchive.commands.main import COMMANDS, make_parser
from newsarchive.commands.options import default_text


def describe(parser: argparse.ArgumentParser, summary: str) -> Iterator[str]:
    """Yield the lines about one command, or about each action of a command that has several."""
    inner = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    for action in inner:
        helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
        for name, own in action.choices.items():
            yield from describe(own, helps[name])
    if inner:
        return
    yield f"### `{parser.prog}`"
    yield ""
    yield f"{summary[0].upper()}{summary[1:]}."
    yield ""
    yield "| argument | default | what it is |"
    yield "| --- | --- | --- |"
    for action in parser._actions:
        if not isinstance(action, argparse._HelpAction):
            yield row(action)
    yield ""


def row(action: argparse.Action) -> str:
    """Return the row about one argument."""
    name = action.option_strings[0] if action.option_strings else action.dest
    value = action.metavar or ("|".join(action.choices) if action.choices else action.dest.upper())
    takes_value = action.option_strings and action.nargs != 0
    shown = f"{name} {value}" if takes_value else name if action.option_strings else str(value)
    default = default_text(name)
    text = (action.help or "").removesuffix(f" (default: {default})")
    return " | ".join(["", f"`{shown}`".replace("|", "\\|"), default, f"{text[0].upper()}{text[1:]}.", ""]).strip()


commands = make_parser(*COMMANDS)._subparsers._group_actions[0].choices
lines = [line for name, command in COMMANDS.items() for line in describe(commands[name], command.help)]
path = Path(sys.argv[1])
marks = re.compile(r"(<!-- commands -->\n).*?(<!-- end of commands -->)", re.DOTALL)
table = "\n".join(lines)
path.write_text(marks.sub(lambda found: found[1] + table + found[2], path.read_text("utf-8")), "utf-8")
