"""Helpers for the DOM of selectolax's lexbor, which parses HTML as browsers do.

Nothing here knows articles or boilerplate.
"""

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
    """Parse `markup` as a browser would. An empty text gives an empty body, so the root is never None."""
    return LexborHTMLParser(markup or " ")


def body_of(tree: LexborHTMLParser) -> LexborNode:
    """Return the body of a tree.

    A `<frameset>` document has no body; return an empty one, because browsers show none of its text either.
    """
    body = tree.body
    return body if body is not None else body_of(parse(" "))


class _SelectorEngine(threading.local):
    """The selector engine of a thread.

    All trees of a thread share it: an engine for each tree would cost as much as parsing the tree.
    """

    def __init__(self) -> None:
        self.engine = LexborCSSSelector()  # type: ignore[no-untyped-call]


_selector_engine = _SelectorEngine()


def select(node: LexborNode, selector: str) -> list[LexborNode]:
    """Return the nodes that a CSS selector matches, `node` itself included, in document order."""
    return _selector_engine.engine.find(selector, node)


def has(node: LexborNode, selector: str) -> bool:
    """Return True if `select` would return anything. Stops at the first match."""
    return bool(_selector_engine.engine.any_matches(selector, node))


def attribute(node: LexborNode, name: str) -> str:
    """Return the value of an attribute, "" if it is missing or has no value."""
    return node.attributes.get(name) or ""


def children(node: LexborNode) -> Iterator[LexborNode]:
    """Yield the elements and texts directly below `node`.

    You may remove or move the node just yielded.
    """
    child = node.child
    while child is not None:
        following = child.next
        yield child
        child = following


def outermost(nodes: Iterable[LexborNode]) -> list[LexborNode]:
    """Return `nodes` without those that are inside another of them.

    Removing a node frees its descendants, and a freed node must not be touched.
    """
    nodes = list(nodes)
    if len(nodes) < 2:
        return nodes
    ids = {node.mem_id for node in nodes}
    return [node for node in nodes if not any(ancestor.mem_id in ids for ancestor in ancestors(node))]


def ancestors(node: LexborNode) -> Iterator[LexborNode]:
    """Yield the ancestors of `node`, nearest first."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def replace_with_html(node: LexborNode, markup: str) -> None:
    """Replace `node` by the content of `markup`."""
    for child in children(body_of(parse(markup))):
        node.insert_before(child)
    node.decompose()


def rename_element(node: LexborNode, tag: str) -> None:
    """Replace an element by one of another name with the same content.

    The content is parsed again, because an element of the new name may not be allowed to hold it. Plain text is fine in
    most elements and is moved as it is.
    """
    markup = node.inner_html or ""
    if not markup or _NOT_PLAIN_TEXT.search(markup) or tag not in _ACCEPTS_PLAIN_TEXT:
        replace_with_html(node, f"<{tag}>{markup}</{tag}>")
        return
    renamed = node.parser.create_node(tag)
    renamed.insert_child(markup)
    node.replace_with(renamed, move=True)


_NOT_PLAIN_TEXT = re.compile(r"[<&\r]")
_ACCEPTS_PLAIN_TEXT = frozenset("b blockquote div em figcaption figure h2 h3 h4 h5 h6 i p section span strong".split())


def markup_to_text(markup: str) -> str:
    """Return the text of markup that lexbor or nh3 wrote.

    Line breaks, cells and the ends of blocks become spaces, because they separate words on the page.

    >>> markup_to_text("<p>Tom &amp; Ann<br>in <b>Rome</b></p>")
    'Tom & Ann in Rome '
    """
    if markup.startswith("<p>") and markup.count("<") == 2:  # fast path: a paragraph of plain text, as most are
        markup = markup[3:-4]
    elif "<" in markup:
        markup = TAG.sub("", _WORD_BREAKING_TAG.sub(" ", markup))
    return html.unescape(markup) if "&" in markup else markup


_WORD_BREAKING_TAG = re.compile(
    r"<(?:br|/p|/li|/td|/th|/tr|/h[1-6]|/dt|/dd|/figcaption|/caption|/div|/blockquote)\b[^>]*>"
)
