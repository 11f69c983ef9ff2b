"""Code to the character: what colours it and numbers its lines goes; its text, indentation and language stay."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from selectolax.lexbor import LexborNode

from newsarchive.clean.cleaning_context import CleaningContext
from newsarchive.clean.dom import ancestors, attribute, children, has, outermost, replace_with_html, select
from newsarchive.models import TAG

_CODE_NAMES = re.compile(r"code|highlight|hljs|syntax|crayon|prettyprint|blob|gutter", re.IGNORECASE)
_LANGUAGE = re.compile(r"(?:^|[\s_-])(?:lang(?:uage)?|brush|source)[-:]\s*([A-Za-z0-9+#-]{1,30})")
# Colourers name the language by itself too: `<figure class="highlight python">`.
_LANGUAGES = frozenset(
    (
        "bash c cpp csharp css dart diff dockerfile go graphql haskell html ini java javascript js json jsx kotlin"
        " latex lua makefile markdown matlab nginx objectivec perl php powershell python py r ruby rust scala scss"
        " shell sh sql swift toml ts tsx typescript vim vue xml yaml yml"
    ).split()
)
# One of these stands in every article that holds code.
_MARKS = ("<pre", "<code", "<PRE", "<CODE", "gutter", "hljs", "blob-", "blockcode", "code-line", "highlight")
_FURTHEST_NAME = 4  # elements up from the code

_LINE_END = re.compile(r"(?:<br\b[^>]*>)?\s*</(?:div|li|tr|p)>\n?|<br\b[^>]*>\n?")
_NUMBERED_LINE = re.compile(r"\s*(\d{1,5})(?:[ \t|.:]|$)")


def normalise_code(context: CleaningContext) -> None:
    """Tables and lists that only lay code out, one line a row, become `<pre>`."""
    if not has(context.body, "table, ol") or not any(mark in context.raw.body for mark in _MARKS):
        return
    for table in reversed(select(context.body, "table")):  # the innermost first: replacing one frees those in it
        code = _code_in_table(table)
        if code is not None:
            context.record_removal("line numbers of code", "")
            replace_with_html(table, f"<pre>{code}</pre>")
    for ordered in outermost(select(context.body, "[class*=code] ol, ol[class*=code], pre ol")):
        items = [item for item in children(ordered) if item.tag == "li"]
        inside = any(node.tag == "pre" for node in ancestors(ordered))
        if items and not any(has(item, "p, img, a") for item in items) and (inside or _is_of_code(ordered)):
            lines = "\n".join(_line(item.inner_html or "") for item in items)
            replace_with_html(ordered, lines if inside else f"<pre>{lines}</pre>")


def _is_of_code(ordered: LexborNode) -> bool:
    """True when the element that is named after code holds the list and no text beside it, as a whole article does."""
    named = next(node for node in (ordered, *ancestors(ordered)) if "code" in attribute(node, "class"))
    return not has(named, "p, h1, h2, h3, h4")


def preformatted(node: LexborNode) -> str:
    """`<pre>` as the page writes it: the text of the code, and its language as a class."""
    language = _language_of(node)
    code = TAG.sub("", _LINE_END.sub("\n", node.inner_html or "")).rstrip()
    opening = f'<code class="language-{language}">' if language else "<code>"
    return f"<pre>{opening}{_without_numbers(code)}</code></pre>"


def _code_in_table(table: LexborNode) -> str | None:
    """The code of a table that has line numbers beside it, None when it is another table."""
    rows = [[cell for cell in children(row) if cell.tag in {"td", "th"}] for row in select(table, "tr")]
    if not rows or any(len(cells) != 2 for cells in rows):
        return None
    numbers = [cells[0].text(separator=" ") or attribute(cells[0], "data-line-number") for cells in rows]
    # A table of data may count its rows too, so its names have to say that it is code.
    named = " ".join(attribute(each, "class") for each in (table, rows[0][0], rows[0][1], *ancestors(table)))
    in_code = any(each.tag in {"pre", "code"} for each in ancestors(table))
    is_named = in_code or bool(_CODE_NAMES.search(named))
    if len(rows) == 1:
        counted = numbers[0].split()
        return _inner_code(rows[0][1], is_named or len(counted) > 1) if _counts_up(counted) else None
    if not is_named:
        return None
    numbers = [
        number.strip() or attribute(cells[0], "data-line-number") for number, cells in zip(numbers, rows, strict=True)
    ]
    if any(numbers) and not _counts_up(numbers):
        return None
    return "\n".join(_line(cells[1].inner_html or "") for cells in rows)


def _inner_code(cell: LexborNode, is_known: bool) -> str | None:
    """What a cell of code holds, each of its lines ended; None when it holds other words, or no sign of code."""
    if pre := next(iter(select(cell, "pre")), None):
        return pre.inner_html or "" if pre.text(strip=True) == cell.text(strip=True) else None
    if not is_known and not has(cell, "code"):
        return None
    lines = select(cell, "[class*=line]")
    return "\n".join(_line(line.inner_html or "") for line in lines) if lines else cell.inner_html or ""


def _line(markup: str) -> str:
    """Without what ends it."""
    markup = markup.rstrip()
    while markup.endswith(">") and markup.startswith("<br", markup.rfind("<")):
        markup = markup[: markup.rfind("<")].rstrip()
    return markup


def _counts_up(numbers: Sequence[str]) -> bool:
    """True for 1 2 3 …, from wherever it starts; one line alone starts at 1."""
    if not numbers or not all(number.isascii() and number.isdigit() for number in numbers):
        return False
    first = int(numbers[0])
    return [int(number) for number in numbers] == list(range(first, first + len(numbers))) and (
        first == 1 or len(numbers) > 1
    )


def _without_numbers(code: str) -> str:
    """Code whose every line begins with its number, without them."""
    lines = code.split("\n")
    found = [_NUMBERED_LINE.match(line) for line in lines]
    if len(lines) < 2 or not all(found) or not _counts_up([match[1] for match in found if match]):
        return code
    rest = "\n".join(line[match.end() :] for line, match in zip(lines, found, strict=True) if match)
    return rest if rest.strip() else code


def _language_of(node: LexborNode) -> str:
    """The language that the code, or one of the elements round it, is named after; "" when none is."""
    around = [node, *select(node, "code"), *list(ancestors(node))[:_FURTHEST_NAME]]
    for each in around:
        names = f"{attribute(each, 'class')} {attribute(each, 'data-lang')}"
        if match := _LANGUAGE.search(names):
            return html.escape(match[1].lower())
        if _CODE_NAMES.search(names) or attribute(each, "data-lang"):
            for name in names.lower().split():
                if name in _LANGUAGES:
                    return name
    return ""
