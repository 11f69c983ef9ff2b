"""The state of one article while it is being cleaned: its tree, its facts, and what was removed.

`open_context` creates it from raw HTML; `assemble` turns it into a CleanArticle. The steps between decide what to
remove; nothing here does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from newsarchive.clean.dom import body_of, outermost, parse, select
from newsarchive.clean.limits import flatten_markup, is_too_deep, limit_markup, strip_crowded_elements
from newsarchive.clean.markup_repair import has_block_element, repair_markup
from newsarchive.diagnostics import Diagnostic
from newsarchive.models import Facts, RawArticle, Ticker


@dataclass(frozen=True, slots=True)
class Removal:
    """A piece of HTML that was removed, and the rule or signal that removed it."""

    reason: str
    piece: str


@dataclass(slots=True)
class CleaningContext:
    """What the steps of the clean stage work on, one after another."""

    raw: RawArticle
    tree: LexborHTMLParser
    element_names: frozenset[str]  # an element of another name is not in the tree, unless a rule renamed one
    base: str = ""  # the address to resolve relative ones against; "" if unknown
    removed: Counter[str] = field(default_factory=Counter)
    known_facts: dict[str, str] = field(default_factory=dict)  # by name
    tickers: dict[str, Ticker] = field(default_factory=dict)  # by code
    diagnostics: list[Diagnostic] = field(default_factory=list)
    source_length: int = 0  # visible characters of the source, without white space
    trace: list[Removal] | None = None  # every removed piece; None if the caller wants no trace

    @property
    def body(self) -> LexborNode:
        """Return the element that holds the article."""
        return body_of(self.tree)

    @property
    def facts(self) -> Facts:
        """Return the facts found so far."""
        facts: dict[str, Any] = dict(self.known_facts)
        return Facts(**facts, tickers=tuple(self.tickers.values()))

    @property
    def root(self) -> LexborNode:
        """Return the root of the tree: the body, and elements that belong into the head of a page."""
        root = self.tree.root
        return root if root is not None else self.body

    def select(self, selector: str) -> list[LexborNode]:
        """Return the nodes that a CSS selector matches, in document order."""
        return select(self.root, selector)

    def elements_named(self, tags: Sequence[str]) -> list[LexborNode]:
        """Return the elements with one of the tag names, in document order.

        Names that the markup does not contain are skipped without a search: most articles contain few of them.
        """
        present = [tag for tag in tags if tag in self.element_names]
        return select(self.body, ", ".join(present)) if present else []

    def remove(self, nodes: Iterable[LexborNode], reason: str) -> None:
        """Remove elements with all they hold, and count each under `reason`, a rule or signal."""
        for node in outermost(nodes):
            self.record_removal(reason, node.html or "" if self.trace is not None else "")
            node.decompose()

    def record_removal(self, reason: str, piece: str) -> None:
        """Count a removed piece of HTML under `reason`, a rule or signal, and add it to the trace."""
        self.removed[reason] += 1
        if self.trace is not None:
            self.trace.append(Removal(reason, piece))

    def warn(self, code: str, message: str, hint: str) -> None:
        """Add a warning about the article: see `Diagnostic` for `code`, `message` and `hint`."""
        self.diagnostics.append(Diagnostic(code, self.raw.source, message, hint))

    def set_fact(self, **facts: str) -> None:
        """Store facts about the article by name. The first value of a fact wins; empty values are ignored."""
        for name, value in facts.items():
            if value:
                self.known_facts.setdefault(name, value)

    def add_ticker(self, ticker: Ticker) -> None:
        """Store a share, unless its code is stored already."""
        self.tickers.setdefault(ticker.code, ticker)


def open_context(raw: RawArticle, max_depth: int, base: str = "") -> CleaningContext:
    """Parse the body once, as a browser would, within the limits that the later steps rely on.

    Markup over a limit is cut or flattened, with a warning; see `limits`. `base` is the address to resolve relative
    ones against.
    """
    markup, excesses = limit_markup(raw.body)
    if not has_block_element(markup):
        markup = _render_markdown(markup)
    markup, element_names = repair_markup(markup)
    context = CleaningContext(raw, parse(markup), element_names, base)
    for code, message in excesses:
        context.warn(code, message, "nothing to do: the text before the limit is kept")
    if is_too_deep(context.tree, max_depth, markup):
        context.tree = parse(flatten_markup(markup))
        context.warn(
            "deep-nesting", f"elements are nested deeper than {max_depth} levels", "nothing to do: the text is kept"
        )
    if strip_crowded_elements(context.tree, markup):
        context.warn("many-attributes", "elements have hundreds of attributes", "nothing to do: the text is kept")
    return context


def _render_markdown(text: str) -> str:
    """Return the HTML of a body without any block element: hand-written Markdown, or plain text.

    Python-Markdown takes time quadratic in the number of markup characters, and it recurses for lists inside lists.
    Hand-written text has far fewer than the limits allow, so a body above them is only split into paragraphs at empty
    lines.
    """
    markup_characters = sum(map(text.count, "[<`:&@"))
    if markup_characters <= _MAX_MARKUP_CHARACTERS and text.count("\n") <= _MAX_LINES:
        from markdown import Markdown  # noqa: PLC0415 - scraped articles are HTML

        with suppress(RecursionError):
            return Markdown(extensions=["extra", "sane_lists"]).convert(text)
    return "".join(f"<p>{paragraph}</p>" for paragraph in re.split(r"\n[ \t]*\n", text))


_MAX_MARKUP_CHARACTERS, _MAX_LINES = 1_000, 2_000
