"""Per source: how much cleaning took out, by what, the outliers first; and rules that match nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from newsarchive.clean.dom import parse
from newsarchive.clean.rules import Rule, RuleBook
from newsarchive.models import CleanArticle

_OUTLIERS = 20


def report_lines(cleaned: Sequence[CleanArticle], rules: RuleBook) -> Iterator[str]:
    """The report, line by line: sources by loss, articles by loss, dead rules."""
    by_source: dict[str, list[CleanArticle]] = defaultdict(list)
    for article in cleaned:
        by_source[article.raw.publication].append(article)
    yield "source: articles, text kept, what took most out"
    for source, articles in sorted(by_source.items(), key=lambda item: (_kept(item[1]), item[0])):
        signs = Counter[str]()
        for article in articles:
            signs.update(article.removed)
        most = ", ".join(f"{count} × {why}" for why, count in signs.most_common(3))
        yield f"{source}: {len(articles)}, {_kept(articles):.1%}, {most or 'nothing'}"
    yield ""
    yield "articles that lost most"
    long_enough = [article for article in cleaned if article.is_long_enough_to_judge and article.removed_share > 0]
    for article in sorted(long_enough, key=lambda article: -article.removed_share)[:_OUTLIERS]:
        yield f"{article.removed_share:.0%} of {article.source_length} characters: {article.raw.source}"
    dead = list(dead_selectors(cleaned, rules))
    if dead:
        yield ""
        yield "rules that match nothing here"
        yield from dead


def _kept(articles: Sequence[CleanArticle]) -> float:
    before = sum(article.source_length for article in articles)
    after = sum(len("".join(article.text.split())) for article in articles)
    return min(1.0, after / before) if before else 1.0


def dead_selectors(cleaned: Sequence[CleanArticle], rules: RuleBook) -> Iterator[str]:
    """`file: selector` of every rule of a matching file that finds nothing in any of its articles."""
    for rule in rules.rules:
        trees = [parse(article.raw.body) for article in cleaned if RuleBook((rule,)).for_article(article.raw)]
        if trees:
            for selector in _selectors(rule):
                if not any(tree.css_first(selector) for tree in trees):
                    yield f"{rule.path}: {selector}"


def _selectors(rule: Rule) -> list[str]:
    plain = [*rule.keep, *rule.drop, *rule.unwrap, *rule.rename]
    with_text = [each.select for each in rule.drop_if] + [each.select for each in rule.cut]
    facts = [each.select for each in rule.take if each.select]
    return list(dict.fromkeys(plain + with_text + facts))
