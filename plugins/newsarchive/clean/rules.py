"""Rules: what to keep and drop in one source, or one family of sources, as data.

`rule_files` reads them from TOML (docs/rules.md is the reference), `rule_engine` applies them in an order that no file
can change.
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
    """Replace `pattern` by `replace` in the addresses of links and images."""

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


_CLASS = 'class="'


@dataclass(frozen=True)
class RuleBook:
    """All rules, the user's own first."""

    rules: tuple[Rule, ...] = ()

    def for_article(self, raw: RawArticle) -> list[Rule]:
        """The rules of the article's sources, and those whose marks its HTML holds; the user's own come first."""
        return list(self.matching(raw).rules)

    def matching(self, raw: RawArticle) -> RuleBook:
        """No more than the rules that match an article; one value for all articles that match the same."""
        by_source, by_mark = self._places
        found = {*chain.from_iterable(by_source.get(name, ()) for name in (*raw.categories, raw.text("author")))}
        found.update(*map(by_mark.__getitem__, self._marks_in(raw.body)))
        places = tuple(sorted(found))
        if places not in self._matching:
            self._matching[places] = _Matching(tuple(self.rules[place] for place in places))
        return self._matching[places]

    @cached_property
    def fingerprint(self) -> bytes:
        """Of the files that the rules stand in."""
        return fingerprint(*(rule.fingerprint for rule in self.rules))

    @cached_property
    def _matching(self) -> dict[tuple[int, ...], RuleBook]:
        """What matched articles so far, by the places of the rules."""
        return {}

    @cached_property
    def _places(self) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        """Where the rules of a source stand, and those with a mark."""
        by_source, by_mark = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
        for place, rule in enumerate(self.rules):
            for name in rule.sources:
                by_source[name].append(place)
            for mark in rule.html:
                by_mark[mark].append(place)
        return dict(by_source), dict(by_mark)

    def _marks_in(self, body: str) -> set[str]:
        # Most marks are ASCII, and ASCII is searched at twice the speed. All else goes: that may bring a mark together
        # which was apart, but then a rule is tried for nothing, and no more.
        ascii_body = body.encode("ascii", "ignore").decode("ascii")
        classes, plain, others = self._marks
        found = {mark for mark in plain if mark in ascii_body} | {mark for mark in others if mark in body}
        return found | {_CLASS + name for name in classes.findall(ascii_body)}

    @cached_property
    def _marks(self) -> tuple[re.Pattern[str], list[str], list[str]]:
        """The marks of all rules: classes, which one pattern finds; what else is ASCII; and the others."""
        marks = sorted({mark for rule in self.rules for mark in rule.html})
        classes = [mark for mark in marks if mark.isascii() and mark.rfind(_CLASS) == 0]
        # Where one begins with another, the pattern would find one of them only.
        classes = [mark for mark in classes if not any(mark != other and mark.startswith(other) for other in classes)]
        names = "|".join(re.escape(mark.removeprefix(_CLASS)) for mark in classes)
        return (
            re.compile(f"{_CLASS}(?=({names}))" if names else "(?!)"),
            [mark for mark in marks if mark.isascii() and mark not in classes],
            [mark for mark in marks if not mark.isascii()],
        )


class _Matching(RuleBook):
    """Rules of which it is known that they match the article."""

    def matching(self, raw: RawArticle) -> RuleBook:
        """All of them."""
        del raw
        return self
