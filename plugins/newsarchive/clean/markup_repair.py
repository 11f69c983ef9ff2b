"""Repair markup before it is parsed, where a browser's parser would swallow text.

Only text operations, all in linear time. Repair of the tree after the parse is in `dom_repair`.
"""

from __future__ import annotations

import html
import re

from newsarchive.clean.dom import BLOCK_TAGS

_CDATA, _CDATA_END = "<![CDATA[", "]]>"
_AMP = re.compile(r"<(/?)amp-(img|iframe|video|audio)\b", re.IGNORECASE)
_PLAINTEXT = re.compile(r"</?plaintext[^<>]*>?", re.IGNORECASE)
_TEXT_HIDING_ELEMENTS = "iframe noembed noframes script select style template textarea title xmp".split()
_TEXT_HIDING_TAGS = [
    (name, re.compile(rf"<{name}\b", re.IGNORECASE), re.compile(rf"</{name}", re.IGNORECASE))
    for name in _TEXT_HIDING_ELEMENTS
]
_TAG_NAME = re.compile(r"<([A-Za-z][^\s/>]*)")
_BLOCK_ELEMENT = re.compile(rf"<(?:{'|'.join(sorted(BLOCK_TAGS))})[\s/>]", re.IGNORECASE)

# Zero-width space, word joiner, byte order mark, soft hyphen: they glue or split words. ZWJ and ZWNJ stay, because
# emoji and Persian need them.
_INVISIBLE_CHARACTERS = "\u200b\u2060\ufeff\u00ad"

# Text that looks like a tag: `<counter, nodeid>`, `List<String>`. A name that is followed by `>` or punctuation.
_BARE_TAG = re.compile(r"<([A-Za-z][A-Za-z0-9]*)(\s*>|\s*[,;，；、])")
_NAME_BEFORE_PUNCTUATION = re.compile(r"<[A-Za-z][A-Za-z0-9]*\s+[,;，；、]")
_CLOSING_TAG = re.compile(r"</([A-Za-z][A-Za-z0-9]*)")
_HTML_ELEMENTS = frozenset(
    (
        "a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big"
        " blink blockquote body br button canvas caption center cite code col colgroup command content"
        " data datalist dd del details dfn dialog dir div dl dt element em embed fieldset figcaption"
        " figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe"
        " image img input ins isindex kbd keygen label legend li link listing main map mark marquee math"
        " menu menuitem meta meter multicol nav nextid nobr noembed noframes noscript object ol optgroup"
        " option output p param picture plaintext portal pre progress q rb rbc rp rt rtc ruby s samp"
        " script search section select shadow slot small source spacer span strike strong style sub"
        " summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var"
        " video wbr xmp g path use defs rect circle line polygon text tspan symbol ellipse polyline"
        " lineargradient stop clippath mask animate set foreignobject mi mn mo ms mtext mrow mfrac msup"
        " msub msubsup msqrt mroot mtable mtr mtd munder mover munderover semantics annotation mglyph"
        " malignmark annotationxml"
    ).split()
)


def repair_markup(markup: str) -> tuple[str, frozenset[str]]:
    """Return `markup` repaired, and the names of all elements that its tree can contain.

    A parser adds only elements whose tags HTML lets authors omit, and replaces `image` by `img`.
    """
    for character in _INVISIBLE_CHARACTERS:
        if character in markup:
            markup = markup.replace(character, "")
    markup = _PLAINTEXT.sub("", markup)
    if _CDATA in markup:
        markup = _unwrap_cdata(markup)
    if "<amp-" in markup:  # AMP elements behave as the HTML elements of that name
        markup = _AMP.sub(r"<\1\2", markup)
    markup = _reveal_unclosed_comment(markup)
    names = frozenset(map(str.lower, set(_TAG_NAME.findall(markup))))
    markup = _close_text_hiding_elements(markup, names)
    return _escape_false_tags(markup, names), names


def has_block_element(markup: str) -> bool:
    """Return True if `markup` contains the tag of a block element."""
    return bool(_BLOCK_ELEMENT.search(markup))


def _unwrap_cdata(markup: str) -> str:
    """Return `markup` with the content of CDATA sections as text.

    No regular expression: it would search to the end of the markup again for each section that does not end.
    """
    parts, done = [], 0
    while (begin := markup.find(_CDATA, done)) >= 0 and (end := markup.find(_CDATA_END, begin)) >= 0:
        parts += [markup[done:begin], html.escape(markup[begin + len(_CDATA) : end])]
        done = end + len(_CDATA_END)
    return "".join([*parts, markup[done:]])


def _reveal_unclosed_comment(markup: str) -> str:
    """Remove the start of an unclosed comment, which would hide the rest of the article."""
    opened = markup.rfind("<!--")
    if opened >= 0 and markup.find("-->", opened) < 0:
        return markup[:opened] + markup[opened + 4 :]
    return markup


def _close_text_hiding_elements(markup: str, names: frozenset[str]) -> str:
    """Close an unclosed script, style or the like before the next block.

    Without its closing tag, such an element hides the rest of the article.
    """
    for name, opening, closing in _TEXT_HIDING_TAGS:
        if name not in names:
            continue
        *_, last_opening = [0, *(match.end() for match in opening.finditer(markup))]
        if last_opening and not closing.search(markup, last_opening):
            next_block = _BLOCK_ELEMENT.search(markup, last_opening)
            end = next_block.start() if next_block else len(markup)
            markup = f"{markup[:end]}</{name}>{markup[end:]}"
    return markup


def _escape_false_tags(markup: str, names: frozenset[str]) -> str:
    """Escape text that looks like a tag: `<counter, nodeid>`, `List<String>`.

    It is escaped if its name is no HTML element, it has no attributes, and no closing tag of that name follows.
    """
    if names <= _HTML_ELEMENTS and not _NAME_BEFORE_PUNCTUATION.search(markup):  # nearly all articles
        return markup
    bare = {(name.lower(), end[-1]) for name, end in set(_BARE_TAG.findall(markup))}
    if all(name in _HTML_ELEMENTS and end == ">" for name, end in bare):
        return markup
    closed = {name.lower() for name in _CLOSING_TAG.findall(markup)}

    def escape(match: re.Match[str]) -> str:
        name = match[1].lower()
        is_tag = name in _HTML_ELEMENTS if match[2].endswith(">") else False
        return match[0] if is_tag or name in closed else "&lt;" + match[0][1:]

    return _BARE_TAG.sub(escape, markup)
