"""Rules: what to keep and drop in one source, or one family of sources, as data.

`rule_files` reads them from TOML (docs/rules.md is the reference), `rule_engine` applies them in an order that no file
can change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from newsarchive.articles import RawArticle
from newsarchive.clean.steps import Step

FACTS = ("ticker", "editor", "byline", "origin", "original_title", "original_url")


@dataclass(frozen=True, slots=True)
class DropIf:
    """Drop what `select` finds when its text matches `text`."""

    select: str
    text: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Cut:
    """Cut off everything from the first element that `select` finds (and whose text matches) to the end."""

    select: str
    text: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class RewriteUrl:
    """Replace `pattern` by `replace` in the addresses of links and pictures."""

    pattern: re.Pattern[str]
    replace: str


@dataclass(frozen=True, slots=True)
class Take:
    """Keep a fact: the group of `pattern` in an attribute, in the text, or (without `select`) in a comment."""

    fact: str
    select: str
    attribute: str
    pattern: re.Pattern[str]
    drop: bool


@dataclass(frozen=True, slots=True)
class Example:
    """Raw HTML and what must become of it; every example is a test. `facts` maps a fact's name to its text."""

    name: str
    raw: str
    clean: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule file."""

    name: str
    path: str
    sources: frozenset[str]
    html: tuple[str, ...]
    base: str = ""
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    drop_if: tuple[DropIf, ...] = ()
    unwrap: tuple[str, ...] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    cut: tuple[Cut, ...] = ()
    rewrite_url: tuple[RewriteUrl, ...] = ()
    take: tuple[Take, ...] = ()
    steps: tuple[Step, ...] = ()
    examples: tuple[Example, ...] = ()

    def matches(self, raw: RawArticle) -> bool:
        """True for an article of one of the rule's sources, or whose HTML holds one of the rule's marks."""
        names = {*raw.categories, raw.text("author")}
        return not self.sources.isdisjoint(names) or any(mark in raw.body for mark in self.html)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules, the user's own first."""

    rules: tuple[Rule, ...] = ()

    def for_article(self, raw: RawArticle) -> list[Rule]:
        """The rules that match, the user's own before the shipped ones."""
        return [rule for rule in self.rules if rule.matches(raw)]
