"""The article while it is being cleaned, opened from raw HTML; `seal` closes it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from newsarchive.clean.dom import body_of, outermost, parse, select
from newsarchive.clean.limits import flatten_markup, is_too_deep, limit_markup, thin_out_attributes
from newsarchive.clean.markup_repair import holds_block, repair_markup
from newsarchive.diagnostics import Diagnostic
from newsarchive.models import Facts, RawArticle, Ticker


@dataclass(frozen=True, slots=True)
class Removal:
    """A piece of HTML that was taken out, and the rule or sign that did it."""

    reason: str
    piece: str


@dataclass(slots=True)
class CleaningContext:
    """What the steps of the clean stage work on, one after another."""

    raw: RawArticle
    tree: LexborHTMLParser
    names: frozenset[str]  # of elements; those that are not among them are not in the tree as it was opened
    base: str = ""  # the address that relative ones are relative to; "" when nobody knows it
    removed: Counter[str] = field(default_factory=Counter)
    known_facts: dict[str, str] = field(default_factory=dict)  # facts by their names
    tickers: dict[str, Ticker] = field(default_factory=dict)  # by their codes
    diagnostics: list[Diagnostic] = field(default_factory=list)
    source_length: int = 0  # characters that a reader of the source could see
    trace: list[Removal] | None = None  # every piece taken out, for whoever asked

    @property
    def body(self) -> LexborNode:
        """The element that holds the article."""
        return body_of(self.tree)

    @property
    def facts(self) -> Facts:
        """What is known of the article."""
        facts: dict[str, Any] = dict(self.known_facts)
        return Facts(**facts, tickers=tuple(self.tickers.values()))

    @property
    def root(self) -> LexborNode:
        """The element that holds the article, and what belongs into the head of a page."""
        root = self.tree.root
        return root if root is not None else self.body

    def select(self, selector: str) -> list[LexborNode]:
        """What a CSS selector finds in the article, in the order of the page."""
        return select(self.root, selector)

    def named(self, names: Sequence[str]) -> list[LexborNode]:
        """The elements of these names, in the order of the page. Most articles hold none of most, which costs nothing;
        but rules may have brought some in."""
        present = [name for name in names if name in self.names]
        return select(self.body, ", ".join(present)) if present else []

    def remove(self, nodes: Iterable[LexborNode], why: str) -> None:
        """Take elements out, text and all, and count them under the rule or sign `why`."""
        for node in outermost(nodes):
            self.record_removal(why, node.html or "" if self.trace is not None else "")
            node.decompose()

    def record_removal(self, why: str, piece: str) -> None:
        """Count a piece of HTML that goes under the rule or sign `why`."""
        self.removed[why] += 1
        if self.trace is not None:
            self.trace.append(Removal(why, piece))

    def warn(self, kind: str, diagnostic: str, repair: str) -> None:
        """Keep a warning about the article."""
        self.diagnostics.append(Diagnostic(kind, self.raw.source, diagnostic, repair))

    def set_fact(self, **facts: str) -> None:
        """Keep facts about the article; what was found first stays."""
        for name, value in facts.items():
            if value:
                self.known_facts.setdefault(name, value)

    def add_ticker(self, ticker: Ticker) -> None:
        """Keep a share, unless its code is known already."""
        self.tickers.setdefault(ticker.code, ticker)


def open_context(raw: RawArticle, max_depth: int, base: str = "") -> CleaningContext:
    """Parse the body once, as a browser would, within the limits that later steps count on."""
    markup, excesses = limit_markup(raw.body)
    if not holds_block(markup):
        markup = _render_markdown(markup)
    markup, names = repair_markup(markup)
    context = CleaningContext(raw, parse(markup), names, base)
    for kind, diagnostic in excesses:
        context.warn(kind, diagnostic, "nothing to do: the text before it is kept")
    if is_too_deep(context.tree, max_depth, markup):
        context.tree = parse(flatten_markup(markup))
        context.warn("deep-nesting", f"elements are nested deeper than {max_depth}", "nothing to do: the text is kept")
    if thin_out_attributes(context.tree, markup):
        context.warn("many-attributes", "elements have hundreds of attributes", "nothing to do: the text is kept")
    return context


def _render_markdown(text: str) -> str:
    """A body without any HTML block was written by hand, or is bare text: Markdown serves both.

    Nobody writes thousands of marks by hand, and Markdown takes time quadratic in them; so does it call itself for
    lists in lists. What it is no good for is paragraphs.
    """
    marks = sum(map(text.count, "[<`:&@"))
    if marks <= _MOST_MARKS and text.count("\n") <= _MOST_LINES:
        from markdown import Markdown  # noqa: PLC0415 - scraped articles are HTML

        with suppress(RecursionError):
            return Markdown(extensions=["extra", "sane_lists"]).convert(text)
    return "".join(f"<p>{paragraph}</p>" for paragraph in re.split(r"\n[ \t]*\n", text))


_MOST_MARKS, _MOST_LINES = 1_000, 2_000
