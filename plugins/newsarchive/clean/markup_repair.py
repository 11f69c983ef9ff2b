"""Repair of the markup itself, before it is parsed: what would make a browser swallow or lose text."""

from __future__ import annotations

import html
import re

from newsarchive.clean.dom import BLOCK_TAGS

_CDATA, _CDATA_END = "<![CDATA[", "]]>"
_AMP = re.compile(r"<(/?)amp-(img|iframe|video|audio)\b", re.IGNORECASE)
_PLAINTEXT = re.compile(r"</?plaintext[^<>]*>?", re.IGNORECASE)
_SWALLOWING = "iframe noembed noframes script select style template textarea title xmp".split()
_SWALLOWERS = [
    (name, re.compile(rf"<{name}\b", re.IGNORECASE), re.compile(rf"</{name}", re.IGNORECASE)) for name in _SWALLOWING
]
_NAME = re.compile(r"<([A-Za-z][^\s/>]*)")
_BLOCK = re.compile(rf"<(?:{'|'.join(sorted(BLOCK_TAGS))})[\s/>]", re.IGNORECASE)

# Zero-width space and joiner-like marks glue or split words; ZWJ and ZWNJ belong to emoji and to Persian.
_GLUE = "\u200b\u2060\ufeff\u00ad"

# `<counter, nodeid>` and `List<String>` are text: no element of HTML, bare of attributes, and never closed.
_BARE_TAG = re.compile(r"<([A-Za-z][A-Za-z0-9]*)(\s*>|\s*[,;，；、])")
_BEFORE_A_MARK = re.compile(r"<[A-Za-z][A-Za-z0-9]*\s+[,;，；、]")
_CLOSING = re.compile(r"</([A-Za-z][A-Za-z0-9]*)")
_ELEMENTS = frozenset(
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
    """`markup` with nothing in it that hides the rest of an article, and the names of all that may be an element of it.

    A parser adds none but those that HTML lets one leave out, and `img` for `image`.
    """
    for mark in _GLUE:
        if mark in markup:
            markup = markup.replace(mark, "")
    markup = _PLAINTEXT.sub("", markup)
    if _CDATA in markup:
        markup = _show_character_data(markup)
    if "<amp-" in markup:  # AMP's elements are those of HTML by another name
        markup = _AMP.sub(r"<\1\2", markup)
    markup = _open_last_comment(markup)
    names = frozenset(map(str.lower, set(_NAME.findall(markup))))
    markup = _close_swallowers(markup, names)
    return _escape_what_is_no_tag(markup, names), names


def holds_block(markup: str) -> bool:
    """True when there is the tag of a block element in `markup`."""
    return bool(_BLOCK.search(markup))


def _show_character_data(markup: str) -> str:
    """What stands in CDATA sections as text. No pattern: it would look for the end of each that has none."""
    parts, done = [], 0
    while (begin := markup.find(_CDATA, done)) >= 0 and (end := markup.find(_CDATA_END, begin)) >= 0:
        parts += [markup[done:begin], html.escape(markup[begin + len(_CDATA) : end])]
        done = end + len(_CDATA_END)
    return "".join([*parts, markup[done:]])


def _open_last_comment(markup: str) -> str:
    opened = markup.rfind("<!--")
    if opened >= 0 and markup.find("-->", opened) < 0:
        return markup[:opened] + markup[opened + 4 :]
    return markup


def _close_swallowers(markup: str, names: frozenset[str]) -> str:
    """An unclosed script or style ends where the next block begins."""
    for name, opening, closing in _SWALLOWERS:
        if name not in names:
            continue
        *_, last = [0, *(match.end() for match in opening.finditer(markup))]
        if last and not closing.search(markup, last):
            following = _BLOCK.search(markup, last)
            end = following.start() if following else len(markup)
            markup = f"{markup[:end]}</{name}>{markup[end:]}"
    return markup


def _escape_what_is_no_tag(markup: str, names: frozenset[str]) -> str:
    if names <= _ELEMENTS and not _BEFORE_A_MARK.search(markup):  # as in nearly all articles
        return markup
    bare = {(name.lower(), end[-1]) for name, end in set(_BARE_TAG.findall(markup))}
    if all(name in _ELEMENTS and end == ">" for name, end in bare):
        return markup
    closed = {name.lower() for name in _CLOSING.findall(markup)}

    def escape(match: re.Match[str]) -> str:
        name = match[1].lower()
        is_tag = name in _ELEMENTS if match[2].endswith(">") else False
        return match[0] if is_tag or name in closed else "&lt;" + match[0][1:]

    return _BARE_TAG.sub(escape, markup)
