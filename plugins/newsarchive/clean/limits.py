"""Bounds on what one article can cost the steps after it. They depend on its markup alone: every build decides alike.

What costs more than its length is bounded before the parse (`limit_markup`): elements, attributes, formatting that the
HTML standard opens again in each block, white space, data. What only a tree shows is bounded after it (`is_too_deep`).
Almost all articles are short enough to be let through at a glance.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser

from newsarchive.clean.dom import BLOCK_TAGS, body_of, has, select

MOST_MARKUP = 2_000_000
"""Characters of a body; the longest of 1,120 real articles has 66,036. A million Han characters take a second."""

MOST_TAGS = 20_000
"""Opening and closing tags; the most of 1,120 real articles are 2,289. lexbor takes half a second for so many that
nest."""

_AT_A_GLANCE = 16_000  # characters in which nothing can be that takes a second
_MOST_ATTRIBUTES = 64
_MOST_ATTRIBUTE_TEXT = 8_000  # characters of a tag beside its data; below it there is no need to count
_LONGEST_BLANK = 200
_LIGATURE, _MOST_LIGATURES = "\ufdfa", 1_000  # the one character that becomes 18 in a search index
_LONGEST_DATA = 200_000  # as `addresses.picture_address` takes them
_MOST_REOPENED = 500_000  # elements that formatting nobody closed can make

# 64 attributes of one letter take this much. That it ends nowhere before is looked for first: one character is found at
# three times the speed of two.
_LONG_TAG = re.compile(r"<[a-zA-Z](?=[^>]{300})[^<>]{300}")
_OVERLONG_TAG = re.compile(rf"(<[a-zA-Z][^\s/<>]{{0,30}})([^<>]{{{_MOST_ATTRIBUTE_TEXT},}})")
_VALUE = re.compile("\"[^\"]*\"|'[^']*'")
_MOST_IN_A_LONG_TAG = 1_000
_BLANK = re.compile(rf"(?<!\s)(\s{{{_LONGEST_BLANK}}})\s+")
_DATA = re.compile(
    rf"(?<![!#-&(-;=?-~])[!#-&(-;=?-~]{{{_LONGEST_DATA + 1},}}"
)  # ASCII without blanks, quotes, brackets
# `<a>` is not among them: a second one closes the first.
_FORMATTING = re.compile(r"<(?:b|big|code|em|font|i|s|small|strike|strong|tt|u)[\s/][^>]{0,300}", re.IGNORECASE)
# Of raw markup, where quotes may never close: not `models.TAG`, and it ends at the next bracket.
_RAW_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>?")

_STAYS_AS_IT_IS = frozenset("br hr img a script style xmp iframe noembed noframes textarea title".split())
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_BREAKS = BLOCK_TAGS | {"template", "noscript", "video", "audio", "object", "body", "html"}


class MarkupExcess(NamedTuple):
    """What an article has too much of: the kind of its warning, and the problem."""

    code: str
    message: str


def limit_markup(markup: str) -> tuple[str, list[MarkupExcess]]:
    """`markup` in linear time made such that a parser takes linear time for it, and what that took away."""
    if len(markup) <= _AT_A_GLANCE:
        return markup, []
    excesses = []
    markup, too_long = _cut(markup)
    if too_long:
        excesses.append(too_long)
    markup = _BLANK.sub(r"\1", markup)
    if markup.count(_LIGATURE) > _MOST_LIGATURES:
        markup = markup.replace(_LIGATURE, "")
        excesses.append(MarkupExcess("too-long", f"more than {_MOST_LIGATURES:,} × {_LIGATURE}, of 18 letters each"))
    if len(markup) > _LONGEST_DATA:
        markup = _DATA.sub("", markup)
    thinned, count = _OVERLONG_TAG.subn(_bare_if_crowded, markup)
    if count and thinned != markup:
        excesses.append(MarkupExcess("many-attributes", "elements have hundreds of attributes"))
        markup = thinned
    formatting = set(_FORMATTING.findall(markup))
    if 3 * len(formatting) * markup.count("<") > _MOST_REOPENED:  # each of them is opened again three times at most
        excesses.append(MarkupExcess("deep-nesting", "formatting is opened and hardly ever closed"))
        markup = flatten_markup(markup)
    return markup, excesses


def _cut(markup: str) -> tuple[str, MarkupExcess | None]:
    """The markup up to the bounds, and what lies beyond them."""
    end = min(len(markup), MOST_MARKUP)
    for mark in "<>":
        if markup.count(mark, 0, end) > MOST_TAGS:
            end = _place_of(markup, mark, MOST_TAGS)
    if end == len(markup):
        return markup, None
    if markup.rfind("<", 0, end) > markup.rfind(">", 0, end):  # not within a tag
        end = markup.rfind("<", 0, end)
    diagnostic = f"body is longer than {MOST_MARKUP:,} characters or {MOST_TAGS:,} tags: what follows is left out"
    return markup[:end], MarkupExcess("too-long", diagnostic)


def _place_of(markup: str, mark: str, number: int) -> int:
    """Where the `number`th `mark` stands, counted from 0."""
    place = -1
    for _ in range(number + 1):
        place = markup.find(mark, place + 1)
    return place


def _bare_if_crowded(match: re.Match[str]) -> str:
    return match[1] + " " if len(_VALUE.sub("", match[2]).split()) > _MOST_IN_A_LONG_TAG else match[0]


def flatten_markup(markup: str) -> str:
    """Paragraphs, headings, images, links and their text, out of whatever nests: one regular expression, no tree."""
    return _RAW_TAG.sub(_flatten_tag, markup)


def _flatten_tag(match: re.Match[str]) -> str:
    name = match[2].lower()
    if name in _STAYS_AS_IT_IS:
        attributes = "" if len(match[3]) > _MOST_ATTRIBUTE_TEXT or not match[0].endswith(">") else match[3]
        return f"<{match[1]}{name}{attributes}>"
    if name in _HEADINGS:
        return f"</a><{match[1]}{name}>"  # a link that held blocks would be opened again in each
    return "</a><p>" if name in _BREAKS else ""


def is_too_deep(tree: LexborHTMLParser, max_depth: int, markup: str) -> bool:
    """True when elements are nested deeper than `max_html_depth`. `markup` is what `tree` was made of.

    nh3 takes time quadratic in depth (10,000 levels: 3 s), and lxml drops everything below level 255 without a word.
    """
    # An opening tag makes three elements at most: `<td>` brings its row and their body.
    if markup.count("<") * 3 <= max_depth:
        return False
    return all(has(body_of(tree), "body" + ">*" * depth) for depth in (_USUAL_DEPTH, max_depth + 1))


_USUAL_DEPTH = 16  # asking for more takes the longer, the more is asked for


def thin_out_attributes(tree: LexborHTMLParser, markup: str) -> bool:
    """Strip elements of more than 64 attributes bare; True when there were any. `markup` is what `tree` was made of.

    nh3 checks each new attribute against all before it.
    """
    if not _LONG_TAG.search(markup):
        return False
    crowded = [node for node in select(body_of(tree), "body *") if len(node.attributes) > _MOST_ATTRIBUTES]
    for node in crowded:
        for name in list(node.attributes):
            del node.attrs[name]
    return bool(crowded)
