"""Writes the output: each file whole or not at all, none without need, and deletes only what an earlier build wrote."""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing
from pathlib import Path, PurePosixPath

from newsarchive.problems import NewsArchiveError

logger = logging.getLogger(__name__)


class OutputError(NewsArchiveError):
    """Two pages want the same file, or a file outside the output folder."""


class Publisher:
    """Writes files below `output`; `state` remembers between builds which ones are ours."""

    def __init__(self, output: Path, state: BuildState) -> None:
        self.output = output
        self.state = state
        self.written = 0  # files whose bytes changed
        self._ours: set[str] = set()
        self._folders: set[Path] = set()

    def write(self, path: str, text: str) -> None:
        """Put `text` at `path` (relative, with "/"), unless it stands there already.

        Raises OutputError when another page of this build is at the same path, or it leads out of the output folder.
        """
        self.adopt(path)
        target, data = self.output / path, text.encode("utf-8", "replace")
        if target.parent not in self._folders:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(target.parent)
        if _holds(target, data):
            return
        write_whole(target, data)
        self.written += 1

    def adopt(self, path: str) -> None:
        """Count a file as this build's; raises OutputError as `write` does."""
        parts = PurePosixPath(path).parts
        if not parts or PurePosixPath(path).is_absolute() or ".." in parts:
            raise OutputError(f"{path}: leads out of the output folder — give the page another address")
        if path in self._ours:
            raise OutputError(f"{path}: two pages want this file — give one of them another address")
        self._ours.add(path)

    def remove_stale(self) -> int:
        """Delete what earlier builds wrote here and this one did not; returns how many files went."""
        stale = self.state.outputs(self.output) - self._ours
        for path in sorted(stale):
            (self.output / path).unlink(missing_ok=True)
            self._remove_empty_folders((self.output / path).parent)
        self.state.remember_outputs(self.output, self._ours)
        return len(stale)

    def _remove_empty_folders(self, folder: Path) -> None:
        while folder != self.output and self.output in folder.parents:
            try:
                folder.rmdir()
            except OSError:  # not empty, or gone already
                return
            folder = folder.parent


def write_whole(target: Path, data: bytes) -> None:
    """Write beside the target, then move into place: readers see the old file or the new one, never half of one."""
    beside = target.with_name(f".{target.name[:100]}.{os.getpid()}.part")
    try:
        beside.write_bytes(data)
        os.replace(beside, target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _holds(target: Path, data: bytes) -> bool:
    try:
        return target.stat().st_size == len(data) and target.read_bytes() == data
    except OSError:
        return False


class BuildState:
    """What builds remember, in `build.sqlite` in the cache folder. Deleting it costs time, and nothing else."""

    def __init__(self, cache: Path) -> None:
        cache.mkdir(parents=True, exist_ok=True)
        self._path = cache / "build.sqlite"
        if self._path.exists() and not self._is_sound():
            logger.warning("%s: not a build state — starting with a new one", self._path)
            self._path.unlink()
        if not self._path.exists():
            self._create()

    def _is_sound(self) -> bool:
        try:
            with closing(sqlite3.connect(self._path)) as connection:
                connection.execute("SELECT folder, path FROM outputs LIMIT 1")
                (verdict,) = connection.execute("PRAGMA quick_check").fetchone()
                return bool(verdict == "ok")
        except sqlite3.DatabaseError as error:
            # Another build may be at it: what is in use is not broken.
            return "locked" in str(error) or "busy" in str(error)

    def _create(self) -> None:
        with closing(sqlite3.connect(self._path)) as connection, connection:
            connection.execute("CREATE TABLE outputs (folder TEXT, path TEXT, PRIMARY KEY (folder, path))")

    def outputs(self, folder: Path) -> set[str]:
        """Paths of the files that earlier builds wrote below `folder`."""
        with closing(sqlite3.connect(self._path)) as connection:
            rows = connection.execute("SELECT path FROM outputs WHERE folder = ?", (str(folder.resolve()),))
            return {path for (path,) in rows}

    def remember_outputs(self, folder: Path, paths: set[str]) -> None:
        """Keep which files this build wrote below `folder`, in place of what was known before."""
        key = str(folder.resolve())
        with closing(sqlite3.connect(self._path)) as connection, connection:
            connection.execute("DELETE FROM outputs WHERE folder = ?", (key,))
            connection.executemany("INSERT INTO outputs VALUES (?, ?)", [(key, path) for path in sorted(paths)])
