"""One page: its links and parts, its policy, nothing inline, its data. A page is parsed once, as a browser would.

lexbor, because there are ten thousands of pages: 0.1 ms each, where BeautifulSoup would need 3.5.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from newsarchive.diagnostics import Diagnostic
from newsarchive.fs.untrusted_files import RefusedFile
from newsarchive.verify.csp import allows_remote_images, check_csp
from newsarchive.verify.site import NOT_FOUND, Place, Site

_HANDLER = re.compile(rb"on(?<![a-z]on)[a-z]+\s*=")  # the letters first: those a search finds fast
_OUTGOING = {"http", "https", "mailto", "tel"}
_PARTS = (
    "script[src], link[href], img, source, video, audio, track, embed, object, iframe, frame, input[src], use, image"
)
_ADDRESSES = ("src", "href", "xlink:href", "data", "poster")


@dataclass(frozen=True, slots=True)
class PageReport:
    """What was found on a page. `fragments` are the links into other pages that name a place there."""

    path: str
    diagnostics: tuple[Diagnostic, ...]
    fragments: tuple[tuple[str, str], ...]
    is_article: bool


def check_page(path: str, site: Site) -> PageReport:
    """Everything that can be said of one page by itself."""
    try:
        data = site.read(path)
    except RefusedFile as refused:
        return PageReport(path, (refused.diagnostic,), (), False)
    tree = LexborHTMLParser(data)
    diagnostics = list(_check_text(path, data))
    policies = [
        node.attributes.get("content") or ""
        for node in tree.css("meta[http-equiv]")
        if (node.attributes.get("http-equiv") or "").lower() == "content-security-policy"
    ]
    diagnostics += check_csp(path, data, policies, site.allowed_hosts)
    diagnostics += _check_inline(path, data, tree)
    diagnostics += _check_head(path, tree, site)
    diagnostics += _check_parts(path, tree, site, allows_remote_images(policies))
    diagnostics += _check_data(path, tree)
    fragments: list[tuple[str, str]] = []
    diagnostics += _check_links(path, tree, site, fragments)
    is_article = tree.css_first('[itemprop="articleBody"]') is not None
    return PageReport(path, tuple(diagnostics), tuple(fragments), is_article)


def ids_of(site: Site, path: str) -> frozenset[str]:
    """The places of a page that a link can lead to."""
    return _ids(LexborHTMLParser(site.read(path))) if path.endswith(".html") else frozenset()


def _ids(tree: LexborHTMLParser) -> frozenset[str]:
    named = (node.attributes.get("id") or node.attributes.get("name") for node in tree.css("[id], a[name]"))
    return frozenset({"", "top", *filter(None, named)})


def _check_text(path: str, data: bytes) -> Iterator[Diagnostic]:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        yield Diagnostic("page", path, f"is no UTF-8 at byte {error.start:,}", "build it again")


def _check_inline(path: str, data: bytes, tree: LexborHTMLParser) -> Iterator[Diagnostic]:
    repair = "move it into a file of the theme: the policy stops it here"
    for node in tree.css("script:not([src])"):
        if not (node.attributes.get("type") or "").lower().endswith("json"):  # data blocks do not run
            yield Diagnostic("inline", path, f"inline script: {_shorten(node.text())}", repair)
    for node in tree.css("style"):
        yield Diagnostic("inline", path, f"inline style sheet: {_shorten(node.text())}", repair)
    for node in tree.css("[style]"):
        yield Diagnostic("inline", path, f"inline style: <{node.tag} style={node.attributes['style']!r}>", repair)
    for node in tree.css("[srcdoc]"):
        yield Diagnostic("inline", path, f"inline page: <{node.tag} srcdoc>", repair)
    if _HANDLER.search(data.lower()):  # in few pages, so that elements are gone through one by one only there
        for node in tree.css("*"):
            for name in node.attributes:
                if name.lower().startswith("on"):
                    yield Diagnostic("inline", path, f"inline handler: <{node.tag} {name}>", repair)


def _check_head(path: str, tree: LexborHTMLParser, site: Site) -> Iterator[Diagnostic]:
    for _ in tree.css("base"):
        yield Diagnostic("page", path, "a <base> element moves every link of the page", "take it out")
    for node in tree.css("meta[http-equiv]"):
        if (node.attributes.get("http-equiv") or "").lower() == "refresh":
            yield Diagnostic("outside", path, "the page sends its reader elsewhere", "take the refresh out")
    for node in tree.css('link[rel="canonical"]'):
        wanted = f"{site.address}/{quote(path)}"
        if node.attributes.get("href") != wanted:
            diagnostic = f"its canonical link is {node.attributes.get('href')}"
            yield Diagnostic("link", path, diagnostic, f"it should be {wanted}: build with one SITEURL")


def _check_parts(path: str, tree: LexborHTMLParser, site: Site, from_elsewhere: bool) -> Iterator[Diagnostic]:
    """What a page is made of comes from the site itself; images may come `from_elsewhere`, over https."""
    for node in tree.css(_PARTS):
        attributes = node.attributes
        if node.tag == "link" and attributes.get("rel") in {"canonical", "author", "license"}:
            continue
        for name in _ADDRESSES:
            if (url := attributes.get(name)) is not None:
                yield from _check_part(path, node, url, site, from_elsewhere)
        for candidate in (attributes.get("srcset") or "").split(", "):
            if candidate.strip():
                yield from _check_part(path, node, candidate.split()[0], site, from_elsewhere)


def _check_part(path: str, node: LexborNode, url: str, site: Site, from_elsewhere: bool) -> Iterator[Diagnostic]:
    place = site.find(url, path)
    is_image = node.tag == "img" or (node.tag == "source" and node.parent is not None and node.parent.tag == "picture")
    if place.scheme == "data" and is_image:
        return
    told = f"<{node.tag}> {_shorten(url)}"
    if place.scheme or place.host:
        allowed = (is_image and from_elsewhere and place.scheme == "https") or place.host in site.allowed_hosts
        if not allowed or place.reason:
            repair = "keep the file in the site, or allow the host by --allow"
            yield Diagnostic("outside", path, f"{told} comes from elsewhere", repair)
    elif place.reason:
        yield Diagnostic("link", path, f"{told} {place.reason}", "put the file there, or mend the address")
    elif place.is_absolute and path != NOT_FOUND and node.attributes.get("rel") not in {"alternate", "search"}:
        yield Diagnostic(
            "link", path, f"{told} names the site's address", "make it relative: the site also opens from disk"
        )


def _check_links(
    path: str, tree: LexborHTMLParser, site: Site, fragments: list[tuple[str, str]]
) -> Iterator[Diagnostic]:
    own_ids: frozenset[str] | None = None
    for node in tree.css("a[href], area[href], form[action], button[formaction], input[formaction]"):
        attributes = node.attributes
        url = attributes.get("href") or attributes.get("action") or attributes.get("formaction") or ""
        place = site.find(url, path)
        if fault := _fault_of_link(place, path):
            yield Diagnostic("link", path, f"{_shorten(url)} {fault}", "mend the address, or take the link out")
        elif place.fragment and place.path == path:
            own_ids = _ids(tree) if own_ids is None else own_ids
            if place.fragment not in own_ids:
                yield Diagnostic(
                    "link", path, f"{_shorten(url)}: the page has no such place", "link to the page, or name it"
                )
        elif place.fragment and place.path:
            fragments.append((place.path, place.fragment))


def _fault_of_link(place: Place, path: str) -> str:
    if place.reason:
        return place.reason
    if place.scheme and place.scheme not in _OUTGOING:
        return "is no address that a reader could go to"
    if place.is_absolute and path != NOT_FOUND:
        return "names the site's address, which a folder on disk does not have"
    return ""


def _check_data(path: str, tree: LexborHTMLParser) -> Iterator[Diagnostic]:
    for node in tree.css('script[type="application/ld+json"]'):
        try:
            found = json.loads(node.text())
        except ValueError as error:
            yield Diagnostic("data", path, f"its JSON-LD cannot be read: {error}", "build it again")
            continue
        if not isinstance(found, dict) or not {"@context", "@type"} <= found.keys():
            yield Diagnostic("data", path, "its JSON-LD does not say what it describes", "give it @context and @type")


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 100 else text[:99] + "…"
