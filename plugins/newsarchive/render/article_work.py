"""The pages of articles, as work that any process can do: bytes in, bytes out."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import Environment
from msgspec import Struct

from newsarchive.articles import CleanHtml
from newsarchive.records import from_bytes
from newsarchive.render.article_pages import ArticlePage, page_of
from newsarchive.render.kit import Kit, tools_of
from newsarchive.render.page import render_page
from newsarchive.render.site import Site
from newsarchive.render.words import Words


class PageTask(Struct, frozen=True):
    """The page of an article: what it is made of, and the body as it is kept; as bytes of `records`, and as HTML."""

    path: str
    made_from: bytes
    page: bytes
    body: bytes


class RenderedPage(Struct, frozen=True):
    """A page as it is to be written."""

    path: str
    made_from: bytes
    data: bytes


def render_articles(kit: Kit, tasks: Sequence[PageTask]) -> list[RenderedPage]:
    """The pages of articles."""
    environment, words = tools_of(kit)
    return [_render(task, kit.site, environment, words) for task in tasks]


def _render(task: PageTask, site: Site, environment: Environment, words: Words) -> RenderedPage:
    page = page_of(from_bytes(task.page, ArticlePage), CleanHtml(task.body.decode()), site, words)
    text = render_page(page, site, environment)
    return RenderedPage(task.path, task.made_from, text.encode("utf-8", "replace"))
