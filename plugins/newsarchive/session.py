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

from newsarchive.checked import check_settings
from newsarchive.databases import despite_damage
from newsarchive.disk import write_whole
from newsarchive.executors import Workers
from newsarchive.problems import ConfigurationError
from newsarchive.progress import Progress
from newsarchive.publish import Publisher
from newsarchive.records import to_bytes
from newsarchive.render.kit import Kit
from newsarchive.state import BuildState, discard_state
from newsarchive.update import Rejections

if TYPE_CHECKING:
    from newsarchive.build import Gathered

logger = logging.getLogger(__name__)

KEY = "NEWSARCHIVE"
"""Under this key the build travels in Pelican's settings, from `initialized` to everything later."""

# Files of the output are 644, its folders 755, whoever builds: a web server is to read them.
_UMASK = 0o022


class Told(NamedTuple):
    """What the end of a build says: its lines (`ledger.summary_lines`), and how many articles have pages."""

    lines: list[tuple[str, str]]
    articles: int


class Build:
    """One site: the plan, checked once, and what belongs to the run under way."""

    publisher: Publisher  # of the run under way
    static: Any  # Pelican's generator of static files, once it knows them
    kit: Kit  # once it is known which sections there are
    told: Told  # once all is written, or found to stand

    def __init__(self, given: dict[str, Any]) -> None:
        """`given` are Pelican's settings. Raises what `check` raises."""
        self.given = given
        self.output = Path(self.given["OUTPUT_PATH"])
        self.cache = Path(self.given["CACHE_PATH"])
        self._umask: int | None = None  # what it was before the run under way
        self.check()
        self.own_filters = tuple(sorted(self.given["JINJA_FILTERS"].items()))
        self.lunr = _read_lunr(self.plan.settings.lunr_path)  # None: a site without search
        self.workers = Workers(self.plan.settings.executor)
        atexit.register(gc.freeze)  # else the interpreter looks through all that is left when it ends: 0.2 s
        self.article_generator: Any = None  # Pelican's, which is idle

    def check(self) -> None:
        """Read settings, rules and words. Raises ConfigurationError; StateInUse when another build is at work."""
        despite_damage(self._check, lambda damage: discard_state(self.cache, damage))
        self.is_checked = True

    def _check(self) -> None:
        self.state = BuildState(self.cache)
        with closing(self.state):  # let go of: `pelican --listen` starts like a build and makes none
            given = {name: value for name, value in self.given.items() if name != KEY}
            self.plan, self.words = check_settings(given, self.state)
            self.state.save()

    def begin(self) -> None:
        """A run: `--autoreload` makes several with one set of settings, between which rules and words change."""
        # Nearly all that is made lives to the end: looking for garbage as often as usual is a seventh of the time.
        gc.set_threshold(100_000, 50, 1_000)
        self.end()  # of a run that failed
        if not self.is_checked:
            self._check_again()
        self.is_checked = False
        self._umask = os.umask(_UMASK)
        despite_damage(self._open, self._discard)
        self.progress = Progress(sys.stdout)
        self.passing: Rejections = []
        self.gathered: Gathered | None = None  # None: everything stands as it is
        self.stamp = b""

    def _check_again(self) -> None:
        """What is wrong is told, and the last that was right goes on: Pelican would try again at once, for ever."""
        try:
            self.check()
        except ConfigurationError as error:
            for problem in error.problems:
                logger.error("%s", problem)

    def begin_again(self, damage: Exception, keeping: Iterable[str] = ()) -> None:
        """The state turned out to be damaged: the build goes on with a new one, and of what it did keeps files only."""
        self._discard(damage)
        self.state = BuildState(self.cache)
        self.publisher.begin_again(self.state, keeping)

    def _discard(self, damage: Exception) -> None:
        self.state.close()
        discard_state(self.cache, damage)

    def _open(self) -> None:
        self.state = BuildState(self.cache)
        self.publisher = Publisher(self.output, self.state)

    def end(self) -> None:
        """Let go of the workers, the output and the state."""
        if self._umask is None:
            return
        self.workers.close()
        if hasattr(self, "publisher"):
            self.publisher.close()
        self.state.close()
        os.umask(self._umask)
        self._umask = None

    def is_up_to_date(self) -> bool:
        """True when the last build wrote just what this one would, and all of it still stands. Of filters of the user's
        own nobody can tell whether they are what they were."""
        if self.own_filters:
            return False
        ledger = self.cache / "ledger.jsonl"
        last = self.state.fact(self._stamp_name())
        return last == self.stamp and ledger.exists() and self.publisher.is_intact()

    def keep_account(self, gathered: Gathered) -> None:
        """Write the ledger, and remember that everything stands and what is to be told of it."""
        # Only now: a build that has nothing to do needs none of it.
        from newsarchive.ledger import ledger_rows, ledger_text, summary_lines  # noqa: PLC0415

        rows = ledger_rows(gathered)
        write_whole(self.cache / "ledger.jsonl", ledger_text(rows).encode("utf-8"))
        self.told = Told([*summary_lines(rows), *gathered.album.told()], len(gathered.archive.articles))
        self.state.set_fact("told", to_bytes(self.told))
        self.state.set_fact("site", to_bytes(self.kit.site))
        self.state.set_fact(self._stamp_name(), self.stamp)
        self.state.save()

    def _stamp_name(self) -> str:
        return f"stamp of {self.state.name_of(self.output)}"


def _read_lunr(path: str) -> str | None:
    """lunr.js, relative to the working folder, or None where it is not installed."""
    try:
        return Path(path).read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
