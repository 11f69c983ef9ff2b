"""Articles and the search index as values, as a build makes them: for tests and benchmarks that need no site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from newsarchive.build.article_stages import update_articles
from newsarchive.build.collect_site import CollectedSite, collect_site
from newsarchive.build.context import BuildContext
from newsarchive.cache.build_cache import BuildCache
from newsarchive.clean.assemble import text_of
from newsarchive.collect import Archive
from newsarchive.config.build_config import BuildConfig, rules_of
from newsarchive.config.settings import Settings
from newsarchive.images.stored_files import StoredFiles
from newsarchive.index import build_segment, common_files, segment_task, split_segments
from newsarchive.index.files import File
from newsarchive.index.terms import count_article_terms
from newsarchive.models import Article, CleanHtml
from newsarchive.parallel.executors import SERIAL, WorkerPool
from newsarchive.parallel.progress import Progress


def text_of_body(html: str) -> str:
    """The words of an article's body, a line a block."""
    return "\n".join(filter(None, (text_of(CleanHtml(block)) for block in html.split("\n"))))


def index_files(archive: Archive, texts: Mapping[str, str], settings: Settings) -> Iterator[File]:
    """Yield every file of the index as (path, text); `texts` maps the path of each article to the text of its body."""

    def count_terms(articles: Sequence[Article]) -> list[bytes]:
        return count_article_terms(articles, [texts[article.source] for article in articles])

    entries = []
    for segment in split_segments(archive.articles):
        entry, files = build_segment(segment_task(segment, count_terms, settings))
        entries.append(entry)
        yield from files
    yield from common_files(entries)


def gather(content: Path, settings: Settings | None = None) -> CollectedSite:
    """The articles of `content` with their bodies, in memory."""
    settings = settings or Settings()
    folders, rules = rules_of(content, settings)
    left_out = ("pages", "images", settings.rules_path)
    config = BuildConfig(content, settings, ZoneInfo("Asia/Shanghai"), folders, rules, exclude=left_out)
    with TemporaryDirectory() as folder, closing(BuildCache(Path(folder))) as cache:
        build = BuildContext(config, cache, WorkerPool(SERIAL), Progress(), StoredFiles())
        collected = collect_site(build, update_articles(build))
        bodies = {article.source: collected.bodies[article.source] for article in collected.articles}
        return replace(collected, bodies=bodies)
