"""What an address in scraped HTML really points at. Pure functions; "" means nowhere a reader can go."""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urljoin, urlsplit, urlunsplit

# The crawler's own proxy, and the like: everything behind the question mark is the real address.
_PROXY = re.compile(r"^https?://[^/]+/\?(?=https?(?::|%3A)(?://|%2F%2F))", re.IGNORECASE)

# A page that only sends readers on: the address stands in one of these parameters. Named by parameter, not by host:
# link.zhihu.com/?target=, oschina's GoToLink?url=, go.php?url=, jump?to=, t.co-like short links hold none.
_TARGET_PARAMETERS = ("target", "url", "to", "u", "link", "goto", "redirect", "redirect_url", "dest", "href")
_REDIRECTING_PATH = re.compile(
    r"(?:link|go|goto\w*|jump|redir(?:ect)?|out|away|safe|leave|external|url|click)\b", re.IGNORECASE
)

# They tell the publisher where a click came from, and readers nothing.
_TRACKING = re.compile(
    r"utm_\w+|spm|scm|from_source|from_?channel|fbclid|gclid|msclkid|yclid|igshid|mc_[ce]id|wechat_?from|share_token|_hs\w+"
    r"|__cft__.*|__tn__|hmsr|wfr|ref_?src",
    re.IGNORECASE,
)

# Shops pay for visitors who come by such a link: networks by name, programmes by the parameter that names the payee.
_AFFILIATE = re.compile(
    r"//(?:union-click\.jd|u\.jd|s\.click\.taobao|[\w.]*\bduomai|[\w.]*linksynergy|[\w.]*awin1|[\w.]*shareasale|amzn"
    r"|[\w.]*(?:pvxt|sjv|7eer|pxf|prf|anrdoezrs|dpbolvw|jdoqocy|kqzyfj|tkqlhce|avantlink|skimresources|viglink|tradedoubler|rstyle))\.\w+/"
    r"|//www\.amazon\.[\w.]+/.*[?&]tag=|[?&](?:aff(?:iliate)?(?:_?id)?|cps_?id|unionid|invite_?code|promo_?code)=|/(?:aff|affiliate)/",
    re.IGNORECASE,
)

_NO_ADDRESS = re.compile(r"/*(?:undefined|null|nan)(?![\w.-])|about:|#", re.IGNORECASE)
_UNSEEN = re.compile(r"(?<! ) *[\t\n\r]+ *|[^\S ]|[\x00-\x1f\u200b-\u200f\u2060\ufeff]")
_BLANKS = " \t\n\r\x0b\x0c\u00a0\u3000\u200b\u200c\u200d\u2028\u2029\ufeff"
_ESCAPED = re.compile(r"https?%3A%2F%2F", re.IGNORECASE)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_RASTER_DATA = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=]+\Z")

MAX_ADDRESS = 2_000
_MAX_DATA_ADDRESS = 200_000


# As most are: nothing to trim, follow, strip or look into. No query and no fragment, which may be empty.
_PLAIN = re.compile(r"(https?)://((?:[a-z0-9-]+\.)+[a-z]{2,}(?:/[A-Za-z0-9._~!$&'()*+,;=@%/-]*)?)\Z")


def link_target(address: str, base: str = "") -> str:
    """Where a link leads: absolute http(s), mailto or tel; redirectors followed, tracking parameters dropped."""
    if _PLAIN.match(address) and len(address) <= MAX_ADDRESS and "undefined" not in address:
        return address
    address = _trim(address)
    scheme = _SCHEME.match(address)
    if scheme and scheme[1].lower() in {"mailto", "tel"}:
        return address if len(address) <= MAX_ADDRESS and "\\" not in address else ""
    target = _absolute(address, base)
    for _ in range(_MOST_REDIRECTS):
        following = _redirected(target)
        if not following:
            break
        target = following
    return _strip_tracking(target)


