"""A content folder as one value, as a build sees it: for tests and benchmarks that need no site."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from newsarchive.articles import CleanHtml
from newsarchive.build import Gathered, collect_kept
from newsarchive.clean.seal import text_of
from newsarchive.executors import SERIAL, Workers
from newsarchive.pictures.stock import Stock
from newsarchive.plan import Plan, rules_of
from newsarchive.progress import Progress
from newsarchive.settings import Settings
from newsarchive.state import BuildState
from newsarchive.update import update_articles


def text_of_body(html: str) -> str:
    """The words of an article's body, a line a block."""
    return "\n".join(filter(None, (text_of(CleanHtml(block)) for block in html.split("\n"))))


def gather(content: Path, settings: Settings | None = None) -> Gathered:
    """The articles of `content` with their bodies, in memory."""
    settings = settings or Settings()
    folders, rules = rules_of(content, settings)
    left_out = ("pages", "images", settings.rules_path)
    plan = Plan(content, settings, ZoneInfo("Asia/Shanghai"), folders, rules, left_out=left_out)
    progress = Progress()
    with TemporaryDirectory() as cache, closing(BuildState(Path(cache))) as state:
        passing = update_articles(plan, state, Workers(SERIAL), progress)
        gathered = collect_kept(plan, state, passing, Stock(), Workers(SERIAL), progress)
        bodies = {article.source: gathered.bodies[article.source] for article in gathered.articles}
        return replace(gathered, bodies=bodies)
