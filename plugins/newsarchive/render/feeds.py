"""Feeds: Atom (RFC 4287) for the site, sections, sources and tags; a JSON Feed for the site.

Feeds of the site and of sections have whole clean texts (except very long ones), the others have summaries.

Feeds need absolute addresses and dates: a site without an address has none, and no feed has undated articles.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from io import StringIO
from itertools import islice
from typing import Any

from feedgenerator import Atom1Feed
from feedgenerator.django.utils.xmlutils import SimplerXMLGenerator

from newsarchive.collect import Archive
from newsarchive.config.settings import Settings
from newsarchive.images.image_selection import ImageSelection
from newsarchive.models import Article, Bodies
from newsarchive.render.images import ImageContext, lead_file, show_images
from newsarchive.render.list_pages import feed_of
from newsarchive.render.page import File
from newsarchive.render.site import Site

# An archive has hundreds of sources and tags: with whole texts, or with more articles of each tag, their feeds would
# take more bytes than all articles.
_TAG_FEED_MAX_ITEMS = 10

_IMAGE_WIDTH = 720  # pixels: feed readers show it beside the title

# Characters; a longer article has its summary only, because a reader of ten feeds would download it ten times.
_MAX_BODY_LENGTH = 100_000

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def feeds_of(
    archive: Archive, bodies: Bodies, site: Site, settings: Settings, selection: ImageSelection, missing: str
) -> Iterator[File]:
    """Yield all feeds of a site that has an address. `missing` is the text for images that are not stored."""
    newest = _newest(archive.articles, settings.feed_max_items)
    if not site.url or not newest:
        return
    texts = _FeedBodies(bodies, site, selection, missing)
    atom = _AtomFeeds(site, texts)
    yield atom.file(site.name, "index.html", "feed.xml", newest)
    yield File("feed.json", (newest, texts.inputs(newest)), partial(_json_feed, site, newest, texts))
    for section in (each for top in archive.sections for each in (top, *top.children)):
        if found := _newest(section.articles, settings.feed_max_items):
            name = section.name if len(section.path) == 1 else " › ".join(section.path)
            yield atom.file(name, section.url, feed_of(section.url), found, whole=len(section.path) == 1)
    for tag in archive.tags:
        if found := _newest(tag.articles, min(settings.feed_max_items, _TAG_FEED_MAX_ITEMS)):
            yield atom.file(tag.name, tag.url, feed_of(tag.url), found, whole=False)


def _newest(articles: Sequence[Article], most: int) -> list[Article]:
    return list(islice((article for article in reversed(articles) if article.date), most))


class _FeedBodies:
    """The bodies of articles as feeds show them, with absolute image addresses; "" for a body that is too long."""

    def __init__(self, bodies: Bodies, site: Site, selection: ImageSelection, missing: str) -> None:
        self.bodies, self.site, self.selection, self.missing = bodies, site, selection, missing

    def __getitem__(self, article: Article) -> str:
        body = self.bodies[article.source]
        if len(body) > _MAX_BODY_LENGTH:
            return ""
        images = ImageContext(f"{self.site.url}/", article.date, self.missing, plain=True)
        return show_images(body, self.selection.shown(article), images)

    def inputs(self, articles: Sequence[Article]) -> tuple[object, ...]:
        """Return what the bodies depend on, except the articles."""
        return (self.missing, [self.selection.shown(article) for article in articles])


class _AtomFeeds:
    """Writes Atom feeds with feedgenerator. An article's entry is the same in all of them and is written once."""

    def __init__(self, site: Site, texts: _FeedBodies) -> None:
        self.site = site
        self.texts = texts
        self._entries: dict[tuple[str, bool], str] = {}

    def file(self, name: str, page: str, own: str, articles: Sequence[Article], whole: bool = True) -> File:
        """Return the feed as a file, which is made when it is needed."""
        inputs = (name, page, articles, whole, self.texts.inputs(articles) if whole else ())
        return File(own, inputs, partial(self.feed, name, page, own, articles, whole))

    def feed(self, name: str, page: str, own: str, articles: Sequence[Article], whole: bool = True) -> str:
        title = name if name == self.site.name else f"{name} — {self.site.name}"
        newest = max(article.date for article in articles if article.date)
        head = _Head(
            title=_xml(title),
            link=f"{self.site.url}/{page}",
            feed_url=f"{self.site.url}/{own}",
            description=_xml(self.site.subtitle) or None,
            language=self.site.language,
            updated=newest,
        )
        out = StringIO()
        writer = SimplerXMLGenerator(out, "utf-8", short_empty_elements=True)
        writer.startDocument()
        writer.startElement("feed", head.root_attributes())
        head.add_root_elements(writer)
        writer.characters("\n")  # ends the tag that is still open
        return f"{out.getvalue()}{''.join(self._entry(each, whole) for each in articles)}</feed>\n"

    def _entry(self, article: Article, whole: bool) -> str:
        if (article.id, whole) not in self._entries:
            body = self.texts[article] if whole else ""
            feed = Atom1Feed("", "", "")
            address = f"{self.site.url}/{article.url}"
            feed.add_item(
                title=_xml(article.title),
                link=address,
                description=_xml(article.summary) or None,
                unique_id=address,
                pubdate=article.date,
                updateddate=article.date,
                content=_xml(body) or None,
                author_name=_xml(article.facts.byline or article.publication or self.site.name),
                categories=[_xml(tag) for tag in article.tags],
            )
            out = StringIO()
            feed.write_items(SimplerXMLGenerator(out, "utf-8", short_empty_elements=True))
            self._entries[article.id, whole] = out.getvalue() + "\n"
        return self._entries[article.id, whole]


class _Head(Atom1Feed):  # type: ignore[misc]  # feedgenerator has no type hints
    """The elements of a feed itself. Without items, the library would use the current time as the last change."""

    def latest_post_date(self) -> datetime:
        updated: datetime = self.feed["updated"]
        return updated


def _xml(text: str) -> str:
    """Remove the characters that XML 1.0 does not allow."""
    return _NOT_XML.sub("", text)


def _json_feed(site: Site, articles: Sequence[Article], texts: _FeedBodies) -> str:
    """Return a JSON Feed (version 1.1) of `articles`, newest first."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": site.name,
        "home_page_url": f"{site.url}/index.html",
        "feed_url": f"{site.url}/feed.json",
        "description": site.subtitle,
        "language": site.language,
        "items": [_json_item(article, site, texts[article]) for article in articles],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1) + "\n"


def _json_item(article: Article, site: Site, html: str) -> dict[str, Any]:
    author = article.facts.byline or article.publication
    item = {
        "id": f"{site.url}/{article.url}",
        "url": f"{site.url}/{article.url}",
        "external_url": article.facts.original_url,
        "title": article.title,
        "content_html": html,
        "summary": article.summary,
        "image": lead_file(article.lead, f"{site.url}/", _IMAGE_WIDTH) if article.lead else "",
        "date_published": article.date.isoformat(timespec="seconds") if article.date else "",
        "authors": [{"name": author}] if author else [],
        "tags": list(article.tags),
    }
    return {key: value for key, value in item.items() if value or key == "content_html"}