def image_address(address: str, base: str = "") -> str:
    """Where an image lies: https (http would be blocked as mixed content), or data of a raster format."""
    plain = _PLAIN.match(address)
    if plain and len(address) <= MAX_ADDRESS and "undefined" not in address:
        return f"https://{plain[2]}" if _is_public_name(plain[2].partition("/")[0]) else ""
    address = _trim(address)
    if address[:5].lower() == "data:":
        return address if len(address) <= _MAX_DATA_ADDRESS and _RASTER_DATA.match(address) else ""
    absolute = _absolute(address, base)
    if absolute.startswith("http://"):
        parts = urlsplit(absolute)
        absolute = urlunsplit(parts._replace(scheme="https", netloc=parts.netloc.removesuffix(":80")))
    return absolute if absolute and _is_public(absolute) else ""


_MOST_REDIRECTS = 5


def _trim(address: str) -> str:
    """As browsers read it: no white space around, no line breaks inside, a blank inside is %20."""
    if len(address) > _MAX_DATA_ADDRESS:
        return ""
    return _UNSEEN.sub("", address.strip(_BLANKS)).replace(" ", "%20")


def is_affiliate(address: str) -> bool:
    """True for a link that pays whoever placed it."""
    return bool(_AFFILIATE.search(address))


def _absolute(address: str, base: str) -> str:
    address = _without_proxy(address)
    if not address or len(address) > MAX_ADDRESS or _NO_ADDRESS.match(address):
        return ""
    if base and not _SCHEME.match(address):
        try:
            address = urljoin(base, address)
        except ValueError:
            return ""
    parts = _split(address)
    if parts is None or parts.scheme.lower() not in {"http", "https"} or not _has_host(parts):
        return ""
    return urlunsplit(parts._replace(scheme=parts.scheme.lower()))


def _without_proxy(address: str) -> str:
    """The address behind a proxy, or behind several; an address that is escaped as a whole is unescaped."""
    for _ in range(_MOST_REDIRECTS):
        if address.startswith("//"):
            address = "https:" + address
        elif _PROXY.match(address):
            address = _PROXY.sub("", address)
        elif _ESCAPED.match(address):
            address = _trim(unquote(address))
        else:
            break
    return address


def _split(address: str) -> SplitResult | None:
    """The parts of an address, or None where it has none or lies about them."""
    if "\\" in address:  # browsers read it as "/", other programs do not
        return None
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - raises ValueError for a port out of range
    except ValueError:
        return None
    return None if parts.username is not None else parts


def _has_host(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    return bool(host) and "undefined" not in host and "undefined" not in parts.path.split("/")


def _redirected(address: str) -> str:
    """Where a page that only sends readers on sends them; "" when it is none."""
    parts = _split(address) if address else None
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
    """Without parameters that only track; the others stay to the byte, for signatures count on it."""
    start, mark, rest = address.partition("?")
    if not mark or not _TRACKING.search(rest):
        return address
    query, hash_mark, fragment = rest.partition("#")
    pairs = query.split("&")
    kept = [pair for pair in pairs if not _TRACKING.fullmatch(unquote(pair.partition("=")[0]))]
    return start + ("?" + "&".join(kept) if kept else "") + hash_mark + fragment


def _is_public(address: str) -> bool:
    """False for hosts that only exist inside somebody's network: no page may make a reader's browser knock there."""
    host = unicodedata.normalize("NFKC", urlsplit(address).hostname or "").rstrip(".")
    if _NAMED_HOST.search(host):
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
    return "." in host and not host.endswith(_PRIVATE_NAMES)


def _is_public_name(host: str) -> bool:
    return not host.endswith(_PRIVATE_NAMES)


_PRIVATE_NAMES = (".local", ".localhost", ".internal", ".lan")
_NAMED_HOST = re.compile(r"\.[a-z]{2,}\Z")  # no way of writing a number ends in letters alone
