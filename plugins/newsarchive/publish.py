"""Writes the output: each file whole or not at all, none without need, and deletes only what an earlier build wrote."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from newsarchive.problems import NewsArchiveError
from newsarchive.records import from_bytes, to_bytes
from newsarchive.state import BuildState, OutputRecord

# Announced together, before the first of them is written: files, and bytes, for pages are small and pictures are not.
_AT_ONCE, _BYTES_AT_ONCE = 256, 16_000_000


class OutputError(NewsArchiveError):
    """Two pages want the same file, or a file outside the output folder."""


class Publisher:
    """Writes files below `output`; `state` remembers between builds which ones are ours, and what they were made of."""

    def __init__(self, output: Path, state: BuildState) -> None:
        self.output = output
        self.state = state
        self.written = 0  # files whose bytes changed
        self.size = 0  # bytes of all files of this build, when it is finished
        self._known = state.outputs(output)
        self._there = {path: (size, modified) for path, size, modified in scan_files(output)}
        self._is_first = not self._known and not self._there  # nobody reads here yet
        self._new: dict[str, OutputRecord] = {}
        self._groups_kept = f"groups of {state.name_of(output)}"
        kept = state.fact(self._groups_kept)
        self._known_groups = from_bytes(kept, dict[str, str]) if kept else {}
        self._groups: dict[str, str] = {}
        self._ours: set[str] = set()
        self._waiting: list[tuple[str, bytes, bytes]] = []
        self._bytes_waiting = 0
        self._folders: set[str] = {""}
        self._beside = output / f".newsarchive-{os.getpid()}.part"
        output.mkdir(parents=True, exist_ok=True)
        for leftover in output.glob(".newsarchive-*.part"):  # of a build that was killed
            leftover.unlink(missing_ok=True)

    def begin_again(self, state: BuildState, keeping: Iterable[str]) -> None:
        """The state was damaged, and `state` is a new one: which files are ours is all that is still known, and of what
        this build did only the pages at `keeping` are."""
        self.state = state
        self._known = dict.fromkeys(self._known, OutputRecord(b"", -1, -1))
        self._known_groups, self._groups = {}, {}
        self._ours = set(keeping)
        self._waiting = [each for each in self._waiting if each[0] in self._ours]
        state.keep_outputs(self.output, self._known)

    @property
    def ours(self) -> frozenset[str]:
        """The files of this build, up to now."""
        return frozenset(self._ours)

    def is_intact(self) -> bool:
        """True when every file whose makings are known stands as it was left."""
        made = ((path, known) for path, known in self._known.items() if known.made_from)
        return all(self._there.get(path) == (known.size, known.modified) for path, known in made)

    def keep(self, path: str, made_from: bytes) -> bool:
        """Count the file at `path` as this build's, if it stands there and was made from the same.

        Raises OutputError as `write` does.
        """
        if stands := self.stands(path, made_from):
            self.adopt(path)
        return stands

    def keep_group(self, name: str, made_from: bytes, paths: Sequence[str]) -> bool:
        """Count the files at `paths` as this build's, if all stand and the group was made from the same."""
        self._groups[name] = made_from.hex()
        if self._known_groups.get(name) != made_from.hex() or not all(map(self._is_as_left, paths)):
            return False
        for path in paths:
            self.adopt(path)
        return True

    def _is_as_left(self, path: str) -> bool:
        known = self._known.get(path)
        return known is not None and self._there.get(path) == (known.size, known.modified)

    def stands(self, path: str, made_from: bytes) -> bool:
        """True when there is a file at `path` that an earlier build made from the same."""
        return self._is_as_left(path) and self._known[path].made_from == made_from

    def keep_what_was_made(self) -> None:
        """Count every file whose makings are known as this build's."""
        for path, known in self._known.items():
            if known.made_from:
                self.adopt(path)

    def write(self, path: str, text: str | bytes, made_from: bytes = b"") -> None:
        """Put `text` (as UTF-8) at `path` (relative, with "/"), unless it stands there; at the latest by `flush`.

        Raises OutputError when another page of this build is at the same path, or it leads out of the output folder.
        """
        self.adopt(path)
        data = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
        self._waiting.append((path, data, made_from))
        self._bytes_waiting += len(data)
        if len(self._waiting) >= _AT_ONCE or self._bytes_waiting >= _BYTES_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write what waits. Which files are ours is saved before the first is written: a build that is killed leaves
        none behind that nobody knows of."""
        unknown = {path: OutputRecord(b"", -1, -1) for path, _, _ in self._waiting if path not in self._known}
        if unknown:
            self.state.keep_outputs(self.output, unknown)
            self.state.save()
            self._known |= unknown
        for path, data, made_from in self._waiting:
            self._put(path, data, made_from)
        self._waiting.clear()
        self._bytes_waiting = 0

    def _put(self, path: str, data: bytes, made_from: bytes) -> None:
        target = os.path.join(self.output, path)
        there = self._there.get(path)
        if there and there[0] == len(data) and _read(target) == data:
            modified = there[1]
        else:
            self._make_folder(path.rpartition("/")[0])
            modified = _write_new(target, data) if self._is_first and there is None else 0
            if not modified:
                write_whole(Path(target), data, self._beside)
                modified = os.stat(target).st_mtime_ns
            self.written += 1
        self._new[path] = OutputRecord(made_from, len(data), modified)

    def _make_folder(self, folder: str) -> None:
        if folder not in self._folders:
            os.makedirs(os.path.join(self.output, folder), exist_ok=True)
            self._folders.add(folder)

    def adopt(self, path: str) -> None:
        """Count a file as this build's; raises OutputError as `write` does."""
        if path in {"", "."} or path[0] == "/" or ".." in path.split("/") or os.path.isabs(path):
            raise OutputError(f"{path}: leads out of the output folder — give the page another address")
        if path in self._ours:
            raise OutputError(f"{path}: two pages want this file — give one of them another address")
        self._ours.add(path)

    def finish(self) -> int:
        """Delete what earlier builds wrote here and this one did not; returns how many files went."""
        self.flush()
        stale = sorted(self._known.keys() - self._ours)
        for path in stale:
            (self.output / path).unlink(missing_ok=True)
            self._remove_empty_folders((self.output / path).parent)
        adopted = {path: OutputRecord(b"", *self._look(path)) for path in self._ours - self._known.keys()}
        self._new |= adopted
        self.size = sum((self._new.get(path) or self._known[path]).size for path in self._ours)
        self.state.keep_outputs(self.output, self._new)
        self.state.forget_outputs(self.output, stale)
        self.state.set_fact(self._groups_kept, to_bytes(self._groups))
        self.state.save()
        return len(stale)

    def _look(self, path: str) -> tuple[int, int]:
        try:
            status = os.stat(os.path.join(self.output, path))
        except OSError:
            return -1, -1
        return status.st_size, status.st_mtime_ns

    def _remove_empty_folders(self, folder: Path) -> None:
        while folder != self.output and self.output in folder.parents:
            try:
                folder.rmdir()
            except OSError:  # not empty, or gone already
                return
            folder = folder.parent


