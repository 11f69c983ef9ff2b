"""Writes files below the output folder: each completely or not at all, and only when its bytes change.

It knows what is on the disk. What a file was made from, and which files are ours, is known to `build.targets`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from newsarchive.cache.build_cache import OutputFile
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

# Empty, absolute, on a drive, with NUL, or with a part that is empty, "." or "..", on any system.
_UNSAFE_PATH = re.compile(r"(?:^|[/\\])\.{0,2}(?:[/\\]|$)|^[A-Za-z]:|\0")


class OutputError(NewsArchiveError):
    """Two targets make the same file, or a target a file outside the output folder."""


class OutputWriter:
    """The open output folder; from here to `close` no other build writes there."""

    def __init__(self, output: Path) -> None:
        """Raises FolderInUse when another build is at work in `output`, and OSError."""
        output.mkdir(parents=True, exist_ok=True)
        self.output = output
        self.written = 0  # files whose bytes changed
        self._lock = FolderLock(output)
        try:
            self._there, self._links = scan_files(output)
            for leftover in output.glob(".newsarchive-*.part"):  # of a build that was killed
                remove(leftover)
        except BaseException:
            self.close()
            raise
        self._was_empty = not self._there and not self._links  # no page of an earlier build to replace
        self._folders: set[str] = {""}
        self._temp_path = output / f".newsarchive-{os.getpid()}.part"

    def close(self) -> None:
        """Release the folder."""
        self._lock.close()

    def size_of(self, path: str) -> int:
        """Return how many bytes the file at `path` had when the build began; -1 where there was none."""
        return self._there.get(path, (-1, -1))[0]

    def is_as_left(self, file: OutputFile) -> bool:
        """Return True if a file is on the disk with the size and the time that it was recorded with."""
        return self._there.get(file.path) == (file.size, file.modified)

    def is_safe(self, path: str) -> bool:
        """Return True if `path` stays below the output folder. A path that is there already does."""
        return path in self._there or not _UNSAFE_PATH.search(path)

    def write(self, path: str, data: bytes) -> OutputFile:
        """Write `data` to `path` unless it is there, and return the file.

        Raises OutputError for a path that leads through a symbolic link, and OSError.
        """
        target = os.path.join(self.output, path)
        there = self._there.get(path)
        if there and there[0] == len(data) and read_or_empty(target) == data:
            return OutputFile(path, *there)
        self._make_folder(path.rpartition("/")[0])
        modified = create_file(target, data) if self._was_empty else 0
        modified = modified or write_atomically(target, data, self._temp_path)
        self.written += 1
        return OutputFile(path, len(data), modified)

    def copy(self, path: str, source: Path) -> OutputFile:
        """Copy the file `source` to `path` unless its bytes are there, and return the copy.

        Raises SourceError for a source that is no readable regular file, and what `write` raises.
        """
        try:
            file = open_regular(source)
        except OSError as error:
            raise SourceError(error.errno, error.strerror or str(error)) from error
        try:
            target = os.path.join(self.output, path)
            size, modified = self._there.get(path, (-1, -1))
            if size != os.fstat(file).st_size or not has_same_content(file, target):
                self._make_folder(path.rpartition("/")[0])
                size, modified = copy_atomically(file, target, self._temp_path)
                self.written += 1
        finally:
            os.close(file)
        return OutputFile(path, size, modified)

    def delete(self, path: str) -> None:
        """Delete a file, and the folders that are empty then. Nothing behind a symbolic link is deleted."""
        if self._link_on_the_way_to(path.rpartition("/")[0]) or self._is_folder(path):
            return
        remove(os.path.join(self.output, path))
        folder = (self.output / path).parent
        while folder != self.output and self.output in folder.parents:
            try:
                folder.rmdir()
            except OSError:  # not empty, or deleted already
                return
            folder = folder.parent

    def _is_folder(self, path: str) -> bool:
        target = os.path.join(self.output, path)
        return os.path.isdir(target) and not os.path.islink(target)

    def _make_folder(self, folder: str) -> None:
        if folder not in self._folders:
            if link := self._link_on_the_way_to(folder):
                raise OutputError(f"{printable(link)}: is a symbolic link, and nothing is written there — remove it")
            os.makedirs(os.path.join(self.output, folder), exist_ok=True)
            self._folders.add(folder)

    def _link_on_the_way_to(self, folder: str) -> str:
        """Return the path of the link that a folder is or is behind; "" for a folder of the output itself."""
        while folder:
            if folder in self._links:
                return os.path.join(self.output, folder)
            folder = folder.rpartition("/")[0]
        return ""
