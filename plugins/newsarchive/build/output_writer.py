"""Writes the output: each file whole or not at all, none without need, and deletes only what an earlier build wrote."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from newsarchive.cache.build_cache import BuildCache, OutputRecord
from newsarchive.cache.database import CorruptCache, read_kept
from newsarchive.cache.serialization import to_bytes
from newsarchive.diagnostics import NewsArchiveError, printable
from newsarchive.fs.atomic_files import (
    SourceError,
    copy_atomically,
    create_file,
    has_same_content,
    open_regular,
    read_or_empty,
    remove,
    write_atomically,
)
from newsarchive.fs.locks import FolderLock
from newsarchive.fs.symlinks import scan_files

# Announced together, before the first of them is written: files, and bytes, for pages are small and images are not.
_AT_ONCE, _BYTES_AT_ONCE = 256, 16_000_000

FILE_LIST = "files.txt"
"""A line for every file that the build wrote: size and path. It says what is ours where the state does not know, until
a build has finished and the state holds its list."""

# Empty, absolute, on a drive, with NUL, or with a part that is empty, "." or "..", on any system.
_UNSAFE_PATH = re.compile(r"(?:^|[/\\])\.{0,2}(?:[/\\]|$)|^[A-Za-z]:|\0")

_UNKNOWN = OutputRecord(b"", -1, -1)  # ours, and nothing is known of it


class OutputError(NewsArchiveError):
    """Two pages want the same file, or a file outside the output folder."""


class OutputWriter:
    """Writes files below `output`; `state` remembers between builds which ones are ours, and what they were made of."""

    def __init__(self, output: Path, state: BuildCache) -> None:
        """Raises FolderInUse when another build is at work in `output`, and OSError."""
        output.mkdir(parents=True, exist_ok=True)
        self.output = output
        self.state = state
        self.written = 0  # files whose bytes changed
        self.size = 0  # bytes of all files of this build, when it is finished
        self.unreadable: list[OSError] = []  # of files that could not be copied
        self._lock = FolderLock(output)
        try:
            self._scan()
        except BaseException:
            self.close()
            raise

    def _scan(self) -> None:
        """What stands in the output, and what earlier builds know of it."""
        self._there, self._links = scan_files(self.output)
        self._known = self.state.outputs(self.output)
        if any(path not in self._there and _UNSAFE_PATH.search(path) for path in self._known):
            raise CorruptCache("a file of the output leads out of it")
        name = self.state.folder_key(self.output)
        self._groups_kept, self._count_kept = f"groups of {name}", f"number of files in {name}"
        count = self.state.get_value(self._count_kept)
        self._is_complete = self._is_as_left(FILE_LIST) and count == b"%d" % len(self._known)
        if not self._is_complete:
            self._add_listed()
        self._is_first = not self._known and not self._there and not self._links  # nobody reads here yet
        self._new: dict[str, OutputRecord] = {}
        kept = self.state.get_value(self._groups_kept)
        self._known_groups = read_kept(kept, dict[str, str]) if kept else {}
        self._groups: dict[str, str] = {}
        self._ours: set[str] = set()
        self._waiting: list[tuple[str, bytes | Path, bytes]] = []
        self._bytes_waiting = 0
        self._folders: set[str] = {""}
        self._beside = self.output / f".newsarchive-{os.getpid()}.part"
        for leftover in self.output.glob(".newsarchive-*.part"):  # of a build that was killed
            remove(leftover)

    def _add_listed(self) -> None:
        """Know the files that a build wrote here of which the state knows nothing, as far as they stand as it left
        them: the state is lost or that of another folder. They are saved at once, for a build that is killed."""
        lines = read_or_empty(os.path.join(self.output, FILE_LIST)) if FILE_LIST in self._there else b""
        listed = (line.partition(" ") for line in lines.decode("utf-8", "replace").split("\n"))
        found = {path for size, _, path in listed if path in self._there and size == str(self._there[path][0])}
        unknown = dict.fromkeys(sorted(({*found, FILE_LIST} if found else set()) - self._known.keys()), _UNKNOWN)
        if unknown:
            self.state.store_outputs(self.output, unknown)
            self.state.commit()
            self._known |= unknown

    def close(self) -> None:
        """Let go of the folder."""
        self._lock.close()

    def restart(self, state: BuildCache, keeping: Iterable[str]) -> None:
        """The state was damaged, and `state` is a new one: which files are ours is all that is still known, and of what
        this build did only the pages at `keeping` are."""
        self.state = state
        self._known = dict.fromkeys(self._known, _UNKNOWN)
        self._known_groups, self._groups, self._is_complete = {}, {}, False
        self._ours = set(keeping)
        self._waiting = [each for each in self._waiting if each[0] in self._ours]
        state.store_outputs(self.output, self._known)
        state.commit()

    @property
    def current_paths(self) -> frozenset[str]:
        """The files of this build, up to now."""
        return frozenset(self._ours)

    def is_intact(self) -> bool:
        """True when every file that the last build left is known, and those whose makings are known stand as they were
        left. Were some not known, a build that has nothing to do would delete them."""
        made = ((path, known) for path, known in self._known.items() if known.inputs_digest)
        return self._is_complete and all(self._there.get(path) == (known.size, known.modified) for path, known in made)

    def keep(self, path: str, inputs_digest: bytes) -> bool:
        """Count the file at `path` as this build's, if it stands there and was made from the same.

        Raises OutputError as `write` does.
        """
        if stands := self.is_current(path, inputs_digest):
            self.claim(path)
        return stands

    def keep_group(self, name: str, inputs_digest: bytes, paths: Sequence[str]) -> bool:
        """Count the files at `paths` as this build's, if all stand and the group was made from the same."""
        self._groups[name] = inputs_digest.hex()
        if self._known_groups.get(name) != inputs_digest.hex() or not all(map(self._is_as_left, paths)):
            return False
        for path in paths:
            self.claim(path)
        return True

    def _is_as_left(self, path: str) -> bool:
        known = self._known.get(path)
        return known is not None and self._there.get(path) == (known.size, known.modified)

    def is_current(self, path: str, inputs_digest: bytes) -> bool:
        """True when there is a file at `path` that an earlier build made from the same."""
        return self._is_as_left(path) and self._known[path].inputs_digest == inputs_digest

    def keep_all(self) -> None:
        """Count every file whose makings are known as this build's."""
        for path, known in self._known.items():
            if known.inputs_digest:
                self.claim(path)

    def write(self, path: str, text: str | bytes, inputs_digest: bytes = b"") -> None:
        """Put `text` (as UTF-8) at `path` (relative, with "/"), unless it stands there; at the latest by `flush`.

        Raises OutputError when another page of this build is at the same path, or it leads out of the output folder.
        """
        self.claim(path)
        data = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
        self._waiting.append((path, data, inputs_digest))
        self._bytes_waiting += len(data)
        if len(self._waiting) >= _AT_ONCE or self._bytes_waiting >= _BYTES_AT_ONCE:
            self.flush()

    def copy(self, path: str, source: Path) -> None:
        """Put what `source` holds at `path`, as `write` does. A file that cannot be read is none of this build's, and
        stands in `unreadable`."""
        self.claim(path)
        self._waiting.append((path, source, b""))
        if len(self._waiting) >= _AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write what waits. Which files are ours is saved before the first is written: a build that is killed leaves
        none behind that nobody knows of."""
        unknown = {path: _UNKNOWN for path, _, _ in self._waiting if path not in self._known}
        if unknown:
            self.state.store_outputs(self.output, unknown)
            self.state.commit()
            self._known |= unknown
        for path, data, inputs_digest in self._waiting:
            if isinstance(data, Path):
                self._put_copy(path, data)
            else:
                self._put(path, data, inputs_digest)
        self._waiting.clear()
        self._bytes_waiting = 0

    def _put(self, path: str, data: bytes, inputs_digest: bytes) -> None:
        target = os.path.join(self.output, path)
        there = self._there.get(path)
        if there and there[0] == len(data) and read_or_empty(target) == data:
            modified = there[1]
        else:
            self._make_folder(path.rpartition("/")[0])
            modified = create_file(target, data) if self._is_first else 0
            modified = modified or write_atomically(target, data, self._beside)
            self.written += 1
        self._new[path] = OutputRecord(inputs_digest, len(data), modified)

    def _put_copy(self, path: str, source: Path) -> None:
        try:
            file = open_regular(source)
        except OSError as error:
            self._leave_out(path, source, error)
            return
        try:
            self._put_open(path, file)
        except SourceError as error:
            self._leave_out(path, source, error)
        finally:
            os.close(file)

    def _put_open(self, path: str, file: int) -> None:
        target = os.path.join(self.output, path)
        size, modified = self._there.get(path, (-1, -1))
        if size != os.fstat(file).st_size or not has_same_content(file, target):
            self._make_folder(path.rpartition("/")[0])
            size, modified = copy_atomically(file, target, self._beside)
            self.written += 1
        self._new[path] = OutputRecord(b"", size, modified)

    def _leave_out(self, path: str, source: Path, why: OSError) -> None:
        self.unreadable.append(OSError(why.errno, why.strerror, str(source)))
        self._ours.discard(path)

    def _make_folder(self, folder: str) -> None:
        if folder not in self._folders:
            if link := self._link_on_the_way_to(folder):
                raise OutputError(f"{printable(link)}: is a symbolic link, and nothing is written there — remove it")
            os.makedirs(os.path.join(self.output, folder), exist_ok=True)
            self._folders.add(folder)

    def _link_on_the_way_to(self, folder: str) -> str:
        """The path of the link that a folder is, or lies behind; "" for those that lie in the output."""
        while folder:
            if folder in self._links:
                return os.path.join(self.output, folder)
            folder = folder.rpartition("/")[0]
        return ""

    def claim(self, path: str) -> None:
        """Count a file as this build's; raises OutputError as `write` does."""
        if path not in self._there and _UNSAFE_PATH.search(path):  # what stands in the output does not lead out of it
            raise OutputError(f"{printable(path)}: leads out of the output folder — give the page another address")
        if path in self._ours:
            raise OutputError(f"{printable(path)}: two pages want this file — give one of them another address")
        self._ours.add(path)

    def finish(self) -> int:
        """Delete what earlier builds wrote here and this one did not; returns how many files went."""
        self.flush()
        stale = self._known.keys() - self._ours - {FILE_LIST}
        adopted = {path: OutputRecord(b"", *self._stat(path)) for path in self._ours if self._is_unknown(path)}
        self._new |= adopted
        self._write_list(is_as_it_was=not (stale or self.written or adopted))
        for path in sorted(stale):
            if not self._link_on_the_way_to(path.rpartition("/")[0]) and not self._is_folder(path):
                remove(os.path.join(self.output, path))
                self._remove_empty_folders((self.output / path).parent)
        self.size = sum(self._record(path).size for path in self._ours)
        self.state.store_outputs(self.output, self._new)
        self.state.forget_outputs(self.output, stale)
        self.state.set_value(self._groups_kept, to_bytes(self._groups))
        self.state.set_value(self._count_kept, b"%d" % len(self._ours))
        self.state.commit()
        return len(stale)

    def _is_unknown(self, path: str) -> bool:
        return path not in self._new and self._known.get(path, _UNKNOWN) == _UNKNOWN

    def _record(self, path: str) -> OutputRecord:
        return self._new.get(path) or self._known[path]

    def _write_list(self, is_as_it_was: bool) -> None:
        self._ours.discard(FILE_LIST)  # of a first try, which ended in a damaged state
        if is_as_it_was and self._is_as_left(FILE_LIST):
            self.claim(FILE_LIST)
            return
        lines = [f"{self._record(path).size} {path}\n" for path in sorted(self._ours) if "\n" not in path]
        self.write(FILE_LIST, "".join(lines))
        self.flush()

    def _is_folder(self, path: str) -> bool:
        return path not in self._links and os.path.isdir(os.path.join(self.output, path))

    def _stat(self, path: str) -> tuple[int, int]:
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
