"""Rules as data: what to keep and drop in the articles of one source, or of a family of sources.

`rule_files` reads them from TOML (reference: docs/rules.md), and `rule_engine` applies them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any

from newsarchive.cache.fingerprints import fingerprint
from newsarchive.clean.rule_hooks import RuleHook
from newsarchive.models import RawArticle

FACTS = ("ticker", "editor", "byline", "origin", "original_title", "original_url")


@dataclass(frozen=True, slots=True)
class DropIf:
    """Drop what `select` finds if its text matches `text`."""

    select: str
    text: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Cut:
    """Drop the first element that `select` finds (and whose text matches), and everything after it."""

    select: str
    text: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class RewriteUrl:
    """Replace `pattern` by `replace` in the addresses of links and images."""

    pattern: re.Pattern[str]
    replace: str


@dataclass(frozen=True, slots=True)
class Take:
    """Store a fact: the group of `pattern` in an attribute, or in the text, of what `select` finds.

    Without `select`, comments are searched. With `drop`, what `select` finds is removed.
    """

    fact: str
    select: str
    attribute: str
    pattern: re.Pattern[str]
    drop: bool


@dataclass(frozen=True, slots=True)
class Example:
    """Raw HTML and the clean HTML that it must become; every example is a test.

    `facts` maps the name of a fact to its text.
    """

    name: str
    raw: str
    clean: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule file. The fields are the keys of docs/rules.md."""

    name: str
    path: str
    sources: frozenset[str]
    html: tuple[str, ...]
    fingerprint: bytes = b""  # of the file
    base: str = ""
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    drop_if: tuple[DropIf, ...] = ()
    unwrap: tuple[str, ...] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    cut: tuple[Cut, ...] = ()
    rewrite_url: tuple[RewriteUrl, ...] = ()
    take: tuple[Take, ...] = ()
    steps: tuple[RuleHook, ...] = ()
    examples: tuple[Example, ...] = ()


_CLASS_ATTRIBUTE = 'class="'


@dataclass(frozen=True)
class RuleBook:
    """All rules of a site, the user's own before the shipped ones."""

    rules: tuple[Rule, ...] = ()

    def for_article(self, raw: RawArticle) -> list[Rule]:
        """Return the rules of the article's source, and those with a mark in its HTML; the user's own come first."""
        return list(self.matching(raw).rules)

    def matching(self, raw: RawArticle) -> RuleBook:
        """Return a book of only the rules that match an article.

        Articles that match the same rules get the same book.
        """
        by_source, by_mark = self._rule_positions
        matched = {*chain.from_iterable(by_source.get(name, ()) for name in (*raw.categories, raw.text("author")))}
        matched.update(*map(by_mark.__getitem__, self._marks_in(raw.body)))
        positions = tuple(sorted(matched))
        if positions not in self._matched_books:
            self._matched_books[positions] = _MatchedRules(tuple(self.rules[position] for position in positions))
        return self._matched_books[positions]

    @cached_property
    def fingerprint(self) -> bytes:
        """Return a fingerprint of the rule files."""
        return fingerprint(*(rule.fingerprint for rule in self.rules))

    @cached_property
    def _matched_books(self) -> dict[tuple[int, ...], RuleBook]:
        """Return a cache: positions of matching rules → the book of these rules."""
        return {}

    @cached_property
    def _rule_positions(self) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        """Return the positions of the rules by source, and by mark."""
        by_source, by_mark = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
        for position, rule in enumerate(self.rules):
            for name in rule.sources:
                by_source[name].append(position)
            for mark in rule.html:
                by_mark[mark].append(position)
        return dict(by_source), dict(by_mark)

    def _marks_in(self, body: str) -> set[str]:
        """Return the marks of all rules that `body` contains."""
        # Most marks are ASCII, and `in` searches ASCII text twice as fast. Dropping all other characters can join two
        # halves into a mark that the body does not contain. Then a rule is tried in vain, and nothing else happens.
        ascii_body = body.encode("ascii", "ignore").decode("ascii")
        classes, plain, others = self._grouped_marks
        found = {mark for mark in plain if mark in ascii_body} | {mark for mark in others if mark in body}
        return found | {_CLASS_ATTRIBUTE + name for name in classes.findall(ascii_body)}

    @cached_property
    def _grouped_marks(self) -> tuple[re.Pattern[str], list[str], list[str]]:
        """Return the marks of all rules in three groups that are searched differently.

        Marks of the form `class="…` become one pattern; then come the other ASCII marks, and the rest.
        """
        marks = sorted({mark for rule in self.rules for mark in rule.html})
        classes = [mark for mark in marks if mark.isascii() and mark.rfind(_CLASS_ATTRIBUTE) == 0]
        # If one class begins with another, the pattern would find only one of them: search such a class as plain text.
        classes = [mark for mark in classes if not any(mark != other and mark.startswith(other) for other in classes)]
        names = "|".join(re.escape(mark.removeprefix(_CLASS_ATTRIBUTE)) for mark in classes)
        return (
            re.compile(f"{_CLASS_ATTRIBUTE}(?=({names}))" if names else "(?!)"),
            [mark for mark in marks if mark.isascii() and mark not in classes],
            [mark for mark in marks if not mark.isascii()],
        )


class _MatchedRules(RuleBook):
    """Rules that are known to match the article."""

    def matching(self, raw: RawArticle) -> RuleBook:
        """Return this book."""
        del raw
        return self
