"""One site being built: what belongs to it from its settings to its ledger, whoever is the host."""

from __future__ import annotations

import atexit
import gc
import logging
import os
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from newsarchive.build.article_stages import Rejections
from newsarchive.build.output_writer import OutputWriter
from newsarchive.cache.build_cache import BuildCache, discard_cache
from newsarchive.cache.database import retry_after_corruption
from newsarchive.cache.serialization import to_bytes
from newsarchive.config import load_config
from newsarchive.diagnostics import ConfigurationError
from newsarchive.fs.atomic_files import write_atomically
from newsarchive.parallel.executors import WorkerPool
from newsarchive.parallel.progress import Progress
from newsarchive.render.render_context import RenderContext

if TYPE_CHECKING:
    from newsarchive.build.site_writer import CollectedSite

logger = logging.getLogger(__name__)

KEY = "NEWSARCHIVE"
"""Under this key the build travels in Pelican's settings, from `initialized` to everything later."""

# Files of the output are 644, its folders 755, whoever builds: a web server is to read them.
_UMASK = 0o022


class BuildReport(NamedTuple):
    """What the end of a build says: totals and other lines (`ledger.summary_lines`), how many articles have pages."""

    totals: str
    lines: list[tuple[str, str]]
    articles: int


class Build:
    """One site: the plan, checked once, and what belongs to the run under way."""

    writer: OutputWriter  # of the run under way
    static: Any  # Pelican's generator of static files, once it knows them
    context: RenderContext  # once it is known which sections there are
    report: BuildReport  # once all is written, or found to stand

    def __init__(self, given: dict[str, Any]) -> None:
        """`given` are Pelican's settings. Raises what `check` raises."""
        self.given = given
        self.output = Path(self.given["OUTPUT_PATH"])
        self.cache = Path(self.given["CACHE_PATH"])
        self._umask: int | None = None  # what it was before the run under way
        self.check()
        self.own_filters = tuple(sorted(self.given["JINJA_FILTERS"].items()))
        self.lunr = _read_lunr(self.config.settings.lunr_path)  # None: a site without search
        self.pool = WorkerPool(self.config.settings.executor)
        atexit.register(gc.freeze)  # else the interpreter looks through all that is left when it ends: 0.2 s
        self.article_generator: Any = None  # Pelican's, which is idle

    def check(self) -> None:
        """Read settings, rules and words. Raises ConfigurationError; StateInUse when another build is at work."""
        retry_after_corruption(self._check, lambda damage: discard_cache(self.cache, damage))
        self.is_checked = True

    def _check(self) -> None:
        self.state = BuildCache(self.cache)
        with closing(self.state):  # let go of: `pelican --listen` starts like a build and makes none
            given = {name: value for name, value in self.given.items() if name != KEY}
            self.config = load_config(given, rules_known_good=self.state.get_value("rules that are right"))
            self.translations = self.config.translations
            self.state.set_value("rules that are right", self.config.rules_digest)
            self.state.commit()

    def begin(self) -> None:
        """A run: `--autoreload` makes several with one set of settings, between which rules and words change."""
        # Nearly all that is made lives to the end: looking for garbage as often as usual is a seventh of the time.
        gc.set_threshold(100_000, 50, 1_000)
        self.end()  # of a run that failed
        if not self.is_checked:
            self._check_again()
        self.is_checked = False
        self._umask = os.umask(_UMASK)
        retry_after_corruption(self._open, self._discard)
        self.progress = Progress(sys.stdout)
        self.transient_rejections: Rejections = []
        self.collected: CollectedSite | None = None  # None: everything stands as it is
        self.stamp = b""

    def _check_again(self) -> None:
        """What is wrong is told, and the last that was right goes on: Pelican would try again at once, for ever."""
        try:
            self.check()
        except ConfigurationError as error:
            for diagnostic in error.diagnostics:
                logger.error("%s", diagnostic)

    def begin_again(self, damage: Exception, keeping: Iterable[str] = ()) -> None:
        """The state turned out to be damaged: the build goes on with a new one, and of what it did keeps files only."""
        self._discard(damage)
        self.state = BuildCache(self.cache)
        self.writer.restart(self.state, keeping)

    def _discard(self, damage: Exception) -> None:
        self.state.close()
        discard_cache(self.cache, damage)

    def _open(self) -> None:
        self.state = BuildCache(self.cache)
        self.writer = OutputWriter(self.output, self.state)

    def end(self) -> None:
        """Let go of the workers, the output and the state."""
        if self._umask is None:
            return
        self.pool.close()
        if hasattr(self, "writer"):
            self.writer.close()
        self.state.close()
        os.umask(self._umask)
        self._umask = None

    def is_up_to_date(self) -> bool:
        """True when the last build wrote just what this one would, and all of it still stands. Of filters of the user's
        own nobody can tell whether they are what they were."""
        if self.own_filters:
            return False
        ledger = self.cache / "ledger.jsonl"
        last = self.state.get_value(self._stamp_name())
        return last == self.stamp and ledger.exists() and self.writer.is_intact()

    def finish(self) -> int:
        """Delete what is stale and keep account of the rest; returns how many files went."""
        removed = self.writer.finish()
        if self.collected is not None:
            self._keep_account(self.collected)
        return removed

    def _keep_account(self, gathered: CollectedSite) -> None:
        """Write the ledger, and remember that everything stands and what is to be told of it."""
        # Only now: a build that has nothing to do needs none of it.
        from newsarchive.build.ledger import ledger_rows, ledger_text, summary_lines  # noqa: PLC0415

        rows = ledger_rows(gathered)
        write_atomically(self.cache / "ledger.jsonl", ledger_text(rows).encode("utf-8"))
        (_, totals), *lines = summary_lines(rows)
        self.report = BuildReport(totals, [*lines, *gathered.selection.summary_lines()], len(gathered.archive.articles))
        self.state.set_value("told", to_bytes(self.report))
        self.state.set_value("site", to_bytes(self.context.site))
        self.state.set_value(self._stamp_name(), self.stamp)
        self.state.commit()

    def _stamp_name(self) -> str:
        return f"stamp of {self.state.folder_key(self.output)}"


def _read_lunr(path: str) -> str | None:
    """lunr.js, relative to the working folder, or None where it is not installed."""
    try:
        return Path(path).read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
