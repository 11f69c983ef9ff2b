"""Applies a rule to a draft. The order is the engine's: keep, cut, drop, drop_if, unwrap, rename, rewrite_url, steps.

A rule can make an article smaller, never more dangerous: whatever it leaves goes through the allowlist.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from selectolax.lexbor import LexborNode

from newsarchive.clean.cleaning_context import CleaningContext
from newsarchive.clean.dom import attribute, has, outermost, parse, rename_element
from newsarchive.clean.rule_hooks import run_rule_hooks
from newsarchive.clean.rules import Cut, Rule, Take
from newsarchive.models import Ticker


def extract_facts(context: CleaningContext, rule: Rule) -> None:
    """Facts that the rule says where to find; before junk goes, because comments and hidden elements hold some."""
    for take in rule.take:
        found = _where(context, take)
        for node in found:
            _take_fact(context, take, node)
        if found and take.drop and take.select:
            context.remove(found, f"{rule.name}: {take.fact}")


def _where(context: CleaningContext, take: Take) -> list[LexborNode]:
    if take.select:
        return context.select(take.select)
    return [node for node in context.body.traverse(include_text=True) if node.is_comment_node]


def _take_fact(context: CleaningContext, take: Take, node: LexborNode) -> None:
    if node.is_comment_node:
        text = node.comment_content or ""
    else:
        text = attribute(node, take.attribute) if take.attribute else node.text()
    match = _searching(take.pattern)(text)
    value = (match[1] if match and match.re.groups else match[0] if match else "").strip()
    if not value:
        return
    if take.fact == "ticker":
        _take_tickers(context, value, node)
    else:
        context.set_fact(**{take.fact: value})


def _take_tickers(context: CleaningContext, codes: str, node: LexborNode) -> None:
    """A comment lists codes; an element stands round the share's name, and the words about it show if it is meant."""
    if node.is_comment_node:
        for code in re.findall(r"[a-z]{2}[0-9A-Za-z]+", codes):
            context.add_ticker(Ticker(code))
        return
    before, after = _neighbour(node, forward=False), _neighbour(node, forward=True)
    context.add_ticker(Ticker(codes, node.text().strip(), before[-8:], after[:8]))


def _neighbour(node: LexborNode, *, forward: bool) -> str:
    """The nearest text beside the node; empty elements between them do not count."""
    other = node.next if forward else node.prev
    while other is not None and not (text := other.text(deep=True)):
        other = other.next if forward else other.prev
    return text if other is not None else ""


def apply_rule(context: CleaningContext, rule: Rule) -> None:
    """Everything else a rule says."""
    _keep(context, rule)
    for cut in rule.cut:
        _cut_off(context, cut, rule.name)
    for selector in _worth_trying(context, rule.drop):
        context.remove(context.select(selector), f"{rule.name}: {selector}")
    for drop in rule.drop_if:
        if (words := _literal(drop.text)) and words not in context.root.text():
            continue
        matches = _searching(drop.text)
        found = [node for node in context.select(drop.select) if matches(node.text().strip())]
        context.remove(found, f"{rule.name}: {drop.select} ~ {drop.text.pattern}")
    for selector in _worth_trying(context, rule.unwrap):
        for node in context.select(selector):
            node.unwrap(delete_empty=True)
    for selector in _worth_trying(context, tuple(rule.rename)):
        tag = rule.rename[selector]
        for node in outermost(context.select(selector)):
            rename_element(node, tag)
    _rewrite_addresses(context, rule)
    if rule.steps:
        context.tree = parse(run_rule_hooks(context.body.inner_html or "", rule.steps))


def _worth_trying(context: CleaningContext, selectors: tuple[str, ...]) -> tuple[str, ...]:
    """All of them, or none where none would find anything: one search says so, and it is the usual case."""
    return selectors if selectors and has(context.root, _joined(selectors)) else ()


@cache
def _joined(selectors: tuple[str, ...]) -> str:
    return ", ".join(selectors)


@cache
def _searching(pattern: re.Pattern[str]) -> Callable[[str], re.Match[str] | None]:
    """`search`, or `match` for what can match at the beginning alone: `re` would try it at every other place too."""
    bare, ungrouped = "", _ESCAPED_OR_CLASS.sub("", pattern.pattern)
    while bare != ungrouped:
        bare, ungrouped = ungrouped, _INNERMOST_GROUP.sub("", ungrouped)
    is_anchored = bare.startswith("^") and "|" not in bare and not pattern.flags & (re.MULTILINE | re.VERBOSE)
    return pattern.match if is_anchored else pattern.search


@cache
def _literal(pattern: re.Pattern[str]) -> str:
    """What a text has to hold if the pattern is to match; "" where the pattern is more than words."""
    words = pattern.pattern.removeprefix("^").removesuffix("$")
    return words if re.escape(words) == words and not pattern.flags & re.IGNORECASE else ""


_ESCAPED_OR_CLASS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]])*\]", re.DOTALL)
_INNERMOST_GROUP = re.compile(r"\([^()]*\)")


def _keep(context: CleaningContext, rule: Rule) -> None:
    """Nothing but what the selectors find, where they find anything."""
    for selector in rule.keep:
        if found := outermost(context.select(selector)):
            context.tree = parse("".join(node.html or "" for node in found))
            context.record_removal(f"{rule.name}: all but {selector}", "")
            return


def _cut_off(context: CleaningContext, cut: Cut, name: str) -> None:
    found = (node for node in context.select(cut.select) if not cut.text or cut.text.search(node.text()))
    first = next(found, None)
    if first is None:
        return
    behind: list[LexborNode] = [first]
    node: LexborNode | None = first
    while node is not None and node.mem_id != context.body.mem_id:
        following = node.next
        while following is not None:
            behind.append(following)
            following = following.next
        node = node.parent
    context.remove(behind, f"{name}: from {cut.select} on")


def _rewrite_addresses(context: CleaningContext, rule: Rule) -> None:
    for rewrite in rule.rewrite_url:
        for node in context.select("a[href], img[src]"):
            name = "href" if node.tag == "a" else "src"
            node.attrs[name] = rewrite.pattern.sub(rewrite.replace, attribute(node, name))
