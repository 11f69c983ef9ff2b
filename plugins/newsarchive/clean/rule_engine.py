"""Apply a rule file to an article.

The engine fixes the order, not the file: keep, cut, drop, drop_if, unwrap, rename, rewrite_url, steps. A rule can make
an article smaller but not dangerous, because everything it leaves is sanitised. `rule_files` reads and checks the
files.
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
    """Store the facts that the rule says where to find.

    This runs before invisible elements are removed, because comments and hidden elements hold some facts.
    """
    for take in rule.take:
        nodes = _nodes_to_search(context, take)
        for node in nodes:
            _extract_fact(context, take, node)
        if nodes and take.drop and take.select:
            context.remove(nodes, f"{rule.name}: {take.fact}")


def _nodes_to_search(context: CleaningContext, take: Take) -> list[LexborNode]:
    """Return the nodes that a `take` searches: what its selector finds, or all comments."""
    if take.select:
        return context.select(take.select)
    return [node for node in context.body.traverse(include_text=True) if node.is_comment_node]


def _extract_fact(context: CleaningContext, take: Take, node: LexborNode) -> None:
    """Store the fact that a node holds, if the pattern of `take` matches it."""
    if node.is_comment_node:
        text = node.comment_content or ""
    else:
        text = attribute(node, take.attribute) if take.attribute else node.text()
    match = _matcher_of(take.pattern)(text)
    value = (match[1] if match and match.re.groups else match[0] if match else "").strip()
    if not value:
        return
    if take.fact == "ticker":
        _extract_tickers(context, value, node)
    else:
        context.set_fact(**{take.fact: value})


def _extract_tickers(context: CleaningContext, codes: str, node: LexborNode) -> None:
    """Store shares. A comment lists exchange codes; an element encloses the name of one share.

    The words around the name are stored too: they show whether the text means the share.
    """
    if node.is_comment_node:
        for code in re.findall(r"[a-z]{2}[0-9A-Za-z]+", codes):
            context.add_ticker(Ticker(code))
        return
    before, after = _neighbour(node, forward=False), _neighbour(node, forward=True)
    context.add_ticker(Ticker(codes, node.text().strip(), before[-8:], after[:8]))


def _neighbour(node: LexborNode, *, forward: bool) -> str:
    """Return the nearest text next to the node, past empty elements."""
    other = node.next if forward else node.prev
    while other is not None and not (text := other.text(deep=True)):
        other = other.next if forward else other.prev
    return text if other is not None else ""


def apply_rule(context: CleaningContext, rule: Rule) -> None:
    """Apply everything in the rule except its facts."""
    _keep(context, rule)
    for cut in rule.cut:
        _cut_from(context, cut, rule.name)
    for selector in _if_any_matches(context, rule.drop):
        context.remove(context.select(selector), f"{rule.name}: {selector}")
    for drop in rule.drop_if:
        if (required := _required_text(drop.text)) and required not in context.root.text():
            continue
        matches = _matcher_of(drop.text)
        found = [node for node in context.select(drop.select) if matches(node.text().strip())]
        context.remove(found, f"{rule.name}: {drop.select} ~ {drop.text.pattern}")
    for selector in _if_any_matches(context, rule.unwrap):
        for node in context.select(selector):
            node.unwrap(delete_empty=True)
    for selector in _if_any_matches(context, tuple(rule.rename)):
        tag = rule.rename[selector]
        for node in outermost(context.select(selector)):
            rename_element(node, tag)
    _rewrite_addresses(context, rule)
    if rule.steps:
        context.tree = parse(run_rule_hooks(context.body.inner_html or "", rule.steps))


def _if_any_matches(context: CleaningContext, selectors: tuple[str, ...]) -> tuple[str, ...]:
    """Return the selectors if any of them finds something, else nothing.

    One search for all of them decides, because most rules find nothing in most articles.
    """
    return selectors if selectors and has(context.root, _selector_list(selectors)) else ()


@cache
def _selector_list(selectors: tuple[str, ...]) -> str:
    """Return one selector list for several selectors."""
    return ", ".join(selectors)


@cache
def _matcher_of(pattern: re.Pattern[str]) -> Callable[[str], re.Match[str] | None]:
    """Return the `match` method of a pattern that can only match at the start, else `search`.

    For an anchored pattern, `search` would try every other position too.
    """
    simplified, without_group = "", _ESCAPED_OR_CLASS.sub("", pattern.pattern)
    while simplified != without_group:
        simplified, without_group = without_group, _INNERMOST_GROUP.sub("", without_group)
    is_anchored = (
        simplified.startswith("^") and "|" not in simplified and not pattern.flags & (re.MULTILINE | re.VERBOSE)
    )
    return pattern.match if is_anchored else pattern.search


@cache
def _required_text(pattern: re.Pattern[str]) -> str:
    """Return the text that a pattern requires, "" if the pattern is more than literal text."""
    literal = pattern.pattern.removeprefix("^").removesuffix("$")
    return literal if re.escape(literal) == literal and not pattern.flags & re.IGNORECASE else ""


_ESCAPED_OR_CLASS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]])*\]", re.DOTALL)
_INNERMOST_GROUP = re.compile(r"\([^()]*\)")


def _keep(context: CleaningContext, rule: Rule) -> None:
    """Reduce the article to what the first selector that finds anything finds."""
    for selector in rule.keep:
        if found := outermost(context.select(selector)):
            context.tree = parse("".join(node.html or "" for node in found))
            context.record_removal(f"{rule.name}: all but {selector}", "")
            return


def _cut_from(context: CleaningContext, cut: Cut, name: str) -> None:
    """Remove the first node that matches, and everything after it in document order."""
    found = (node for node in context.select(cut.select) if not cut.text or cut.text.search(node.text()))
    first = next(found, None)
    if first is None:
        return
    removed: list[LexborNode] = [first]
    node: LexborNode | None = first
    while node is not None and node.mem_id != context.body.mem_id:
        next_node = node.next
        while next_node is not None:
            removed.append(next_node)
            next_node = next_node.next
        node = node.parent
    context.remove(removed, f"{name}: from {cut.select} on")


def _rewrite_addresses(context: CleaningContext, rule: Rule) -> None:
    """Replace patterns in the addresses of links and images."""
    for rewrite in rule.rewrite_url:
        for node in context.select("a[href], img[src]"):
            name = "href" if node.tag == "a" else "src"
            node.attrs[name] = rewrite.pattern.sub(rewrite.replace, attribute(node, name))
