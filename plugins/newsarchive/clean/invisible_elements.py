"""What no reader of the source ever saw, or could use here: scripts, styles, forms, hidden and empty elements."""

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
_NO_HEIGHT = re.compile(r"(?<![-\w])(?:max-)?height\s*:\s*0(?:px)?\s*(?:;|$)", re.IGNORECASE)
_CUT_OFF = re.compile(r"overflow\s*:\s*hidden", re.IGNORECASE)
# A frame for an image or player of a fixed ratio: no height, but padding of so many per cent of the width.
_RATIO = re.compile(r"padding[-\w]*\s*:[^;]*[1-9][\d.]*%", re.IGNORECASE)
_NO_LETTERS = re.compile(r"font-size\s*:\s*0(?![.\d])", re.IGNORECASE)

# A whole article may sit in a hidden wrapper that a script was to open (WeChat's js_content): what holds more of the
# text than this is the article, not something beside it.
_MOST_OF_THE_TEXT = 0.5


def drop_invisible(context: CleaningContext) -> None:
    """Remove what is never shown, then what is hidden, then form controls."""
    drop_comments(context)
    context.remove(context.named(_NEVER_SHOWN), "never shown")
    context.source_length = len("".join(context.body.text().split()))
    _drop_hidden(context)
    context.remove(context.named(_FORM_CONTROLS), "form control")


def drop_comments(context: CleaningContext) -> None:
    """Remove HTML comments."""
    for node in [node for node in context.body.traverse(include_text=True) if node.is_comment_node]:
        node.decompose()


def _drop_hidden(context: CleaningContext) -> None:
    hidden = [node for node in context.select("[hidden], [style]") if _is_hidden(node)]
    if not hidden:
        return
    whole = len(context.body.text(strip=True)) or 1
    context.remove(
        [node for node in hidden if len(node.text(strip=True)) <= whole * _MOST_OF_THE_TEXT and not _is_image(node)],
        "hidden element",
    )


def _is_hidden(node: LexborNode) -> bool:
    given = node.attributes
    if (
        "hidden" in given and given["hidden"] != "false" and given.get("role") != "tabpanel"
    ):  # tabs are opened by scripts
        return True
    style = given.get("style")
    if not style:
        return False
    hides, has_no_letters = _judge_style(style)
    return hides or (has_no_letters and _shows_nothing(node))


@lru_cache(maxsize=4096)  # the paragraphs of an article, and a source's articles, have the same few styles
def _judge_style(style: str) -> tuple[bool, bool]:
    """Whether it hides an element, and whether it makes letters of no size."""
    has_no_height = _NO_HEIGHT.search(style) and _CUT_OFF.search(style) and not _RATIO.search(style)
    return bool(has_no_height or _HIDDEN_STYLE.search(style)), bool(_NO_LETTERS.search(style))


def _shows_nothing(node: LexborNode) -> bool:
    """Letters of no size are used to close gaps between images too: images show, and words that set their size."""
    sized = (inner for inner in select(node, "[style*=font-size]") if not _NO_LETTERS.search(attribute(inner, "style")))
    return not has(node, "img") and next(sized, None) is None


def _is_image(node: LexborNode) -> bool:
    """An image hidden until its script has loaded it is an image of the article."""
    return node.tag == "img"
