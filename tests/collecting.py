"""A content folder as one value, as a build sees it: for tests and benchmarks that need no site."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from newsarchive.build.article_stages import update_articles
from newsarchive.build.site_writer import CollectedSite, collect_site
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
    progress = Progress()
    with TemporaryDirectory() as cache, closing(BuildCache(Path(cache))) as state:
        passing = update_articles(config, state, WorkerPool(SERIAL), progress)
        gathered = collect_site(config, state, passing, StoredFiles(), WorkerPool(SERIAL), progress)
        bodies = {article.source: gathered.bodies[article.source] for article in gathered.articles}
        return replace(gathered, bodies=bodies)
