"""Render article pages in any process: bytes in, bytes out."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import Environment
from msgspec import Struct

from newsarchive.cache.serialization import from_bytes
from newsarchive.i18n import Translations
from newsarchive.models import CleanHtml
from newsarchive.render.article_pages import ArticlePage, page_of
from newsarchive.render.page import render_page
from newsarchive.render.render_context import RenderContext, load_renderer
from newsarchive.render.site import Site


class PageTask(Struct, frozen=True):
    """An article page to render: `page` is an encoded ArticlePage, `body` the article's HTML in UTF-8."""

    path: str
    page: bytes
    body: bytes


class RenderedPage(Struct, frozen=True):
    """A rendered page, in UTF-8."""

    path: str
    data: bytes


def render_articles(context: RenderContext, tasks: Sequence[PageTask]) -> list[RenderedPage]:
    """Render article pages. Raises RenderError for an error in a template."""
    environment, translations = load_renderer(context)
    return [_render(task, context.site, environment, translations) for task in tasks]


def _render(task: PageTask, site: Site, environment: Environment, translations: Translations) -> RenderedPage:
    page = page_of(from_bytes(task.page, ArticlePage), CleanHtml(task.body.decode()), site, translations)
    text = render_page(page, site, environment)
    return RenderedPage(task.path, text.encode("utf-8", "replace"))
