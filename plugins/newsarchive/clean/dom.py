"""The engine's DOM: selectolax's lexbor, which parses as browsers do, and what is needed beside its own methods."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Iterable, Iterator

from selectolax.lexbor import LexborCSSSelector, LexborHTMLParser, LexborNode

from newsarchive.models import TAG

BLOCK_TAGS = frozenset(
    (
        "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption"
        " figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li listing main menu nav ol optgroup"
        " option p pre section summary table tbody td tfoot th thead tr ul"
    ).split()
)


def parse(markup: str) -> LexborHTMLParser:
    """One tree, as a browser would build it. Its root is never None: an empty text gives an empty body."""
    return LexborHTMLParser(markup or " ")


def body_of(tree: LexborHTMLParser) -> LexborNode:
    """The element that holds everything. A `<frameset>` has none; a browser shows nothing of it either."""
    body = tree.body
    return body if body is not None else body_of(parse(" "))


class _Selecting(threading.local):
    """What reads selectors, one for all trees of a thread: each tree's own would cost as much as parsing the tree."""

    def __init__(self) -> None:
        self.engine = LexborCSSSelector()  # type: ignore[no-untyped-call]


_selecting = _Selecting()


def select(node: LexborNode, selector: str) -> list[LexborNode]:
    """What a CSS selector finds at `node` and below it, in the order of the page."""
    return _selecting.engine.find(selector, node)


def has(node: LexborNode, selector: str) -> bool:
    """True when `select` would find anything; stops at the first."""
    return bool(_selecting.engine.any_matches(selector, node))


def attribute(node: LexborNode, name: str) -> str:
    """The value of an attribute, "" when it is missing or has none."""
    return node.attributes.get(name) or ""


def children(node: LexborNode) -> Iterator[LexborNode]:
    """Elements and texts directly below; the tree may change behind the one handed out."""
    child = node.child
    while child is not None:
        following = child.next
        yield child
        child = following


def outermost(nodes: Iterable[LexborNode]) -> list[LexborNode]:
    """`nodes` without those inside another of them: removing a node frees its descendants, which must not be touched
    afterwards."""
    nodes = list(nodes)
    if len(nodes) < 2:
        return nodes
    chosen = {node.mem_id for node in nodes}
    return [node for node in nodes if not any(ancestor.mem_id in chosen for ancestor in ancestors(node))]


def ancestors(node: LexborNode) -> Iterator[LexborNode]:
    """Parents, nearest first."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def replace_with_html(node: LexborNode, markup: str) -> None:
    """Put what `markup` holds in the node's place."""
    for child in children(body_of(parse(markup))):
        node.insert_before(child)
    node.decompose()


def rename(node: LexborNode, tag: str) -> None:
    """Put an element of another name in the node's place. It is parsed anew, because under its new name it may not be
    allowed to hold what it holds; a mere text can stand in most."""
    markup = node.inner_html or ""
    if not markup or _NO_MERE_TEXT.search(markup) or tag not in _MAY_HOLD_ANY_TEXT:
        replace_with_html(node, f"<{tag}>{markup}</{tag}>")
        return
    named = node.parser.create_node(tag)
    named.insert_child(markup)
    node.replace_with(named, move=True)


_NO_MERE_TEXT = re.compile(r"[<&\r]")
_MAY_HOLD_ANY_TEXT = frozenset("b blockquote div em figcaption figure h2 h3 h4 h5 h6 i p section span strong".split())


def words_of(markup: str) -> str:
    """The text between the tags of lexbor's (or nh3's) output; `<br>` and cells part words as they do on the page."""
    if markup.startswith("<p>") and markup.count("<") == 2:  # a paragraph of text, as most are
        markup = markup[3:-4]
    elif "<" in markup:
        markup = TAG.sub("", _PARTING.sub(" ", markup))
    return html.unescape(markup) if "&" in markup else markup


_PARTING = re.compile(r"<(?:br|/p|/li|/td|/th|/tr|/h[1-6]|/dt|/dd|/figcaption|/caption|/div|/blockquote)\b[^>]*>")
