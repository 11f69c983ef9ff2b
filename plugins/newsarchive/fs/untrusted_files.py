"""Files in a folder that other people made: a clone, a backup, a site to look at.

Only regular files are read, up to a size. No symbolic link is followed, not even for a folder on the way, and no pipe
is waited for. Everything else is refused, with a problem that says why.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from newsarchive.diagnostics import Diagnostic, NewsArchiveError

_READING = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_PIECE = 1_000_000  # bytes read at a time

_UNLISTED = "a folder that cannot be listed"
_KINDS = {stat.S_IFLNK: "a symbolic link", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
_HINTS = {"a symbolic link": "copy here what it leads to", _UNLISTED: "check its permissions"}


class RefusedFile(NewsArchiveError):
    """A file that is not read; `problem` says why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(str(diagnostic))


@dataclass(frozen=True, slots=True)
class Listing:
    """What is below a folder, by paths relative to it, with "/".

    `sizes` are the bytes of regular files; `refused` says of everything else what it is: "a symbolic link", "a pipe".
    """

    folder: Path
    sizes: Mapping[str, int]
    folders: frozenset[str]
    refused: Mapping[str, str]

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """A problem for each path that is refused."""
        return [refusal(self.folder / path, what) for path, what in self.refused.items()]


def list_files(folder: Path, below: str = "") -> Listing:
    """List everything in `folder`, or in the folder `below` it. A folder that does not exist is empty."""
    sizes: dict[str, int] = {}
    folders: list[str] = []
    refused: dict[str, str] = {}
    pending = [below]
    while pending:
        path = pending.pop()
        try:
            if path == below and (what := _kind_of(folder, below)):
                refused[path] = what
                continue
            with os.scandir(folder / path) as listing:
                entries = [(entry.name, entry.stat(follow_symlinks=False)) for entry in listing]
        except FileNotFoundError:
            continue
        except OSError:
            refused[path or "."] = _UNLISTED
            continue
        for name, status in entries:
            inside = f"{path}/{name}" if path else name
            if stat.S_ISDIR(status.st_mode):
                folders.append(inside)
                pending.append(inside)
            elif what := _kind(status.st_mode):
                refused[inside] = what
            else:
                sizes[inside] = status.st_size
    return Listing(folder, dict(sorted(sizes.items())), frozenset(folders), dict(sorted(refused.items())))


def read_file(folder: Path, path: str, most: int, hint: str = "make it smaller, or take it out") -> bytes:
    """Read the file at `path` below `folder`, which may have `most` bytes; `hint` is for one that has more.

    Raises RefusedFile; from FileNotFoundError where there is no such file.
    """
    try:
        if what := _kind_of(folder, path):
            raise RefusedFile(refusal(folder / path, what))
        file = os.open(folder / path, _READING)
        try:
            status = os.fstat(file)  # of what was opened: by now it may be something else
            if what := _kind(status.st_mode):
                raise RefusedFile(refusal(folder / path, what))
            if stat.S_ISDIR(status.st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            data = b"" if status.st_size > most else _read(file, most + 1)
        finally:
            os.close(file)
    except (OSError, ValueError) as error:  # a name that no disk takes is a ValueError
        why = getattr(error, "strerror", None) or str(error)
        diagnostic = Diagnostic(
            "unreadable", str(folder / path), f"cannot be read: {why}", "check its name and permissions"
        )
        raise RefusedFile(diagnostic) from error
    if max(status.st_size, len(data)) > most:
        raise RefusedFile(too_large(folder / path, most, hint))
    return data


def _read(file: int, most: int) -> bytes:
    """What an open file holds, up to `most` bytes."""
    pieces = []
    while most and (piece := os.read(file, min(_PIECE, most))):
        pieces.append(piece)
        most -= len(piece)
    return b"".join(pieces)


def _kind_of(folder: Path, path: str) -> str:
    """What the first part of a path is that is neither a folder nor a regular file; "" where all are. Raises OSError,
    or ValueError for a path that does not lead below the folder."""
    parts = path.split("/") if path else []
    if any(part in {"", ".", ".."} or os.path.basename(part) != part for part in parts):
        raise ValueError("leads out of the folder")
    kinds = (_kind(os.lstat(folder.joinpath(*parts[: end + 1])).st_mode) for end in range(len(parts)))
    return next(filter(None, kinds), "")


def _kind(mode: int) -> str:
    """What something is by its mode; "" for a folder or a regular file."""
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return ""
    return _KINDS.get(stat.S_IFMT(mode), "a device")


def refusal(path: Path, what: str) -> Diagnostic:
    """The problem with a path of a listing's `refused`."""
    code = "symbolic-link" if what == _KINDS[stat.S_IFLNK] else "not-a-file"
    return Diagnostic(code, str(path), f"{what}, which is not read", _HINTS.get(what, "remove it"))


def too_large(path: Path, most: int, hint: str) -> Diagnostic:
    """The problem with a file of more than `most` bytes."""
    return Diagnostic("too-large", str(path), f"is larger than {most:,} bytes", hint)
