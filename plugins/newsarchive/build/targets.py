"""Targets: what a build makes, what each is made from, and one function that brings them up to date.

A target whose inputs have the digests that are recorded for it, and whose files are as they were left, is current and
not made again. In the terms of Mokhov, Mitchell and Peyton Jones, *Build systems à la carte* (2018): outputs have
verifying traces, articles (`build.article_stages`) constructive ones, and equal digests are an early cutoff.

This module does not know which targets a site has: see `build.site_targets`.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from newsarchive.build.output_writer import OutputError, OutputWriter
from newsarchive.cache.build_cache import BuildCache, OutputFile, TargetRecord
from newsarchive.cache.database import CorruptCache, read_kept
from newsarchive.cache.serialization import to_bytes
from newsarchive.diagnostics import printable
from newsarchive.fs.atomic_files import SourceError, read_or_empty
from newsarchive.parallel.executors import WorkerPool, batches
from newsarchive.parallel.progress import Progress

FILE_LIST = "files.txt"
"""A file of the output with a line for each file of the site: its size and its path. It says which files are ours when
the cache does not: the cache was lost, or belongs to another folder."""

# Recorded together, before the first of them is written: pages are small, and images are not.
_MAX_WAITING_FILES, _MAX_WAITING_BYTES = 256, 16_000_000


class File(NamedTuple):
    """A file as a target makes it. `data` is text, which is written in UTF-8, bytes, or the path of a file to copy."""

    path: str  # relative to the output folder, with "/"
    data: str | bytes | Path


class Made(NamedTuple):
    """What making a target in a worker process returns."""

    files: Sequence[File]
    value: bytes = b""  # see `TargetRecord.value`


class Target(NamedTuple):
    """A file of the site, or files that are made together.

    `make` returns the files, or finer targets, such as the pages of a list. In a stage that runs in worker processes it
    returns the task for `Stage.work`.
    """

    name: str  # unique in a site; a single file's path
    inputs: Mapping[str, bytes]  # digests of all that the target is made from, by name; empty: make it in every build
    make: Callable[[], Any]
    is_group: bool = False  # `make` returns finer targets


class Stage(NamedTuple):
    """Targets that are made in the same way, under the name that progress is reported by."""

    name: str
    targets: Iterable[Target]
    work: Callable[[Sequence[Any]], Sequence[Made]] | None = None  # runs tasks in a worker process; None: made here
    batch: int = 1  # tasks that a worker takes at a time
    total: int = 0  # how many targets there are; 0: unknown
    is_written_last: bool = (
        False  # workers begin when the stage before is written, and go on beside the stages after it
    )


class TargetRunner:
    """Brings the targets of one output folder up to date, and records what they were made from."""

    def __init__(self, output: Path, cache: BuildCache) -> None:
        """Raises FolderInUse when another build is at work in `output`, CorruptCache, and OSError."""
        self.writer = OutputWriter(output)
        self.failed_copies: list[OSError] = []  # for each file that could not be copied; `filename` is the source
        self._cache, self._output = cache, output
        try:
            self._load()
        except BaseException:
            self.close()
            raise

    def _load(self) -> None:
        self._new: dict[str, TargetRecord] = {}
        self._current: set[str] = set()  # names of the targets of this build
        self._claims: dict[str, str] = {}  # path → name of the target that makes it
        self._kept_by_record: set[str] = set()  # names and paths that nothing but a record says a target consists of
        self._files_key = f"files of the last build in {self._cache.folder_key(self._output)}"
        stored = self._cache.get_value(self._files_key)
        self._left = read_kept(stored, tuple[OutputFile, ...]) if stored else ()
        self._is_complete = bool(self._left) and all(map(self.writer.is_as_left, self._left))
        if not self._is_complete:
            self._remember(self._listed_paths())

    @cached_property
    def _records(self) -> dict[str, TargetRecord]:
        """What is recorded of each target, by name. A build that has nothing to do does not read it."""
        return self._cache.targets(self._output)

    @cached_property
    def _paths(self) -> set[str]:
        paths = {file.path for record in self._records.values() for file in record.files}
        if not all(map(self.writer.is_safe, paths)):
            raise CorruptCache("a file of the output leads out of it")
        return paths

    def _listed_paths(self) -> list[str]:
        """Return the paths in `files.txt` that are on the disk with the size it gives, and its own."""
        lines = read_or_empty(os.path.join(self._output, FILE_LIST)).decode("utf-8", "replace").split("\n")
        listed = (line.partition(" ") for line in lines)
        found = sorted(path for size, _, path in listed if path and size == str(self.writer.size_of(path)))
        return [*found, FILE_LIST] if found else []

    def _remember(self, paths: Iterable[str]) -> None:
        """Record that the files at `paths` are ours, in the cache at once: a build that is killed forgets none."""
        known_paths = self._paths
        unknown = [path for path in paths if path not in known_paths]
        records = {path: TargetRecord({}, (OutputFile(path, -1, -1),)) for path in unknown if path not in self._records}
        for path in unknown:  # a target of this name is there, without this file
            if path in self._records:
                known = self._records[path]
                records[path] = TargetRecord({}, (*known.files, OutputFile(path, -1, -1)), known.targets)
        if records:
            self._cache.store_targets(self._output, records)
            self._cache.set_value(self._files_key, b"")  # there are others now, until this build has finished
            self._cache.commit()
            self._records |= records
            known_paths.update(unknown)

    def close(self) -> None:
        """Release the output folder."""
        self.writer.close()

    @property
    def known_paths(self) -> frozenset[str]:
        """The paths of all files that builds wrote here, as far as they are known."""
        return frozenset(file.path for file in self._left).union(self.__dict__.get("_paths", ()))

    @property
    def records(self) -> Mapping[str, TargetRecord]:
        """What is recorded of each target, by name."""
        return self._records

    def is_complete(self) -> bool:
        """Return True if the last build finished, and every file that it left is as it left it."""
        return self._is_complete

    def is_current(self, target: Target) -> bool:
        """Return True if a target need not be made: its inputs and its files are as they were."""
        record = self._record(target.name)
        return (
            record is not None
            and bool(record.files or record.targets)
            and bool(target.inputs)
            and record.inputs == target.inputs
            and self._is_intact(record)
            and all((finer := self._record(name)) is not None and self._is_intact(finer) for name in record.targets)
        )

    def _record(self, name: str) -> TargetRecord | None:
        """Return what is recorded of a target. Before all records are read, look it up."""
        return self._records.get(name) if "_records" in self.__dict__ else self._cache.target(self._output, name)

    def _is_intact(self, record: TargetRecord) -> bool:
        return all(map(self.writer.is_as_left, record.files))

    def value_of(self, name: str) -> bytes:
        """Return the value of a target that this build has made or kept. Raises CorruptCache if it has none."""
        record = self._new.get(name) or self._records.get(name)
        if record is None:
            raise CorruptCache(f"nothing is known of {name}")
        return record.value

    def run(self, stages: Iterable[Stage], pool: WorkerPool, progress: Progress) -> None:
        """Make all targets that are not current, in the order of the stages.

        Raises OutputError when two targets make the same file, or one makes a file outside of the output folder.
        """
        last = []
        if self._is_complete and self._paths != {file.path for file in self._left}:  # rows are damaged
            self._remember(self._listed_paths())
        for stage in stages:
            made = self._make(stage, pool)
            if stage.is_written_last:
                last.append((stage, made))
            else:
                self._write(stage, made, progress)
        for stage, made in last:
            self._write(stage, made, progress)

    def _make(self, stage: Stage, pool: WorkerPool) -> Iterator[tuple[Target, Made]]:
        """Return the targets that are not current, with what is made of them. Workers have begun when this returns."""
        if stage.work is None:
            return self._make_here(stage.targets)
        pending: deque[Target] = deque()

        def tasks() -> Iterator[Any]:
            for target in stage.targets:
                if not self._keep(target):
                    pending.append(target)
                    yield target.make()

        run = pool.submit_all if stage.is_written_last else pool.map
        results = run(stage.work, batches(tasks(), stage.batch))
        return ((pending.popleft(), made) for batch in results for made in batch)

    def _make_here(self, targets: Iterable[Target]) -> Iterator[tuple[Target, Made]]:
        for target in targets:
            if self._keep(target):
                continue
            finer = []
            for part in target.make():
                if isinstance(part, Target):
                    finer.append(part.name)
                    yield from self._make_here([part])
                else:
                    yield target, Made([part])
            if finer:
                self._new[target.name] = TargetRecord(dict(target.inputs), (), tuple(finer))

    def _keep(self, target: Target) -> bool:
        """Count a target as one of this build; return True if it is current."""
        self._count(target.name)
        if not self.is_current(target):
            return False
        finer = self._records[target.name].targets
        claims = [(file.path, name) for name in (target.name, *finer) for file in self._records[name].files]
        if not self._are_free(finer, claims):  # a wrong record, or two pages of one path: making it shows
            return False
        self._current.update(finer)
        self._claims.update(claims)
        self._kept_by_record.update(finer, (path for path, name in claims if path != name))
        return True

    def _are_free(self, names: Sequence[str], claims: Sequence[tuple[str, str]]) -> bool:
        """Return True if no other target of this build has one of these names or files."""
        paths = [path for path, _ in claims]
        return (
            self._current.isdisjoint(names)
            and self._claims.keys().isdisjoint(paths)
            and len({*names}) == len(names)
            and len({*paths}) == len(paths)
        )

    def _count(self, name: str) -> None:
        if name in self._current:
            raise self._conflict(name)
        self._current.add(name)

    def _claim(self, path: str, name: str) -> None:
        if not self.writer.is_safe(path):
            raise OutputError(f"{printable(path)}: leads out of the output folder — give the page another address")
        if self._claims.setdefault(path, name) != name:
            raise self._conflict(path)

    def _conflict(self, path: str) -> OutputError | CorruptCache:
        """Return the error for a path that two targets make. If a record alone says so of one, the cache is damaged."""
        if path in self._kept_by_record:
            return CorruptCache(f"{printable(path)}: a target has the file of another")
        return OutputError(f"{printable(path)}: two pages want this file — give one of them another address")

    def _write(self, stage: Stage, made: Iterator[tuple[Target, Made]], progress: Progress) -> None:
        waiting: list[tuple[Target, Made]] = []
        files = size = 0
        for target, each in progress.each(stage.name, made, stage.total):
            for file in each.files:
                self._claim(file.path, target.name)
                files += 1
                size += 0 if isinstance(file.data, Path) else len(file.data)
            waiting.append((target, each))
            if files >= _MAX_WAITING_FILES or size >= _MAX_WAITING_BYTES:
                self._flush(waiting)
                files = size = 0
        self._flush(waiting)

    def _flush(self, waiting: list[tuple[Target, Made]]) -> None:
        """Write what waits, after recording which new files are ours."""
        self._remember(file.path for _, made in waiting for file in made.files)
        for target, made in waiting:
            files = tuple(filter(None, map(self._put, made.files)))
            # A target with a file that could not be copied is made again in the next build.
            inputs = dict(target.inputs) if len(files) == len(made.files) else {}
            if before := self._new.get(target.name):  # the target is made of several parts
                files = (*before.files, *files)
            self._new[target.name] = TargetRecord(inputs, files, (), made.value)
        waiting.clear()

    def _put(self, file: File) -> OutputFile | None:
        """Write a file; return None for one whose source cannot be read."""
        if isinstance(file.data, str):
            return self.writer.write(file.path, file.data.encode("utf-8", "replace"))
        if isinstance(file.data, bytes):
            return self.writer.write(file.path, file.data)
        return self._copy(file.path, file.data)

    def _copy(self, path: str, source: Path) -> OutputFile | None:
        try:
            return self.writer.copy(path, source)
        except SourceError as error:
            self.failed_copies.append(OSError(error.errno, error.strerror, str(source)))
        del self._claims[path]
        if self.writer.size_of(path) < 0:  # it was never there, so it is not deleted
            self._paths.discard(path)
        return None

    def stale_targets(self) -> frozenset[str]:
        """Return the names of the targets that earlier builds made and this one has not."""
        return frozenset(self._records.keys() - self._current - {FILE_LIST})

    def finish(self, stale: frozenset[str]) -> tuple[int, int]:
        """Delete the files of the targets `stale`, and those that a target no longer makes; record the build.

        Returns how many files were deleted, and how many bytes the site has.
        """
        records = {name: record for name, record in self._records.items() if name not in stale} | self._new
        kept = {file.path: file for record in records.values() for file in record.files if file.path in self._claims}
        unclaimed = self._paths - kept.keys() - {FILE_LIST}
        self._write_list(kept, is_unchanged=not (unclaimed or self.writer.written or self._new))
        for path in sorted(unclaimed):
            self.writer.delete(path)
        self._cache.store_targets(self._output, self._new)
        self._cache.forget_targets(self._output, stale - self._new.keys())
        list_record = self._new.get(FILE_LIST) or records[FILE_LIST]
        self._cache.set_value(self._files_key, to_bytes([*kept.values(), *list_record.files]))
        self._cache.commit()
        return len(unclaimed), sum(file.size for file in kept.values())

    def _write_list(self, files: Mapping[str, OutputFile], is_unchanged: bool) -> None:
        record = self._records.get(FILE_LIST)
        if is_unchanged and record is not None and self._is_intact(record):
            return
        lines = [f"{files[path].size} {path}\n" for path in sorted(files) if "\n" not in path]
        self._remember([FILE_LIST])
        written = self.writer.write(FILE_LIST, "".join(lines).encode("utf-8", "replace"))
        self._new[FILE_LIST] = TargetRecord({}, (written,))
