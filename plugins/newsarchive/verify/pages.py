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

from newsarchive.problems import Problem
from newsarchive.verify.policy import check_policy, lets_in_pictures
from newsarchive.verify.site import LOST, Place, Site

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
    problems: tuple[Problem, ...]
    fragments: tuple[tuple[str, str], ...]
    is_article: bool


def check_page(path: str, site: Site) -> PageReport:
    """Everything that can be said of one page by itself."""
    data = site.read(path)
    tree = LexborHTMLParser(data)
    problems = list(_check_text(path, data))
    policies = [
        node.attributes.get("content") or ""
        for node in tree.css("meta[http-equiv]")
        if (node.attributes.get("http-equiv") or "").lower() == "content-security-policy"
    ]
    problems += check_policy(path, data, policies, site.allowed_hosts)
    problems += _check_inline(path, data, tree)
    problems += _check_head(path, tree, site)
    problems += _check_parts(path, tree, site, lets_in_pictures(policies))
    problems += _check_data(path, tree)
    fragments: list[tuple[str, str]] = []
    problems += _check_links(path, tree, site, fragments)
    is_article = tree.css_first('[itemprop="articleBody"]') is not None
    return PageReport(path, tuple(problems), tuple(fragments), is_article)


def ids_of(site: Site, path: str) -> frozenset[str]:
    """The places of a page that a link can lead to."""
    return _ids(LexborHTMLParser(site.read(path))) if path.endswith(".html") else frozenset()


def _ids(tree: LexborHTMLParser) -> frozenset[str]:
    named = (node.attributes.get("id") or node.attributes.get("name") for node in tree.css("[id], a[name]"))
    return frozenset({"", "top", *filter(None, named)})


def _check_text(path: str, data: bytes) -> Iterator[Problem]:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        yield Problem("page", path, f"is no UTF-8 at byte {error.start:,}", "build it again")


def _check_inline(path: str, data: bytes, tree: LexborHTMLParser) -> Iterator[Problem]:
    repair = "move it into a file of the theme: the policy stops it here"
    for node in tree.css("script:not([src])"):
        if not (node.attributes.get("type") or "").lower().endswith("json"):  # data blocks do not run
            yield Problem("inline", path, f"inline script: {_shorten(node.text())}", repair)
    for node in tree.css("style"):
        yield Problem("inline", path, f"inline style sheet: {_shorten(node.text())}", repair)
    for node in tree.css("[style]"):
        yield Problem("inline", path, f"inline style: <{node.tag} style={node.attributes['style']!r}>", repair)
    for node in tree.css("[srcdoc]"):
        yield Problem("inline", path, f"inline page: <{node.tag} srcdoc>", repair)
    if _HANDLER.search(data.lower()):  # in few pages, so that elements are gone through one by one only there
        for node in tree.css("*"):
            for name in node.attributes:
                if name.lower().startswith("on"):
                    yield Problem("inline", path, f"inline handler: <{node.tag} {name}>", repair)


def _check_head(path: str, tree: LexborHTMLParser, site: Site) -> Iterator[Problem]:
    for _ in tree.css("base"):
        yield Problem("page", path, "a <base> element moves every link of the page", "take it out")
    for node in tree.css("meta[http-equiv]"):
        if (node.attributes.get("http-equiv") or "").lower() == "refresh":
            yield Problem("outside", path, "the page sends its reader elsewhere", "take the refresh out")
    for node in tree.css('link[rel="canonical"]'):
        wanted = f"{site.address}/{quote(path)}"
        if node.attributes.get("href") != wanted:
            problem = f"its canonical link is {node.attributes.get('href')}"
            yield Problem("link", path, problem, f"it should be {wanted}: build with one SITEURL")


def _check_parts(path: str, tree: LexborHTMLParser, site: Site, from_elsewhere: bool) -> Iterator[Problem]:
    """What a page is made of comes from the site itself; pictures may come `from_elsewhere`, over https."""
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


def _check_part(path: str, node: LexborNode, url: str, site: Site, from_elsewhere: bool) -> Iterator[Problem]:
    place = site.find(url, path)
    is_picture = node.tag == "img" or (
        node.tag == "source" and node.parent is not None and node.parent.tag == "picture"
    )
    if place.scheme == "data" and is_picture:
        return
    told = f"<{node.tag}> {_shorten(url)}"
    if place.scheme or place.host:
        allowed = (is_picture and from_elsewhere and place.scheme == "https") or place.host in site.allowed_hosts
        if not allowed or place.fault:
            repair = "keep the file in the site, or allow the host by --allow"
            yield Problem("outside", path, f"{told} comes from elsewhere", repair)
    elif place.fault:
        yield Problem("link", path, f"{told} {place.fault}", "put the file there, or mend the address")
    elif place.is_absolute and path != LOST and node.attributes.get("rel") not in {"alternate", "search"}:
        yield Problem(
            "link", path, f"{told} names the site's address", "make it relative: the site also opens from disk"
        )


def _check_links(path: str, tree: LexborHTMLParser, site: Site, fragments: list[tuple[str, str]]) -> Iterator[Problem]:
    own_ids: frozenset[str] | None = None
    for node in tree.css("a[href], area[href], form[action], button[formaction], input[formaction]"):
        attributes = node.attributes
        url = attributes.get("href") or attributes.get("action") or attributes.get("formaction") or ""
        place = site.find(url, path)
        if fault := _fault_of_link(place, path):
            yield Problem("link", path, f"{_shorten(url)} {fault}", "mend the address, or take the link out")
        elif place.fragment and place.path == path:
            own_ids = _ids(tree) if own_ids is None else own_ids
            if place.fragment not in own_ids:
                yield Problem(
                    "link", path, f"{_shorten(url)}: the page has no such place", "link to the page, or name it"
                )
        elif place.fragment and place.path:
            fragments.append((place.path, place.fragment))


def _fault_of_link(place: Place, path: str) -> str:
    if place.fault:
        return place.fault
    if place.scheme and place.scheme not in _OUTGOING:
        return "is no address that a reader could go to"
    if place.is_absolute and path != LOST:
        return "names the site's address, which a folder on disk does not have"
    return ""


def _check_data(path: str, tree: LexborHTMLParser) -> Iterator[Problem]:
    for node in tree.css('script[type="application/ld+json"]'):
        try:
            found = json.loads(node.text())
        except ValueError as error:
            yield Problem("data", path, f"its JSON-LD cannot be read: {error}", "build it again")
            continue
        if not isinstance(found, dict) or not {"@context", "@type"} <= found.keys():
            yield Problem("data", path, "its JSON-LD does not say what it describes", "give it @context and @type")


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 100 else text[:99] + "…"
