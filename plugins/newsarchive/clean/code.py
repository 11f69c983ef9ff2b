"""Normalise code blocks: remove syntax colouring and line numbers; keep text, indentation and language."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from selectolax.lexbor import LexborNode

from newsarchive.clean.cleaning_context import CleaningContext
from newsarchive.clean.dom import ancestors, attribute, children, has, outermost, replace_with_html, select
from newsarchive.models import TAG

_CODE_CLASS = re.compile(r"code|highlight|hljs|syntax|crayon|prettyprint|blob|gutter", re.IGNORECASE)
_LANGUAGE_CLASS = re.compile(r"(?:^|[\s_-])(?:lang(?:uage)?|brush|source)[-:]\s*([A-Za-z0-9+#-]{1,30})")
# Syntax highlighters also use the bare name of the language: `<figure class="highlight python">`.
_LANGUAGES = frozenset(
    (
        "bash c cpp csharp css dart diff dockerfile go graphql haskell html ini java javascript js json jsx kotlin"
        " latex lua makefile markdown matlab nginx objectivec perl php powershell python py r ruby rust scala scss"
        " shell sh sql swift toml ts tsx typescript vim vue xml yaml yml"
    ).split()
)
# Every article that contains code contains one of these.
_CODE_MARKERS = ("<pre", "<code", "<PRE", "<CODE", "gutter", "hljs", "blob-", "blockcode", "code-line", "highlight")
_MAX_ANCESTORS = 4  # elements above the code whose classes may name its language

_LINE_END = re.compile(r"(?:<br\b[^>]*>)?\s*</(?:div|li|tr|p)>\n?|<br\b[^>]*>\n?")
_NUMBERED_LINE = re.compile(r"\s*(\d{1,5})(?:[ \t|.:]|$)")


def normalise_code(context: CleaningContext) -> None:
    """Replace tables and lists that only lay out code, one line per row, by `<pre>`."""
    if not has(context.body, "table, ol") or not any(marker in context.raw.body for marker in _CODE_MARKERS):
        return
    for table in reversed(select(context.body, "table")):  # innermost first: replacing a table frees those in it
        code = _code_in_table(table)
        if code is not None:
            context.record_removal("code line numbers", "")
            replace_with_html(table, f"<pre>{code}</pre>")
    for ordered in outermost(select(context.body, "[class*=code] ol, ol[class*=code], pre ol")):
        items = [item for item in children(ordered) if item.tag == "li"]
        is_in_pre = any(node.tag == "pre" for node in ancestors(ordered))
        if items and not any(has(item, "p, img, a") for item in items) and (is_in_pre or _is_code_list(ordered)):
            lines = "\n".join(_strip_line_end(item.inner_html or "") for item in items)
            replace_with_html(ordered, lines if is_in_pre else f"<pre>{lines}</pre>")


def _is_code_list(ordered: LexborNode) -> bool:
    """Return True if a list belongs to an element with "code" in its class that holds nothing but code.

    An element that also holds paragraphs or headings is a whole article.
    """
    named_element = next(node for node in (ordered, *ancestors(ordered)) if "code" in attribute(node, "class"))
    return not has(named_element, "p, h1, h2, h3, h4")


def render_code_block(node: LexborNode) -> str:
    """Return a `<pre>` with only the text of the code, its language as a class.

    For example: `<pre><code class="language-python">…</code></pre>`, as the HTML Standard suggests for `code`.
    """
    language = _language_of(node)
    code = TAG.sub("", _LINE_END.sub("\n", node.inner_html or "")).rstrip()
    opening = f'<code class="language-{language}">' if language else "<code>"
    return f"<pre>{opening}{_strip_line_numbers(code)}</code></pre>"


def _code_in_table(table: LexborNode) -> str | None:
    """Return the code of a table that holds line numbers and code, None for other tables."""
    rows = [[cell for cell in children(row) if cell.tag in {"td", "th"}] for row in select(table, "tr")]
    if not rows or any(len(cells) != 2 for cells in rows):
        return None
    numbers = [cells[0].text(separator=" ") or attribute(cells[0], "data-line-number") for cells in rows]
    # A table of data can number its rows too, so a class must say that it is code.
    classes = " ".join(attribute(each, "class") for each in (table, rows[0][0], rows[0][1], *ancestors(table)))
    is_in_code = any(each.tag in {"pre", "code"} for each in ancestors(table))
    is_known = is_in_code or bool(_CODE_CLASS.search(classes))
    if len(rows) == 1:
        single_numbers = numbers[0].split()
        return _code_in_cell(rows[0][1], is_known or len(single_numbers) > 1) if _is_numbering(single_numbers) else None
    if not is_known:
        return None
    numbers = [
        number.strip() or attribute(cells[0], "data-line-number") for number, cells in zip(numbers, rows, strict=True)
    ]
    if any(numbers) and not _is_numbering(numbers):
        return None
    return "\n".join(_strip_line_end(cells[1].inner_html or "") for cells in rows)


def _code_in_cell(cell: LexborNode, is_known: bool) -> str | None:
    """Return the code in a table cell, line by line; None if it holds other text, or nothing shows that it is code."""
    if pre := next(iter(select(cell, "pre")), None):
        return pre.inner_html or "" if pre.text(strip=True) == cell.text(strip=True) else None
    if not is_known and not has(cell, "code"):
        return None
    lines = select(cell, "[class*=line]")
    return "\n".join(_strip_line_end(line.inner_html or "") for line in lines) if lines else cell.inner_html or ""


def _strip_line_end(markup: str) -> str:
    """Return the markup of a line without the white space and `<br>` at its end."""
    markup = markup.rstrip()
    while markup.endswith(">") and markup.startswith("<br", markup.rfind("<")):
        markup = markup[: markup.rfind("<")].rstrip()
    return markup


def _is_numbering(numbers: Sequence[str]) -> bool:
    """Return True if the texts count up by one: 1 2 3 …, from any number; a single one must be 1.

    >>> _is_numbering(["7", "8", "9"])
    True
    """
    if not numbers or not all(number.isascii() and number.isdigit() for number in numbers):
        return False
    first = int(numbers[0])
    return [int(number) for number in numbers] == list(range(first, first + len(numbers))) and (
        first == 1 or len(numbers) > 1
    )


def _strip_line_numbers(code: str) -> str:
    """Return code without line numbers, if every line begins with its number."""
    lines = code.split("\n")
    found = [_NUMBERED_LINE.match(line) for line in lines]
    if len(lines) < 2 or not all(found) or not _is_numbering([match[1] for match in found if match]):
        return code
    stripped = "\n".join(line[match.end() :] for line, match in zip(lines, found, strict=True) if match)
    return stripped if stripped.strip() else code


def _language_of(node: LexborNode) -> str:
    """Return the programming language from the classes of the code or an element around it, or ""."""
    candidates = [node, *select(node, "code"), *list(ancestors(node))[:_MAX_ANCESTORS]]
    for element in candidates:
        classes = f"{attribute(element, 'class')} {attribute(element, 'data-lang')}"
        if match := _LANGUAGE_CLASS.search(classes):
            return html.escape(match[1].lower())
        if _CODE_CLASS.search(classes) or attribute(element, "data-lang"):
            for name in classes.lower().split():
                if name in _LANGUAGES:
                    return name
    return ""
