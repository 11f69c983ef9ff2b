"""What a page adds to the tags of a clean text: anchors for its contents list, and marks for the style sheet.

The text has passed the allowlist and is not edited: the words and elements stay, and taking the additions away again
gives the text as it was (a law among the tests). Tags are found whole, with their quoted attributes, so that nothing
inside an attribute is ever taken for a tag.
"""

from __future__ import annotations

import html
import re

from newsarchive.articles import CleanHtml

_LEAST_HEADINGS = 3  # with fewer, a contents list is longer than the way down the page

_TAG = re.compile(
    r'<(?:(h[2-6])|(table|pre)|(p)(?=><a href="[^"]*">(?:<img(?:[^>"]|"[^"]*")*>)?▶ ))>|<(?:[^>"]|"[^"]*")*>'
)
_ANY_TAG = re.compile(r'<(?:[^>"]|"[^"]*")*>')


def annotate(text: CleanHtml) -> tuple[str, list[tuple[str, str]]]:
    """(the text with its additions, the contents list as (anchor, heading)); the list is empty for few headings."""
    long = text.count("</h2>") + text.count("</h3>") >= _LEAST_HEADINGS
    if not long and "▶ " not in text and "<table>" not in text and "<pre>" not in text:
        return text, []
    contents: list[tuple[str, str]] = []

    def add(match: re.Match[str]) -> str:
        if match[1] and long:
            heading = _words(text, match)
            if not heading:
                return match[0]
            contents.append((f"s{len(contents) + 1}", heading))
            return f'<{match[1]} id="{contents[-1][0]}">'
        if match[2]:
            return f'<{match[2]} tabindex="0">'  # what scrolls in itself must be reached by keyboard
        return '<p class="player">' if match[3] else match[0]

    return _TAG.sub(add, text), contents


def _words(text: str, opening: re.Match[str]) -> str:
    end = text.index(f"</{opening[1]}>", opening.end())
    return html.unescape(_ANY_TAG.sub("", text[opening.end() : end])).strip()
