"""Limits on what one article can cost the later steps.

The limits depend on the markup alone, not on time, so every build decides alike; `parallel.time_limits` catches what
they miss. Whatever costs more than linear time is limited before the parse (`limit_markup`): elements, attributes,
formatting that the HTML standard reopens in each block, white space, data. What only the tree shows is limited after it
(`is_too_deep`, `strip_crowded_elements`). Almost all articles are short enough to pass without a check.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser

from newsarchive.clean.dom import BLOCK_TAGS, body_of, has, select

MAX_MARKUP_LENGTH = 2_000_000
"""Characters of a body. The longest of 1,120 real articles has 66,036; a million Han characters take a second."""

MAX_TAGS = 20_000
"""Opening and closing tags of a body.

The most of 1,120 real articles are 2,289. lexbor takes half a second for this many nested ones.
"""

_NEVER_SLOW_LENGTH = 16_000  # characters; nothing this short can take a second
_MAX_ATTRIBUTES = 64
_MAX_UNCHECKED_TAG_LENGTH = 8_000  # characters of a tag; a shorter tag need not be counted
_MAX_WHITE_SPACE_RUN = 200
# Unicode normalisation turns this one character into 18 in the search index.
_LIGATURE, _MAX_LIGATURES = "\ufdfa", 1_000
_MAX_DATA_LENGTH = 200_000  # the limit of `addresses.image_address`
_MAX_REOPENED_ELEMENTS = 500_000  # elements that a parser can create from unclosed formatting

# 64 attributes of one letter take this many characters. A lookahead first checks that no `>` ends the tag earlier:
# `re` matches a class that excludes one character three times as fast as one that excludes two.
_LONG_TAG = re.compile(r"<[a-zA-Z](?=[^>]{300})[^<>]{300}")
_OVERLONG_TAG = re.compile(rf"(<[a-zA-Z][^\s/<>]{{0,30}})([^<>]{{{_MAX_UNCHECKED_TAG_LENGTH},}})")
_VALUE = re.compile("\"[^\"]*\"|'[^']*'")
_MAX_ATTRIBUTES_IN_MARKUP = 1_000
_WHITE_SPACE_RUN = re.compile(rf"(?<!\s)(\s{{{_MAX_WHITE_SPACE_RUN}}})\s+")
# ASCII without white space, quotes and brackets: a data URL that is too long.
_DATA = re.compile(rf"(?<![!#-&(-;=?-~])[!#-&(-;=?-~]{{{_MAX_DATA_LENGTH + 1},}}")
# `<a>` is not among them: a second `<a>` closes the first.
_FORMATTING = re.compile(r"<(?:b|big|code|em|font|i|s|small|strike|strong|tt|u)[\s/][^>]{0,300}", re.IGNORECASE)
# Of raw markup, where quotes may never close: not `models.TAG`, and it ends at the next bracket.
_RAW_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>?")

_KEPT_TAGS = frozenset("br hr img a script style xmp iframe noembed noframes textarea title".split())
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_PARAGRAPH_TAGS = BLOCK_TAGS | {"template", "noscript", "video", "audio", "object", "body", "html"}


class MarkupExcess(NamedTuple):
    """A limit that an article exceeds: the `code` and the `message` of its warning."""

    code: str
    message: str


def limit_markup(markup: str) -> tuple[str, list[MarkupExcess]]:
    """Return `markup` such that parsing it takes linear time, and the limits that it exceeded.

    Takes linear time itself.
    """
    if len(markup) <= _NEVER_SLOW_LENGTH:
        return markup, []
    excesses = []
    markup, too_long = _cut_to_limits(markup)
    if too_long:
        excesses.append(too_long)
    markup = _WHITE_SPACE_RUN.sub(r"\1", markup)
    if markup.count(_LIGATURE) > _MAX_LIGATURES:
        markup = markup.replace(_LIGATURE, "")
        excesses.append(
            MarkupExcess("too-long", f"more than {_MAX_LIGATURES:,} times {_LIGATURE}, which counts as 18 letters")
        )
    if len(markup) > _MAX_DATA_LENGTH:
        markup = _DATA.sub("", markup)
    thinned, count = _OVERLONG_TAG.subn(_strip_if_crowded, markup)
    if count and thinned != markup:
        excesses.append(MarkupExcess("many-attributes", "elements have hundreds of attributes"))
        markup = thinned
    formatting = set(_FORMATTING.findall(markup))
    # In each block, a parser reopens each at most three times (the Noah's Ark clause of the HTML standard).
    if 3 * len(formatting) * markup.count("<") > _MAX_REOPENED_ELEMENTS:
        excesses.append(MarkupExcess("deep-nesting", "formatting elements are opened and hardly ever closed"))
        markup = flatten_markup(markup)
    return markup, excesses


def _cut_to_limits(markup: str) -> tuple[str, MarkupExcess | None]:
    """Return the markup up to the limits of length and tags, and the excess if anything was cut."""
    end = min(len(markup), MAX_MARKUP_LENGTH)
    for mark in "<>":
        if markup.count(mark, 0, end) > MAX_TAGS:
            end = _index_of(markup, mark, MAX_TAGS)
    if end == len(markup):
        return markup, None
    if markup.rfind("<", 0, end) > markup.rfind(">", 0, end):  # do not cut inside a tag
        end = markup.rfind("<", 0, end)
    message = f"body is longer than {MAX_MARKUP_LENGTH:,} characters or {MAX_TAGS:,} tags: the rest is dropped"
    return markup[:end], MarkupExcess("too-long", message)


def _index_of(markup: str, mark: str, number: int) -> int:
    """Return the index of the `number`th `mark`, counted from 0."""
    index = -1
    for _ in range(number + 1):
        index = markup.find(mark, index + 1)
    return index


def _strip_if_crowded(match: re.Match[str]) -> str:
    """Return a tag without its attributes if it has too many of them."""
    return match[1] + " " if len(_VALUE.sub("", match[2]).split()) > _MAX_ATTRIBUTES_IN_MARKUP else match[0]


def flatten_markup(markup: str) -> str:
    """Return only paragraphs, headings, images, links and text of markup that nests too deeply.

    It uses one regular expression and no tree.
    """
    return _RAW_TAG.sub(_flatten_tag, markup)


def _flatten_tag(match: re.Match[str]) -> str:
    """Return the flat form of one tag: itself, a paragraph, or nothing."""
    name = match[2].lower()
    if name in _KEPT_TAGS:
        attributes = "" if len(match[3]) > _MAX_UNCHECKED_TAG_LENGTH or not match[0].endswith(">") else match[3]
        return f"<{match[1]}{name}{attributes}>"
    if name in _HEADINGS:
        return f"</a><{match[1]}{name}>"  # a parser would reopen a link around blocks in each of them
    return "</a><p>" if name in _PARAGRAPH_TAGS else ""


def is_too_deep(tree: LexborHTMLParser, max_depth: int, markup: str) -> bool:
    """Return True if elements are nested deeper than `max_depth`. `markup` is what `tree` was parsed from.

    nh3 takes time quadratic in the depth (3 s for 10,000 levels), and lxml silently drops everything below level 255.
    """
    # An opening tag makes three elements at most: `<td>` brings its row and their body.
    if markup.count("<") * 3 <= max_depth:
        return False
    return all(has(body_of(tree), "body" + ">*" * depth) for depth in (_USUAL_DEPTH, max_depth + 1))


_USUAL_DEPTH = 16  # test this depth first: the deeper the selector, the slower


def strip_crowded_elements(tree: LexborHTMLParser, markup: str) -> bool:
    """Remove all attributes of elements with more than 64; return True if there were any.

    `markup` is what `tree` was parsed from. nh3 compares each new attribute with all before it, which takes quadratic
    time.
    """
    if not _LONG_TAG.search(markup):
        return False
    crowded = [node for node in select(body_of(tree), "body *") if len(node.attributes) > _MAX_ATTRIBUTES]
    for node in crowded:
        for name in list(node.attributes):
            del node.attrs[name]
    return bool(crowded)
