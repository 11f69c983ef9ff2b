"""A content folder as one value, as a build sees it: for tests and benchmarks that need no site."""

from __future__ import annotations

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
from newsarchive.config.build_config import BuildConfig, rules_of
from newsarchive.config.settings import Settings
from newsarchive.images.stored_files import StoredFiles
from newsarchive.models import CleanHtml
from newsarchive.parallel.executors import SERIAL, WorkerPool
from newsarchive.parallel.progress import Progress


def text_of_body(html: str) -> str:
    """The words of an article's body, a line a block."""
    return "\n".join(filter(None, (text_of(CleanHtml(block)) for block in html.split("\n"))))


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
