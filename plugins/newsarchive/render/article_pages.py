"""The pages of articles. They depend on little: their own record, their neighbours, older articles, and the sections
they stand in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from newsarchive.articles import Bodies
from newsarchive.collect import Archive
from newsarchive.collect.archive import Neighbours
from newsarchive.collect.sections import UNCATEGORISED
from newsarchive.describe.tags import tag_key
from newsarchive.render.annotate import annotate
from newsarchive.render.citations import cite
from newsarchive.render.page import Page
from newsarchive.render.site import Link, Site
from newsarchive.render.structured_data import news_article
from newsarchive.render.words import Words

_DESCRIPTION = 45  # characters: about what search engines show


def article_pages(archive: Archive, bodies: Bodies, site: Site, words: Words) -> Iterator[Page]:
    """The page of every article."""
    sections = {section.path: Link(section.name, section.url) for top in archive.sections for section in top.walk()}
    tag_urls = {tag_key(tag.name): tag.url for tag in archive.tags}
    picture = words.say("Picture")
    alone = Neighbours(None, None)
    for article in archive.articles:
        html, contents = annotate(bodies[article.source].html, picture)
        context = {
            "article": article,
            "html": html,
            "contents": contents,
            "language": foreign_language(article.language, site.language),
            "description": _shorten(article.summary),
            "tags": [Link(tag, tag_urls.get(tag_key(tag), "")) for tag in article.tags],
            "also_in": [_trail(categories, sections) for categories in article.also_in],
            "neighbours": archive.neighbours.get(article.id, alone),
            "earlier": archive.earlier.get(article.id, ()),
            "show_lead": article.lead is not None and not article.has_picture,
            "structured_data": news_article(article),
            "citation": cite(article, site),
        }
        trail = _trail(article.categories or (UNCATEGORISED,), sections)
        yield Page(article.url, "article.html", article.title, context, trail)


def foreign_language(language: str, site_language: str) -> str:
    """A text's language for its `lang`, "" where it is the site's own or not known."""
    own = _SCRIPTS.get(site_language, site_language)
    return "" if language in {own, own.partition("-")[0]} else language


_SCRIPTS = {"zh": "zh-Hans", "zh-CN": "zh-Hans", "zh-SG": "zh-Hans", "zh-TW": "zh-Hant", "zh-HK": "zh-Hant"}


def _trail(categories: Sequence[str], sections: Mapping[tuple[str, ...], Link]) -> list[Link]:
    """The sections on the way to an article, as many as have pages."""
    paths = [tuple(categories[:depth]) for depth in range(1, len(categories) + 1)]
    return [sections[path] for path in paths if path in sections]


def _shorten(summary: str) -> str:
    return summary if len(summary) <= _DESCRIPTION else summary[: _DESCRIPTION - 1].rstrip("，,；;、 ") + "…"
