"""Remove what no reader of the source saw or can use here: scripts, styles, forms, hidden elements.

Everything removed here was invisible or needs a server. Visible boilerplate is left to the later steps.
"""

from __future__ import annotations

import re
from functools import lru_cache

from selectolax.lexbor import LexborNode

from newsarchive.clean.cleaning_context import CleaningContext
from newsarchive.clean.dom import attribute, has, select

_NEVER_SHOWN = (
    "script style template svg math canvas link meta base title head param track noframes frameset map noembed applet"
    " dialog datalist"
).split()
_FORM_CONTROLS = "input button select textarea progress meter output keygen".split()
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:left|top|text-indent)\s*:\s*-\d{4,}", re.IGNORECASE
)
_ZERO_HEIGHT = re.compile(r"(?<![-\w])(?:max-)?height\s*:\s*0(?:px)?\s*(?:;|$)", re.IGNORECASE)
_OVERFLOW_HIDDEN = re.compile(r"overflow\s*:\s*hidden", re.IGNORECASE)
# A frame that keeps the aspect ratio of an image or player: no height, but padding in per cent of the width.
_ASPECT_RATIO_PADDING = re.compile(r"padding[-\w]*\s*:[^;]*[1-9][\d.]*%", re.IGNORECASE)
_ZERO_FONT_SIZE = re.compile(r"font-size\s*:\s*0(?![.\d])", re.IGNORECASE)

# A whole article can be in a hidden wrapper that a script opens (WeChat's js_content). An element with more than this
# share of the text is the article, not something hidden beside it.
_MAX_TEXT_SHARE = 0.5


def drop_invisible(context: CleaningContext) -> None:
    """Remove what is never shown, then what is hidden, then form controls.

    Sets `context.source_length` in between: the characters in hidden elements and form controls count as part of the
    source.
    """
    drop_comments(context)
    context.remove(context.elements_named(_NEVER_SHOWN), "never shown")
    context.source_length = len("".join(context.body.text().split()))
    _drop_hidden(context)
    context.remove(context.elements_named(_FORM_CONTROLS), "form control")


def drop_comments(context: CleaningContext) -> None:
    """Remove HTML comments."""
    for node in [node for node in context.body.traverse(include_text=True) if node.is_comment_node]:
        node.decompose()


def _drop_hidden(context: CleaningContext) -> None:
    """Remove hidden elements, unless one holds most of the article."""
    hidden = [node for node in context.select("[hidden], [style]") if _is_hidden(node)]
    if not hidden:
        return
    text_length = len(context.body.text(strip=True)) or 1
    context.remove(
        [
            node
            for node in hidden
            if len(node.text(strip=True)) <= text_length * _MAX_TEXT_SHARE and not _is_image(node)
        ],
        "hidden element",
    )


def _is_hidden(node: LexborNode) -> bool:
    """Return True if an attribute or inline style hides the element."""
    attributes = node.attributes
    # Scripts open tab panels, so a hidden one is part of the article.
    if "hidden" in attributes and attributes["hidden"] != "false" and attributes.get("role") != "tabpanel":
        return True
    style = attributes.get("style")
    if not style:
        return False
    hides, has_zero_font_size = _judge_style(style)
    return hides or (has_zero_font_size and _shows_nothing(node))


@lru_cache(maxsize=4096)  # the articles of a source share a few styles
def _judge_style(style: str) -> tuple[bool, bool]:
    """Return whether an inline style hides an element, and whether it sets a font size of zero."""
    has_zero_height = (
        _ZERO_HEIGHT.search(style) and _OVERFLOW_HIDDEN.search(style) and not _ASPECT_RATIO_PADDING.search(style)
    )
    return bool(has_zero_height or _HIDDEN_STYLE.search(style)), bool(_ZERO_FONT_SIZE.search(style))


def _shows_nothing(node: LexborNode) -> bool:
    """Return True if an element with a font size of zero shows nothing.

    Authors also set that size to close gaps between images. The images show, and so do words that set a size of their
    own.
    """
    own_sizes = (
        element
        for element in select(node, "[style*=font-size]")
        if not _ZERO_FONT_SIZE.search(attribute(element, "style"))
    )
    return not has(node, "img") and next(own_sizes, None) is None


def _is_image(node: LexborNode) -> bool:
    """Return True for an image. A lazy loader hides images until they are loaded, so they are kept."""
    return node.tag == "img"
