"""Article pages, and the values that each is rendered from.

A page depends on little: its own record, its neighbours, older articles, and its sections. All of that is one small
value, an ArticlePage, so that any worker can render the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from newsarchive.cache.serialization import to_bytes
from newsarchive.collect import Archive
from newsarchive.collect.archive import Neighbours
from newsarchive.describe.tags import tag_key
from newsarchive.i18n import Translations
from newsarchive.images.image_selection import ImageSelection, Shown
from newsarchive.models import UNCATEGORISED, Article, CleanHtml
from newsarchive.render.annotate import annotate
from newsarchive.render.citations import cite
from newsarchive.render.environment import one_line
from newsarchive.render.images import ImageContext, missing_image_text, show_images
from newsarchive.render.page import Page
from newsarchive.render.site import Link, Site, root_of
from newsarchive.render.structured_data import news_article


class Mention(Struct, frozen=True):
    """Another article that a page links to."""

    title: str
    url: str
    date: datetime | None


class SectionNeighbours(Struct, frozen=True):
    """The previous and the next article of the same section."""

    earlier: Mention | None
    later: Mention | None


class ArticlePage(Struct, frozen=True):
    """Everything an article page is rendered from, except the article's body."""

    article: Article
    trail: tuple[Link, ...]
    tags: tuple[Link, ...]
    also_in: tuple[tuple[Link, ...], ...]
    neighbours: SectionNeighbours
    related: tuple[Mention, ...]
    images: Shown = field(default_factory=dict)


class ArticlePages:
    """The inputs of all article pages as bytes, without the articles themselves; `join_page_inputs` adds those.

    They are joined from parts that are encoded once. To find the ten pages that changed among 10,000 must not cost more
    than rendering the ten.
    """

    def __init__(self, archive: Archive, selection: ImageSelection | None = None) -> None:
        self.archive = archive
        self.selection = selection or ImageSelection()
        self._sections = {
            section.path: Link(section.name, section.url) for top in archive.sections for section in top.walk()
        }
        self._tag_urls = {tag_key(tag.name): tag.url for tag in archive.tags}
        self._mentions = {each.id: to_bytes(Mention(each.title, each.url, each.date)) for each in archive.articles}
        self._trails: dict[tuple[str, ...], bytes] = {}
        self._tags: dict[str, bytes] = {}

    def __iter__(self) -> Iterator[tuple[Article, bytes]]:
        """Yield (article, the other inputs of its page)."""
        no_neighbours = Neighbours(None, None)
        for article in self.archive.articles:
            beside = self.archive.neighbours.get(article.id, no_neighbours)
            parts = (
                b'"trail":',
                self._trail(article.categories or (UNCATEGORISED,)),
                b',"tags":[',
                b",".join([self._tag(tag) for tag in article.tags]),
                b'],"also_in":[',
                b",".join([self._trail(categories) for categories in article.also_in]),
                b'],"neighbours":{"earlier":',
                self._mentions[beside.earlier.id] if beside.earlier else b"null",
                b',"later":',
                self._mentions[beside.later.id] if beside.later else b"null",
                b'},"related":[',
                b",".join([self._mentions[other.id] for other in self.archive.related.get(article.id, ())]),
                b'],"images":',
                _NO_IMAGES if self.selection.is_empty else to_bytes(self.selection.shown(article)),
                b"}",
            )
            yield article, b"".join(parts)

    def _trail(self, categories: tuple[str, ...]) -> bytes:
        """Return links to the sections that lead to an article, as far as they have pages."""
        if categories not in self._trails:
            paths = [categories[:depth] for depth in range(1, len(categories) + 1)]
            self._trails[categories] = to_bytes([self._sections[path] for path in paths if path in self._sections])
        return self._trails[categories]

    def _tag(self, tag: str) -> bytes:
        if tag not in self._tags:
            self._tags[tag] = to_bytes(Link(tag, self._tag_urls.get(tag_key(tag), "")))
        return self._tags[tag]


_NO_IMAGES = to_bytes({})


def join_page_inputs(article: Article, beside: bytes) -> bytes:
    """Return the bytes of an ArticlePage."""
    return b'{"article":' + to_bytes(article) + b"," + beside


def page_of(made_of: ArticlePage, html: CleanHtml, site: Site, translations: Translations) -> Page:
    """Return the page of an article whose body is `html`."""
    article = made_of.article
    annotated, contents = annotate(html, translations.gettext("Image"))
    image_context = ImageContext(root_of(article.url, site), article.date, missing_image_text(translations))
    context: dict[str, Any] = {
        "article": article,
        "html": show_images(annotated, made_of.images, image_context),
        "contents": contents,
        "language": foreign_language(article.language, site.language),
        "description": one_line(article.summary),
        "tags": made_of.tags,
        "also_in": made_of.also_in,
        "neighbours": made_of.neighbours,
        "related": made_of.related,
        "show_lead": article.lead is not None and not article.has_image,
        "structured_data": news_article(article),
        "citation": cite(article, site),
    }
    return Page(article.url, "article.html", article.title, context, made_of.trail)


def foreign_language(language: str, site_language: str) -> str:
    """Return the `lang` of a text; "" if it is the site's own language or unknown."""
    own = _SCRIPTS.get(site_language, site_language)
    return "" if language in {own, own.partition("-")[0]} else language


_SCRIPTS = {"zh": "zh-Hans", "zh-CN": "zh-Hans", "zh-SG": "zh-Hans", "zh-TW": "zh-Hant", "zh-HK": "zh-Hant"}
