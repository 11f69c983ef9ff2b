"""The articles as data: `catalog.jsonl`, one JSON object for each (docs/ledger.md)."""

from __future__ import annotations

from functools import partial

from newsarchive.cache.serialization import to_lines
from newsarchive.collect import Archive
from newsarchive.models import Article
from newsarchive.render.page import File


def catalog_file(archive: Archive) -> File:
    """Return the catalogue of all articles, in the order of the archive."""
    return File("catalog.jsonl", (archive.articles,), partial(_catalog, archive))


def _catalog(archive: Archive) -> str:
    return to_lines([_catalog_line(article) for article in archive.articles]).decode()


def _catalog_line(article: Article) -> dict[str, object]:
    return {
        "title": article.title,
        "url": article.url,
        "date": article.date.isoformat(timespec="seconds") if article.date else None,
        "categories": article.categories,
        "tags": article.tags,
        "source": article.publication,
    }
