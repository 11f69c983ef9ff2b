"""The last gate: an allowlist, enforced by nh3 (Rust's ammonia on html5ever). Nothing edits HTML after it.

Never to be allowed: svg, math, style, noscript, form, template (all used to mutate markup past sanitisers), ids and
names (DOM clobbering), event handlers, `cite` attributes, relative addresses.
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

# Their content is no text of the article either.
_SWALLOWED_WHOLE = frozenset(
    (
        "script style noscript template textarea title object embed applet iframe frameset svg math select"
        " noembed noframes xmp audio video canvas head"
    ).split()
)

_LANGUAGE = re.compile(r"language-[a-z0-9+#-]{1,30}\Z")
_DIMENSION = re.compile(r"[1-9][0-9]{0,4}\Z")
_VALUES = {
    "dir": re.compile(r"(?:ltr|rtl|auto)\Z"),
    "lang": re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}\Z"),
    "class": _LANGUAGE,
    # Stricter than a list of schemes: what a browser would trim or unfold before it reads the scheme is refused.
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
_ANY_TEXT = frozenset({"alt", "title", "open", "reversed"})


def sanitise(markup: str) -> CleanHtml:
    """`markup` with nothing but the allowlist in it: well-formed, safe to stand in any page."""
    if _PLAIN.match(markup):
        return CleanHtml(markup)
    markup = strip_controls(markup)
    clean = _cleaner().clean(markup)
    return CleanHtml(_settle(clean) if _PARTING.search(markup) else clean)


def _settle(clean: str) -> str:
    """What stays the same when a browser parses it. An element that goes may have parted two that cannot nest
    (`<rp>(<x><rp>)`, `<h2><section><h2>`), and whoever reads the text again would build another tree of it."""
    for _ in range(_MOST_PASSES):
        again = _cleaner().clean(clean)
        if again == clean:
            return clean
        clean = again
    return re.sub("<[^>]*>", " ", clean).replace("<", "&lt;")  # nothing is known that does not settle


_MOST_PASSES = 4

# Elements that go, but for those that part nothing; and what any of these may part.
_PARTING = re.compile(rf"<(?:r[bpt]|(?!(?:{'|'.join(sorted(TAGS))}|span|font|label|o:p)[\s/>])[a-zA-Z])", re.IGNORECASE)


# Most paragraphs of news: an allowed element and in it nothing that HTML gives a meaning, nh3 would write otherwise, or
# is no text.
_PLAIN = re.compile(r"<(p|h[2-6])>[^<>&\x00-\x1f\x7f-\xa0\u202d\u202e\ufdd0-\ufdef\ufffd-\uffff]*</\1>\Z")


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(TAGS),
        clean_content_tags=set(_SWALLOWED_WHOLE),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=_fit_or_none,
        url_schemes={*SCHEMES, "data"},
        url_relative="deny",
        link_rel=None,  # pages say no-referrer once; nothing opens a window
    )


def _fit_or_none(tag: str, name: str, value: str) -> str | None:
    """The value when it is one that the attribute may have; nh3 asks this of every attribute it would keep."""
    if name in _ANY_TEXT:
        return value
    pattern = _VALUES.get(name)
    return value if pattern is not None and pattern.match(value) else None
