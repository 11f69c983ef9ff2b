"""The sanitiser: an allowlist of elements and attributes, enforced by nh3. Nothing edits HTML after it.

nh3 is Rust's ammonia on the html5ever parser. It knows nothing of articles; the steps before it remove boilerplate.
Never allow:

- svg, math, style, noscript, form, template: all have served to mutate markup past sanitisers (mXSS: Heiderich et al.,
  *mXSS Attacks*, 2013)
- ids and names: DOM clobbering
- event handlers, `cite` attributes, relative addresses
"""

from __future__ import annotations

import re
from functools import cache

import nh3

from newsarchive.models import CleanHtml
from newsarchive.read.decode import strip_controls

TAGS = frozenset(
    (
        "a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn dl dt em figcaption"
        " figure h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small strong sub summary"
        " sup table tbody td tfoot th thead time tr u ul var wbr"
    ).split()
)

ATTRIBUTES: dict[str, set[str]] = {
    "*": {"dir", "lang"},
    "a": {"href"},
    "abbr": {"title"},
    "code": {"class"},
    "col": {"span"},
    "colgroup": {"span"},
    "details": {"open"},
    "img": {"src", "alt", "width", "height", "loading", "decoding"},
    "li": {"value"},
    "ol": {"start", "reversed", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}

SCHEMES = frozenset({"http", "https", "mailto", "tel"})

# Elements to remove with their content, which is no text of the article.
_DROPPED_WITH_CONTENT = frozenset(
    (
        "script style noscript template textarea title object embed applet iframe frameset svg math select"
        " noembed noframes xmp audio video canvas head"
    ).split()
)

_LANGUAGE = re.compile(r"language-[a-z0-9+#-]{1,30}\Z")
_DIMENSION = re.compile(r"[1-9][0-9]{0,4}\Z")
_VALUE_PATTERNS = {
    "dir": re.compile(r"(?:ltr|rtl|auto)\Z"),
    "lang": re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}\Z"),
    "class": _LANGUAGE,
    # Stricter than a list of schemes: refuse what a browser would trim or unfold before it reads the scheme.
    "href": re.compile(r"(?:https?://|mailto:|tel:)[^\s\\]+\Z", re.IGNORECASE),
    "src": re.compile(r"(?:https://[^\s\\]+|data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=]+)\Z"),
    "width": _DIMENSION,
    "height": _DIMENSION,
    "colspan": re.compile(r"[1-9][0-9]?\Z"),
    "rowspan": re.compile(r"[1-9][0-9]{0,2}\Z"),
    "span": re.compile(r"[1-9][0-9]?\Z"),
    "start": re.compile(r"-?[0-9]{1,6}\Z"),
    "value": re.compile(r"-?[0-9]{1,6}\Z"),
    "type": re.compile(r"[1aAiI]\Z"),
    "scope": re.compile(r"(?:row|col|rowgroup|colgroup)\Z"),
    "decoding": re.compile(r"async\Z"),
    "loading": re.compile(r"lazy\Z"),
    "datetime": re.compile(r"[0-9]{4}(?:-[0-9]{2}){1,2}(?:T[0-9:+Z-]{4,20})?\Z"),
}
_FREE_TEXT_ATTRIBUTES = frozenset({"alt", "title", "open", "reversed"})


def sanitise(markup: str) -> CleanHtml:
    """Return `markup` with only the allowlist left: well-formed, and safe on any page.

    >>> sanitise('<p onclick="x()">Hi <a href="javascript:x()">there</a></p>')
    '<p>Hi <a>there</a></p>'
    """
    if _PLAIN_BLOCK.match(markup):
        return CleanHtml(markup)
    markup = strip_controls(markup)
    clean = _cleaner().clean(markup)
    return CleanHtml(_clean_until_stable(clean) if _MAY_NEST_DIFFERENTLY.search(markup) else clean)


def _clean_until_stable(clean: str) -> str:
    """Clean again until the result is stable: a browser that parses it builds the same tree.

    Removing an element can bring together two that cannot nest, as in `<rp>(<x><rp>)` or `<h2><section><h2>`. A program
    that parses the result again would build another tree than nh3 had checked.
    """
    for _ in range(_MAX_PASSES):
        again = _cleaner().clean(clean)
        if again == clean:
            return clean
        clean = again
    return re.sub("<[^>]*>", " ", clean).replace("<", "&lt;")  # no input is known that gets here


_MAX_PASSES = 4

# Elements that the allowlist removes, except inline ones that do not affect nesting; and rb, rp and rt, which such a
# removal can bring together.
_MAY_NEST_DIFFERENTLY = re.compile(
    rf"<(?:r[bpt]|(?!(?:{'|'.join(sorted(TAGS))}|span|font|label|o:p)[\s/>])[a-zA-Z])", re.IGNORECASE
)


# Fast path for most paragraphs of news: one allowed element whose content has no markup, no character that nh3 would
# write differently, and none that is no text.
_PLAIN_BLOCK = re.compile(r"<(p|h[2-6])>[^<>&\x00-\x1f\x7f-\xa0\u202d\u202e\ufdd0-\ufdef\ufffd-\uffff]*</\1>\Z")


@cache
def _cleaner() -> nh3.Cleaner:
    """Return the nh3 cleaner for the allowlist."""
    return nh3.Cleaner(
        tags=set(TAGS),
        clean_content_tags=set(_DROPPED_WITH_CONTENT),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=_allowed_value,
        url_schemes={*SCHEMES, "data"},
        url_relative="deny",
        link_rel=None,  # pages say no-referrer once; nothing opens a window
    )


def _allowed_value(tag: str, name: str, value: str) -> str | None:
    """Return `value` if the attribute may have it, else None, which drops the attribute.

    nh3 calls this for every attribute that it would keep.
    """
    if name in _FREE_TEXT_ATTRIBUTES:
        return value
    pattern = _VALUE_PATTERNS.get(name)
    return value if pattern is not None and pattern.match(value) else None
