"""Add attributes to the tags of a clean text: anchors for its contents list, and marks for the style sheet.

The text has passed the allowlist and is not edited: the words and elements stay, and taking the additions away again
gives the text as it was (a law among the tests). Tags are found whole, with their quoted attributes, so that nothing
inside an attribute is ever taken for a tag.
"""

from __future__ import annotations

import html
import re

from newsarchive.models import IN_TAG, TAG, CleanHtml

_LEAST_HEADINGS = 3  # with fewer, a contents list saves no scrolling

_PLAYER = rf'p(?=><a href="[^"]*">(?:<img{IN_TAG}>)?▶ )'
_TAG = re.compile(
    rf"<(?:(?P<heading>h[2-6])|(?P<wide>table|pre)|(?P<player>{_PLAYER})|(?P<image>img)\b{IN_TAG})>|<{IN_TAG}>"
)
_HAS_ALT = re.compile(r'^<img(?:\s[a-z]+(?:="[^"]*")?)*?\salt="')
_ADDED_TO = ("<img", "<table", "<pre", "▶ ")


def annotate(text: CleanHtml, unnamed: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the text with its additions, and the contents list as (anchor, heading); it is empty for few headings.

    Images without a description get the alt text `unnamed`: screen readers then announce them.
    """
    long = text.count("</h2>") + text.count("</h3>") >= _LEAST_HEADINGS
    if not long and not any(tag in text for tag in _ADDED_TO):  # ten times as fast as the pattern
        return text, []
    contents: list[tuple[str, str]] = []

    def add(match: re.Match[str]) -> str:
        tag = match[0]
        if match["image"]:
            return tag if _HAS_ALT.search(tag) else f'<img alt="{html.escape(unnamed)}"{tag[4:]}'
        if match["wide"]:
            return f'<{match["wide"]} tabindex="0">'  # an element that scrolls must be reachable by keyboard
        if match["player"]:
            return '<p class="player">'
        if long and match["heading"] and (heading := _words(text, match)):
            contents.append((f"s{len(contents) + 1}", heading))
            return f'<{match["heading"]} id="{contents[-1][0]}">'
        return tag

    return _TAG.sub(add, text), contents


def _words(text: str, opening: re.Match[str]) -> str:
    end = text.index(f"</{opening['heading']}>", opening.end())
    return html.unescape(TAG.sub("", text[opening.end() : end])).strip()
