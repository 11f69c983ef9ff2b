"""What a page adds to the tags of a clean text: anchors for its contents list, and marks for the style sheet.

The text has passed the allowlist and is not edited: the words and elements stay, and taking the additions away again
gives the text as it was (a law among the tests). Tags are found whole, with their quoted attributes, so that nothing
inside an attribute is ever taken for a tag.
"""

from __future__ import annotations

import html
import re

from newsarchive.models import IN_TAG, TAG, CleanHtml

_LEAST_HEADINGS = 3  # with fewer, a contents list is longer than the way down the page

_PLAYER = rf'p(?=><a href="[^"]*">(?:<img{IN_TAG}>)?▶ )'
_TAG = re.compile(
    rf"<(?:(?P<heading>h[2-6])|(?P<wide>table|pre)|(?P<player>{_PLAYER})|(?P<image>img)\b{IN_TAG})>|<{IN_TAG}>"
)
_HAS_ALT = re.compile(r'^<img(?:\s[a-z]+(?:="[^"]*")?)*?\salt="')
_ADDED_TO = ("<img", "<table", "<pre", "▶ ")


def annotate(text: CleanHtml, unnamed: str) -> tuple[str, list[tuple[str, str]]]:
    """(the text with its additions, the contents list as (anchor, heading)); the list is empty for few headings.

    Images that nobody described are called `unnamed`: a reader who cannot see them learns that they are there.
    """
    long = text.count("</h2>") + text.count("</h3>") >= _LEAST_HEADINGS
    if not long and not any(tag in text for tag in _ADDED_TO):  # a tenth of what a pattern takes
        return text, []
    contents: list[tuple[str, str]] = []

    def add(match: re.Match[str]) -> str:
        tag = match[0]
        if match["image"]:
            return tag if _HAS_ALT.search(tag) else f'<img alt="{html.escape(unnamed)}"{tag[4:]}'
        if match["wide"]:
            return f'<{match["wide"]} tabindex="0">'  # what scrolls in itself must be reached by keyboard
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
