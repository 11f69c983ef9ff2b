"""Rule steps in Python, for what selectors cannot say.

A step gets the article's body as a BeautifulSoup element and changes it in place. It costs about twenty times what the
engine's own DOM does (3.5 ms an article against 0.12 on the seeds), so only rules that name steps pay for it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

from bs4 import BeautifulSoup, Tag

Step = Callable[[Tag], None]


def find_step(name: str) -> Step:
    """The step of that name: one of `STEPS`, or "module:function" of an installed module.

    Raises LookupError when there is none.
    """
    if name in STEPS:
        return STEPS[name]
    module_name, _, function_name = name.partition(":")
    if not function_name:
        raise LookupError(f"there is no step “{name}”")
    try:
        step = getattr(importlib.import_module(module_name), function_name)
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise LookupError(f"step “{name}” cannot be imported: {error}") from error
    if not callable(step):
        raise LookupError(f"step “{name}” is no function")
    found: Step = step
    return found


def run_steps(markup: str, steps: tuple[Step, ...]) -> str:
    """`markup` after every step, in order."""
    soup = BeautifulSoup(markup, "html.parser")  # the engine's output is well-formed: no repairing parser is needed
    for step in steps:
        step(soup)
    return str(soup)


def line_numbered_code(body: Tag) -> None:
    """A table of two cells, line numbers beside code, becomes the code."""
    for table in body.find_all("table"):
        cells = table.find_all("td")
        if len(cells) != 2 or not _counts_up(cells[0].get_text(" ")):
            continue
        code = cells[1].find("pre") or cells[1]
        code.name = "pre"
        table.replace_with(code)


def _counts_up(text: str) -> bool:
    words = text.split()
    if len(words) < 2 or not all(word.isascii() and word.isdigit() for word in words):
        return False
    numbers = [int(word) for word in words]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


STEPS: dict[str, Step] = {"line_numbered_code": line_numbered_code}
