"""Report what cleaning removed: for each source how much and why, the articles that lost most, and unused rules."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from newsarchive.clean.dom import parse
from newsarchive.clean.rules import Rule, RuleBook
from newsarchive.models import CleanArticle, RawArticle

_OUTLIERS = 20
_REASONS = 3


@dataclass(slots=True)
class _SourceTotals:
    """Sums over the articles of one source. Characters leave out white space."""

    articles: int = 0
    characters_before: int = 0
    characters_after: int = 0
    removed: Counter[str] = field(default_factory=Counter)  # rule or signal → pieces

    @property
    def kept(self) -> float:
        """Return the share of the visible text that was kept, from 0 to 1."""
        return min(1.0, self.characters_after / self.characters_before) if self.characters_before else 1.0


class RemovalReport:
    """Takes articles one by one: those of a large archive do not fit into memory."""

    def __init__(self, rules: RuleBook) -> None:
        """`rules` are those that the articles were cleaned with."""
        self._rules = rules
        self._sources: dict[str, _SourceTotals] = defaultdict(_SourceTotals)
        self._losses: list[tuple[float, int, str]] = []  # (share removed, characters before, path), worst first
        self._unmatched: dict[str, list[str]] = {}  # path of a rule file → selectors that found nothing yet

    def add(self, clean: CleanArticle, raw: RawArticle) -> None:
        """Count an article, and which rules find something in its raw body."""
        totals = self._sources[clean.raw.publication]
        totals.articles += 1
        totals.characters_before += clean.source_length
        totals.characters_after += len("".join(clean.text.split()))
        totals.removed.update(clean.removed)
        if clean.is_long_enough_to_judge and clean.removed_share > 0:
            self._losses.append((clean.removed_share, clean.source_length, clean.raw.source))
        self._match_selectors(raw)

    def _match_selectors(self, raw: RawArticle) -> None:
        tree = None
        for rule in self._rules.for_article(raw):
            if rule.path not in self._unmatched:
                self._unmatched[rule.path] = _selectors(rule)
            if self._unmatched[rule.path]:
                tree = tree or parse(raw.body)
                self._unmatched[rule.path] = [each for each in self._unmatched[rule.path] if not tree.css_first(each)]

    def lines(self) -> Iterator[str]:
        """Yield the report: sources by loss, articles by loss, selectors that match nothing."""
        yield "source: articles, text kept, most frequent reasons of removal"
        for source, totals in sorted(self._sources.items(), key=lambda item: (item[1].kept, item[0])):
            most = ", ".join(f"{count} × {reason}" for reason, count in totals.removed.most_common(_REASONS))
            yield f"{source}: {totals.articles}, {totals.kept:.1%}, {most or 'nothing'}"
        yield ""
        yield "articles that lost most"
        for share, characters, source in heapq.nsmallest(_OUTLIERS, self._losses, key=lambda loss: -loss[0]):
            yield f"{share:.0%} of {characters} characters: {source}"
        order = [rule.path for rule in self._rules.rules if rule.path in self._unmatched]
        dead = [f"{path}: {selector}" for path in order for selector in self._unmatched[path]]
        if dead:
            yield ""
            yield "rules that match nothing here"
            yield from dead


def _selectors(rule: Rule) -> list[str]:
    plain = [*rule.keep, *rule.drop, *rule.unwrap, *rule.rename]
    with_text = [each.select for each in rule.drop_if] + [each.select for each in rule.cut]
    facts = [each.select for each in rule.take if each.select]
    return list(dict.fromkeys(plain + with_text + facts))
