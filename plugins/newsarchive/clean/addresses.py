"""Resolve addresses in scraped HTML: absolute, without redirectors and tracking, safe to put on a page.

The functions are pure; they open no connection. "" means that an address leads nowhere that a reader can go.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urljoin, urlsplit, urlunsplit

# The crawler's own proxy and similar ones: the real address is everything after the question mark.
_PROXY = re.compile(r"^https?://[^/]+/\?(?=https?(?::|%3A)(?://|%2F%2F))", re.IGNORECASE)

# Redirector pages hold the real address in one of these parameters. They are recognised by parameter and path, not by
# host: link.zhihu.com/?target=, oschina's GoToLink?url=, go.php?url=, jump?to=. Short links such as t.co hold no
# address to follow.
_TARGET_PARAMETERS = ("target", "url", "to", "u", "link", "goto", "redirect", "redirect_url", "dest", "href")
_REDIRECTING_PATH = re.compile(
    r"(?:link|go|goto\w*|jump|redir(?:ect)?|out|away|safe|leave|external|url|click)\b", re.IGNORECASE
)

# These parameters tell the publisher where a click came from. Readers do not need them.
_TRACKING = re.compile(
    r"utm_\w+|spm|scm|from_source|from_?channel|fbclid|gclid|msclkid|yclid|igshid|mc_[ce]id|wechat_?from|share_token|_hs\w+"
    r"|__cft__.*|__tn__|hmsr|wfr|ref_?src",
    re.IGNORECASE,
)

# Affiliate networks by host name, affiliate programmes by the parameter that names the payee.
_AFFILIATE = re.compile(
    r"//(?:union-click\.jd|u\.jd|s\.click\.taobao|[\w.]*\bduomai|[\w.]*linksynergy|[\w.]*awin1|[\w.]*shareasale|amzn"
    r"|[\w.]*(?:pvxt|sjv|7eer|pxf|prf|anrdoezrs|dpbolvw|jdoqocy|kqzyfj|tkqlhce|avantlink|skimresources|viglink|tradedoubler|rstyle))\.\w+/"
    r"|//www\.amazon\.[\w.]+/.*[?&]tag=|[?&](?:aff(?:iliate)?(?:_?id)?|cps_?id|unionid|invite_?code|promo_?code)=|/(?:aff|affiliate)/",
    re.IGNORECASE,
)

_NOT_AN_ADDRESS = re.compile(r"/*(?:undefined|null|nan)(?![\w.-])|about:|#", re.IGNORECASE)
_INVISIBLE = re.compile(r"(?<! ) *[\t\n\r]+ *|[^\S ]|[\x00-\x1f\u200b-\u200f\u2060\ufeff]")
_WHITE_SPACE = " \t\n\r\x0b\x0c\u00a0\u3000\u200b\u200c\u200d\u2028\u2029\ufeff"
_PERCENT_ENCODED = re.compile(r"https?%3A%2F%2F", re.IGNORECASE)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_RASTER_DATA = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=]+\Z")

MAX_ADDRESS = 2_000
_MAX_DATA_ADDRESS = 200_000


# Fast path for most addresses: nothing to trim, follow, strip or decode. No query and no fragment; even an empty one
# needs the slow path.
_PLAIN_ADDRESS = re.compile(r"(https?)://((?:[a-z0-9-]+\.)+[a-z]{2,}(?:/[A-Za-z0-9._~!$&'()*+,;=@%/-]*)?)\Z")


def link_target(address: str, base: str = "") -> str:
    """Return the absolute http(s), mailto or tel address that a link leads to, or "".

    Relative addresses are resolved against `base`. Redirectors are followed by their parameters, at most five in a row,
    and tracking parameters are removed.

    >>> link_target("https://link.zhihu.com/?target=https%3A//a.com/x%3Futm_source%3Dzhihu")
    'https://a.com/x'
    """
    if _PLAIN_ADDRESS.match(address) and len(address) <= MAX_ADDRESS and "undefined" not in address:
        return address
    address = _strip_white_space(address)
    scheme = _SCHEME.match(address)
    if scheme and scheme[1].lower() in {"mailto", "tel"}:
        return address if len(address) <= MAX_ADDRESS and "\\" not in address else ""
    target = _absolute(address, base)
    for _ in range(_MAX_REDIRECTS):
        following = _redirect_target(target)
        if not following:
            break
        target = following
    return _strip_tracking(target)


def image_address(address: str, base: str = "") -> str:
    """Return the address of an image: https, or a data URL of a raster format; otherwise "".

    http becomes https, because browsers block http images on https pages (W3C, *Mixed Content*). Data URLs in SVG are
    refused, because SVG can run scripts. Hosts that only exist inside a private network are refused.
    """
    plain = _PLAIN_ADDRESS.match(address)
    if plain and len(address) <= MAX_ADDRESS and "undefined" not in address:
        return f"https://{plain[2]}" if _is_public_name(plain[2].partition("/")[0]) else ""
    address = _strip_white_space(address)
    if address[:5].lower() == "data:":
        return address if len(address) <= _MAX_DATA_ADDRESS and _RASTER_DATA.match(address) else ""
    absolute = _absolute(address, base)
    if absolute.startswith("http://"):
        parts = urlsplit(absolute)
        absolute = urlunsplit(parts._replace(scheme="https", netloc=parts.netloc.removesuffix(":80")))
    return absolute if absolute and _has_public_host(absolute) else ""


_MAX_REDIRECTS = 5


def _strip_white_space(address: str) -> str:
    """Return `address` as browsers read it: no white space around it, no line breaks inside, spaces as %20.

    See *basic URL parser* in the WHATWG URL Standard. An address that is too long even for a data URL becomes "".
    """
    if len(address) > _MAX_DATA_ADDRESS:
        return ""
    return _INVISIBLE.sub("", address.strip(_WHITE_SPACE)).replace(" ", "%20")


def is_affiliate(address: str) -> bool:
    """Return True for an affiliate link: the shop pays the site that placed it."""
    return bool(_AFFILIATE.search(address))


def _absolute(address: str, base: str) -> str:
    """Return the absolute http(s) form of `address`, or "" if there is none."""
    address = _unwrap_proxy(address)
    if not address or len(address) > MAX_ADDRESS or _NOT_AN_ADDRESS.match(address):
        return ""
    if base and not _SCHEME.match(address):
        try:
            address = urljoin(base, address)
        except ValueError:
            return ""
    parts = _parse_address(address)
    if parts is None or parts.scheme.lower() not in {"http", "https"} or not _has_host(parts):
        return ""
    return urlunsplit(parts._replace(scheme=parts.scheme.lower()))


def _unwrap_proxy(address: str) -> str:
    """Return the address behind one or several proxies, with its scheme.

    An address that is percent-encoded as a whole is decoded.
    """
    for _ in range(_MAX_REDIRECTS):
        if address.startswith("//"):
            address = "https:" + address
        elif _PROXY.match(address):
            address = _PROXY.sub("", address)
        elif _PERCENT_ENCODED.match(address):
            address = _strip_white_space(unquote(address))
        else:
            break
    return address


def _parse_address(address: str) -> SplitResult | None:
    """Return the parts of an address, or None for one that programs read differently.

    User names in an address and backslashes serve to hide the real host.
    """
    if "\\" in address:  # browsers read it as "/", other programs do not
        return None
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - raises ValueError for a port out of range
    except ValueError:
        return None
    return None if parts.username is not None else parts


def _has_host(parts: SplitResult) -> bool:
    """Return True if the address has a host, and a script has not written "undefined" into it."""
    host = parts.hostname or ""
    return bool(host) and "undefined" not in host and "undefined" not in parts.path.split("/")


def _redirect_target(address: str) -> str:
    """Return the address to which a redirector page sends its readers, or "" if `address` is no redirector."""
    parts = _parse_address(address) if address else None
    if parts is None or not parts.query:
        return ""
    if not (_REDIRECTING_PATH.search(parts.path) or _REDIRECTING_PATH.match(parts.hostname or "")):
        return ""
    parameters = {name.lower(): value for name, value in parse_qsl(parts.query, errors="surrogateescape")}
    for name in _TARGET_PARAMETERS:
        if re.match(r"https?://", parameters.get(name, ""), re.IGNORECASE):
            target = parameters[name].encode("utf-8", "surrogateescape")
            return _absolute(quote(target, safe="%/:=&?~#+!$,;'@()*[]"), "")
    return ""


def _strip_tracking(address: str) -> str:
    """Return `address` without tracking parameters.

    The remaining parameters keep every byte, because signed addresses depend on it.
    """
    start, question_mark, query_and_fragment = address.partition("?")
    if not question_mark or not _TRACKING.search(query_and_fragment):
        return address
    query, hash_mark, fragment = query_and_fragment.partition("#")
    pairs = query.split("&")
    kept = [pair for pair in pairs if not _TRACKING.fullmatch(unquote(pair.partition("=")[0]))]
    return start + ("?" + "&".join(kept) if kept else "") + hash_mark + fragment


def _has_public_host(address: str) -> bool:
    """Return False for hosts that only exist inside a private network.

    A page must not make a reader's browser send requests into the reader's network (Private Network Access).
    """
    host = unicodedata.normalize("NFKC", urlsplit(address).hostname or "").rstrip(".")
    if _HOST_NAME.search(host):
        return _is_public_name(host)
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        pass
    if re.search(r"(?:^|\.)(?:\d+|0x[0-9a-f]*)$", host):  # browsers read 127.1, 0x7f.1 and 0177.0.0.1 as addresses
        try:
            return ipaddress.ip_address(socket.inet_aton(host)).is_global
        except (OSError, ValueError):
            return False
    return "." in host and not host.endswith(_PRIVATE_DOMAINS)


def _is_public_name(host: str) -> bool:
    """Return False for names under the top-level domains that private networks use."""
    return not host.endswith(_PRIVATE_DOMAINS)


_PRIVATE_DOMAINS = (".local", ".localhost", ".internal", ".lan")
_HOST_NAME = re.compile(r"\.[a-z]{2,}\Z")  # no notation of an IP address ends in letters alone
