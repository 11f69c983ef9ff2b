"""Check one page: links, embedded files, policy, inline code and JSON-LD. Fragments of other pages are checked later.

lexbor parses the page as a browser does, once, in 0.1 ms. BeautifulSoup takes 3.5 ms, and a site may have tens of
thousands of pages.
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
from newsarchive.verify.site import NOT_FOUND, LinkTarget, Site

# The literal comes before the lookbehind, because the regex engine searches for a literal prefix fast.
_HANDLER = re.compile(rb"on(?<![a-z]on)[a-z]+\s*=")
_OUTGOING_SCHEMES = {"http", "https", "mailto", "tel"}
_EMBEDDING = (
    "script[src], link[href], img, source, video, audio, track, embed, object, iframe, frame, input[src], use, image"
)
_URL_ATTRIBUTES = ("src", "href", "xlink:href", "data", "poster")


@dataclass(frozen=True, slots=True)
class PageReport:
    """The result of checking one page. `fragments` are its (page, fragment) links to ids on other pages."""

    path: str
    diagnostics: tuple[Diagnostic, ...]
    fragments: tuple[tuple[str, str], ...]
    is_article: bool


def check_page(path: str, site: Site) -> PageReport:
    """Check the page at `path` by itself and return a report. A page that cannot be read has one diagnostic."""
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
    diagnostics += _check_embedded(path, tree, site, allows_remote_images(policies))
    diagnostics += _check_data(path, tree)
    fragments: list[tuple[str, str]] = []
    diagnostics += _check_links(path, tree, site, fragments)
    is_article = tree.css_first('[itemprop="articleBody"]') is not None
    return PageReport(path, tuple(diagnostics), tuple(fragments), is_article)


def ids_of(site: Site, path: str) -> frozenset[str]:
    """Return the ids of a page that a link can lead to; none for a file that is not HTML. Raises RefusedFile."""
    return _ids(LexborHTMLParser(site.read(path))) if path.endswith(".html") else frozenset()


def _ids(tree: LexborHTMLParser) -> frozenset[str]:
    named = (node.attributes.get("id") or node.attributes.get("name") for node in tree.css("[id], a[name]"))
    return frozenset({"", "top", *filter(None, named)})


def _check_text(path: str, data: bytes) -> Iterator[Diagnostic]:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        yield Diagnostic("page", path, f"is not UTF-8 at byte {error.start:,}", "build it again")


def _check_inline(path: str, data: bytes, tree: LexborHTMLParser) -> Iterator[Diagnostic]:
    hint = "move it into a file of the theme: the policy blocks it here"
    for node in tree.css("script:not([src])"):
        if not (node.attributes.get("type") or "").lower().endswith("json"):  # data blocks do not run
            yield Diagnostic("inline", path, f"inline script: {_shorten(node.text())}", hint)
    for node in tree.css("style"):
        yield Diagnostic("inline", path, f"inline style sheet: {_shorten(node.text())}", hint)
    for node in tree.css("[style]"):
        yield Diagnostic("inline", path, f"inline style: <{node.tag} style={node.attributes['style']!r}>", hint)
    for node in tree.css("[srcdoc]"):
        yield Diagnostic("inline", path, f"inline page: <{node.tag} srcdoc>", hint)
    if _HANDLER.search(data.lower()):  # few pages match, so that few pay for a walk over all elements
        for node in tree.css("*"):
            for name in node.attributes:
                if name.lower().startswith("on"):
                    yield Diagnostic("inline", path, f"inline handler: <{node.tag} {name}>", hint)


def _check_head(path: str, tree: LexborHTMLParser, site: Site) -> Iterator[Diagnostic]:
    for _ in tree.css("base"):
        yield Diagnostic("page", path, "a <base> element moves every link of the page", "take it out")
    for node in tree.css("meta[http-equiv]"):
        if (node.attributes.get("http-equiv") or "").lower() == "refresh":
            yield Diagnostic("outside", path, "the page redirects its reader", "take the refresh out")
    for node in tree.css('link[rel="canonical"]'):
        wanted = f"{site.address}/{quote(path)}"
        if node.attributes.get("href") != wanted:
            message = f"its canonical link is {node.attributes.get('href')}, not {wanted}"
            yield Diagnostic("link", path, message, "build with one SITEURL")


def _check_embedded(path: str, tree: LexborHTMLParser, site: Site, remote_images: bool) -> Iterator[Diagnostic]:
    """Check that a page loads files only from the site; with `remote_images`, images from any host over https."""
    for node in tree.css(_EMBEDDING):
        attributes = node.attributes
        if node.tag == "link" and attributes.get("rel") in {"canonical", "author", "license"}:
            continue
        for name in _URL_ATTRIBUTES:
            if (url := attributes.get(name)) is not None:
                yield from _check_embedded_url(path, node, url, site, remote_images)
        for candidate in (attributes.get("srcset") or "").split(", "):
            if candidate.strip():
                yield from _check_embedded_url(path, node, candidate.split()[0], site, remote_images)


def _check_embedded_url(path: str, node: LexborNode, url: str, site: Site, remote_images: bool) -> Iterator[Diagnostic]:
    target = site.resolve_link(url, path)
    is_image = node.tag == "img" or (node.tag == "source" and node.parent is not None and node.parent.tag == "picture")
    if target.scheme == "data" and is_image:
        return
    element = f"<{node.tag}> {_shorten(url)}"
    if target.scheme or target.host:
        allowed = (is_image and remote_images and target.scheme == "https") or target.host in site.allowed_hosts
        if not allowed or target.reason:
            hint = "keep the file in the site, or allow the host by --allow"
            yield Diagnostic("outside", path, f"{element} is loaded from another site", hint)
    elif target.reason:
        yield Diagnostic("link", path, f"{element} {target.reason}", "put the file there, or correct the address")
    elif target.is_absolute and path != NOT_FOUND and node.attributes.get("rel") not in {"alternate", "search"}:
        yield Diagnostic(
            "link", path, f"{element} contains the site's address", "make it relative: the site also opens from disk"
        )


def _check_links(
    path: str, tree: LexborHTMLParser, site: Site, fragments: list[tuple[str, str]]
) -> Iterator[Diagnostic]:
    own_ids: frozenset[str] | None = None
    for node in tree.css("a[href], area[href], form[action], button[formaction], input[formaction]"):
        attributes = node.attributes
        url = attributes.get("href") or attributes.get("action") or attributes.get("formaction") or ""
        target = site.resolve_link(url, path)
        if reason := _reason_against_link(target, path):
            yield Diagnostic("link", path, f"{_shorten(url)} {reason}", "correct the address, or take the link out")
        elif target.fragment and target.path == path:
            own_ids = _ids(tree) if own_ids is None else own_ids
            if target.fragment not in own_ids:
                yield Diagnostic(
                    "link", path, f"{_shorten(url)}: the page has no such id", "link to the page, or add the id"
                )
        elif target.fragment and target.path:
            fragments.append((target.path, target.fragment))


def _reason_against_link(target: LinkTarget, path: str) -> str:
    """Return what is wrong with a link on the page at `path`; "" if nothing is."""
    if target.reason:
        return target.reason
    if target.scheme and target.scheme not in _OUTGOING_SCHEMES:
        return "is not an address that a reader can open"
    if target.is_absolute and path != NOT_FOUND:
        return "contains the site's address, which a copy on disk does not have"
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
