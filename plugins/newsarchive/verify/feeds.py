"""Check feeds: Atom (RFC 4287) and JSON Feed (jsonfeed.org), and that their links lead to pages of the site."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from urllib.parse import quote

from newsarchive.diagnostics import Diagnostic, NewsArchiveError
from newsarchive.fs.untrusted_files import RefusedFile
from newsarchive.verify.site import Site

ATOM = "{http://www.w3.org/2005/Atom}"
_HINT = "build the site again"


class NotWellFormedError(NewsArchiveError):
    """XML that a feed reader would reject."""


def read_xml(path: str, site: Site) -> ET.Element:
    """Return the root element of an XML file.

    Raises RefusedFile, or NotWellFormedError, also for a DOCTYPE: its entities could expand to gigabytes
    ("billion laughs").
    """
    data = site.read(path)
    if b"<!DOCTYPE" in data[:1_000]:
        raise NotWellFormedError("it has a DOCTYPE")
    try:
        return ET.fromstring(data)
    except ET.ParseError as error:
        raise NotWellFormedError(str(error)) from None


def check_feeds(site: Site) -> Iterator[Diagnostic]:
    """Check that every XML file is well-formed, and that Atom feeds and feed.json have the required elements."""
    for path in site.ending(".xml"):
        try:
            root = read_xml(path, site)
        except NotWellFormedError as error:
            yield Diagnostic("feed", path, f"is not well-formed: {error}", _HINT)
            continue
        except RefusedFile as refused:
            yield refused.diagnostic
            continue
        if root.tag == f"{ATOM}feed":
            yield from _check_atom(path, root, site)
    if "feed.json" in site.sizes:
        yield from _check_json(site)
    if site.address and site.ending("/feed.xml"):  # the articles in the feed of a section are in the site's feed too
        for path in ("feed.xml", "feed.json"):
            if path not in site.sizes:
                yield Diagnostic("feed", path, "is missing, although there are feeds of sections", _HINT)


def _check_atom(path: str, feed: ET.Element, site: Site) -> Iterator[Diagnostic]:
    entries = feed.findall(f"{ATOM}entry")
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):
            if len(element.findall(ATOM + name)) != 1:
                yield Diagnostic("feed", path, f"<{element.tag.removeprefix(ATOM)}> needs exactly one <{name}>", _HINT)
    own = [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
    if own != [f"{site.address}/{quote(path)}"]:
        yield Diagnostic(
            "feed", path, f"its self link is {' '.join(map(str, own)) or 'missing'}", "build with one SITEURL"
        )
    ids = [entry.findtext(f"{ATOM}id", "") for entry in entries]
    if len(set(ids)) != len(ids):
        yield Diagnostic("feed", path, "two entries have the same id", _HINT)
    links = [link.get("href") or "" for entry in (feed, *entries) for link in entry.findall(f"{ATOM}link")]
    yield from _check_addresses(path, links, site)


def _check_json(site: Site) -> Iterator[Diagnostic]:
    try:
        feed = json.loads(site.read("feed.json"))
        links = [feed["feed_url"], feed["home_page_url"], *(item["url"] for item in feed["items"])]
    except (ValueError, KeyError, TypeError) as error:
        yield Diagnostic("feed", "feed.json", f"is not a JSON Feed: {error!r}", _HINT)
        return
    yield from _check_addresses("feed.json", links, site)


def _check_addresses(path: str, links: list[str], site: Site) -> Iterator[Diagnostic]:
    for link in dict.fromkeys(links):
        target = site.resolve_link(link, path)
        if not target.is_absolute:
            yield Diagnostic("feed", path, f"{link} is not an address of the site", "build with one SITEURL")
        elif target.reason:
            yield Diagnostic("feed", path, f"{link} {target.reason}", _HINT)
