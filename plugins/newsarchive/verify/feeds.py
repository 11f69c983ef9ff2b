"""Feeds: well-formed, as RFC 4287 and jsonfeed.org have them, and of articles that are there."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from urllib.parse import quote

from newsarchive.diagnostics import Diagnostic, NewsArchiveError
from newsarchive.fs.untrusted_files import RefusedFile
from newsarchive.verify.site import Site

ATOM = "{http://www.w3.org/2005/Atom}"
_REPAIR = "build the site again"


class NotWellFormedError(NewsArchiveError):
    """XML that no reader would take."""


def read_xml(path: str, site: Site) -> ET.Element:
    """The root of an XML file. Raises RefusedFile, or NotWellFormedError; for a DOCTYPE too, which could be a bomb."""
    data = site.read(path)
    if b"<!DOCTYPE" in data[:1_000]:
        raise NotWellFormedError("it has a DOCTYPE")
    try:
        return ET.fromstring(data)
    except ET.ParseError as error:
        raise NotWellFormedError(str(error)) from None


def check_feeds(site: Site) -> Iterator[Diagnostic]:
    """Every XML file can be read; every Atom feed and the JSON feed say what they must."""
    for path in site.ending(".xml"):
        try:
            root = read_xml(path, site)
        except NotWellFormedError as error:
            yield Diagnostic("feed", path, f"is not well-formed: {error}", _REPAIR)
            continue
        except RefusedFile as refused:
            yield refused.diagnostic
            continue
        if root.tag == f"{ATOM}feed":
            yield from _check_atom(path, root, site)
    if "feed.json" in site.sizes:
        yield from _check_json(site)
    if site.address and site.ending("/feed.xml"):  # feeds are of dated articles: of a section's, then of the site's
        for path in ("feed.xml", "feed.json"):
            if path not in site.sizes:
                yield Diagnostic("feed", path, "is missing, although there are feeds of sections", _REPAIR)


def _check_atom(path: str, feed: ET.Element, site: Site) -> Iterator[Diagnostic]:
    entries = feed.findall(f"{ATOM}entry")
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):
            if len(element.findall(ATOM + name)) != 1:
                yield Diagnostic("feed", path, f"<{element.tag.removeprefix(ATOM)}> has not one <{name}>", _REPAIR)
    own = [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
    if own != [f"{site.address}/{quote(path)}"]:
        yield Diagnostic(
            "feed", path, f"says it is at {' '.join(map(str, own)) or 'no address'}", "build with one SITEURL"
        )
    ids = [entry.findtext(f"{ATOM}id", "") for entry in entries]
    if len(set(ids)) != len(ids):
        yield Diagnostic("feed", path, "two entries have one id", _REPAIR)
    links = [link.get("href") or "" for entry in (feed, *entries) for link in entry.findall(f"{ATOM}link")]
    yield from _check_addresses(path, links, site)


def _check_json(site: Site) -> Iterator[Diagnostic]:
    try:
        feed = json.loads(site.read("feed.json"))
        links = [feed["feed_url"], feed["home_page_url"], *(item["url"] for item in feed["items"])]
    except (ValueError, KeyError, TypeError) as error:
        yield Diagnostic("feed", "feed.json", f"is no JSON Feed: {error!r}", _REPAIR)
        return
    yield from _check_addresses("feed.json", links, site)


def _check_addresses(path: str, links: list[str], site: Site) -> Iterator[Diagnostic]:
    for link in dict.fromkeys(links):
        place = site.find(link, path)
        if not place.is_absolute:
            yield Diagnostic("feed", path, f"{link} is no address of the site", "build with one SITEURL")
        elif place.reason:
            yield Diagnostic("feed", path, f"{link} {place.reason}", _REPAIR)
