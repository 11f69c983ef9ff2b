"""Stage 6, index: the archive → the search's files, as (path, text) pairs. Writes nothing (docs/search.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from newsarchive.articles import Article, Bodies
from newsarchive.collect import Archive
from newsarchive.index.files import characters_file, manifest_file, segment_files
from newsarchive.index.segments import cut_segments
from newsarchive.index.terms import ArticleTerms, count_article_terms
from newsarchive.settings import Settings

__all__ = ["index_archive"]


def index_archive(
    archive: Archive,
    bodies: Bodies,
    settings: Settings,
    count: Callable[[Article, str], ArticleTerms] = count_article_terms,
) -> Iterator[tuple[str, str]]:
    """Every file of the index, in a fixed order. `count` may answer from what an earlier build kept."""
    described = []
    for segment in cut_segments(archive.articles):
        terms = [count(article, bodies[article.source].text) for article in segment.articles]
        said, files = segment_files(segment, terms, settings.search_shard_bytes)
        described.append(said)
        yield from files
    yield characters_file()
    yield manifest_file(described)
