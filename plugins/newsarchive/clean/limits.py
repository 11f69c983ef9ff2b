"""Bounds on what one article can cost the steps after it."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from newsarchive.clean.dom import body_of

# No article's element has more; nh3 checks each new attribute against all before it.
_MAX_ATTRIBUTES = 64
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{300}")  # 64 attributes of one letter take this much


def flatten_deep_nesting(tree: LexborHTMLParser, max_depth: int, markup: str) -> bool:
    """Dissolve elements deeper than `max_depth`, keeping what they hold; True when there were any. `markup` is what
    `tree` was made of.

    nh3 takes time quadratic in depth (10,000 levels: 3 s), and lxml drops everything below level 255 without a word.
    """
    # An opening tag makes three elements at most: `<td>` brings its row and their body.
    if (markup.count("<") - markup.count("</")) * 3 <= max_depth:
        return False
    deep = [node for node, depth in _walk(body_of(tree)) if depth > max_depth]
    for node in deep:
        node.unwrap()
    return bool(deep)


def _walk(body: LexborNode) -> list[tuple[LexborNode, int]]:
    """Every element below `body` that may be dissolved, with its depth; without recursion."""
    found: list[tuple[LexborNode, int]] = []
    node, depth = body.first_child, 1
    while node is not None:
        if node.is_element_node and node.first_child is not None:
            found.append((node, depth))
            node, depth = node.first_child, depth + 1
            continue
        while node is not None and node.next is None:
            node, depth = node.parent, depth - 1
            if node is None or node.mem_id == body.mem_id:
                return found
        node = node.next if node is not None else None
    return found


def thin_out_attributes(tree: LexborHTMLParser, markup: str) -> bool:
    """Strip elements of more than 64 attributes bare; True when there were any. `markup` is what `tree` was made of."""
    if not _LONG_TAG.search(markup):
        return False
    crowded = [node for node in body_of(tree).traverse() if len(node.attributes) > _MAX_ATTRIBUTES]
    for node in crowded:
        for name in list(node.attributes):
            del node.attrs[name]
    return bool(crowded)