def write_whole(target: Path, data: bytes, beside: Path | None = None) -> None:
    """Write beside the target, then move into place: readers see the old file or the new one, never half of one."""
    beside = beside or target.with_name(f".{target.name[:100]}.{os.getpid()}.part")
    try:
        beside.write_bytes(data)
        os.replace(beside, target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _write_new(target: str, data: bytes) -> int:
    """Write a file where none stands and nobody reads yet, which takes a fifth of the time.

    Returns when (nanoseconds since 1970, by the disk), or 0 where there is something after all.
    """
    try:
        file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    except FileExistsError:
        return 0
    try:
        with open(file, "wb", buffering=0) as out:
            written = out.write(data)
            if written != len(data):
                raise OSError(f"{target}: {written} of {len(data)} bytes were written")
            return os.fstat(out.fileno()).st_mtime_ns
    except BaseException:
        os.unlink(target)
        raise


def _read(target: str) -> bytes:
    try:
        with open(target, "rb") as file:
            return file.read()
    except OSError:
        return b""


def scan_files(folder: Path) -> Iterator[tuple[str, int, int]]:
    """(path relative to `folder`, size, time of change) of every file below it."""
    pending = [""]
    while pending:
        below = pending.pop()
        try:
            with os.scandir(folder / below) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(f"{below}{entry.name}/")
                    else:
                        status = entry.stat(follow_symlinks=False)
                        yield f"{below}{entry.name}", status.st_size, status.st_mtime_ns
        except FileNotFoundError:
            continue
