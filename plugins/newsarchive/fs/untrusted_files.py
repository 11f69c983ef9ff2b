"""Read files in a folder that other people made: a clone, a backup, a site to check.

Reads only regular files up to a maximum size. Follows no symbolic link, not even for a folder on the path, and never
waits for a pipe. Refuses everything else, with a diagnostic. For the content folder, `symlinks` allows links within it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from newsarchive.diagnostics import Diagnostic, NewsArchiveError

_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_CHUNK = 1_000_000  # bytes read at a time

_UNLISTED = "a folder that cannot be listed"
_FILE_TYPES = {stat.S_IFLNK: "a symbolic link", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
_HINTS = {"a symbolic link": "replace it with a copy of its target", _UNLISTED: "check its permissions"}


class RefusedFile(NewsArchiveError):
    """A file is not read; `diagnostic` gives the reason."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(str(diagnostic))


@dataclass(frozen=True, slots=True)
class Listing:
    """The contents of a folder, by paths relative to it, with "/".

    `sizes` are the sizes of the regular files in bytes. `refused` names the type of everything else, such as
    "a symbolic link" or "a pipe".
    """

    folder: Path
    sizes: Mapping[str, int]
    folders: frozenset[str]
    refused: Mapping[str, str]

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """One diagnostic for each refused path."""
        return [refusal(self.folder / path, file_type) for path, file_type in self.refused.items()]


def list_files(folder: Path, subfolder: str = "") -> Listing:
    """List everything in `folder`, or in its `subfolder`. A folder that does not exist is empty."""
    sizes: dict[str, int] = {}
    folders: list[str] = []
    refused: dict[str, str] = {}
    pending = [subfolder]
    while pending:
        path = pending.pop()
        try:
            if path == subfolder and (file_type := _special_part(folder, subfolder)):
                refused[path] = file_type
                continue
            with os.scandir(folder / path) as listing:
                entries = [(entry.name, entry.stat(follow_symlinks=False)) for entry in listing]
        except FileNotFoundError:
            continue
        except OSError:
            refused[path or "."] = _UNLISTED
            continue
        for name, status in entries:
            entry_path = f"{path}/{name}" if path else name
            if stat.S_ISDIR(status.st_mode):
                folders.append(entry_path)
                pending.append(entry_path)
            elif file_type := _special_type(status.st_mode):
                refused[entry_path] = file_type
            else:
                sizes[entry_path] = status.st_size
    return Listing(folder, dict(sorted(sizes.items())), frozenset(folders), dict(sorted(refused.items())))


def read_file(folder: Path, path: str, max_bytes: int, hint: str = "make it smaller, or take it out") -> bytes:
    """Return the bytes of the file `path` in `folder`.

    `max_bytes` is the largest accepted size, `hint` what to do about a larger file. Raises RefusedFile, with a
    FileNotFoundError as its cause if the file does not exist.
    """
    try:
        if file_type := _special_part(folder, path):
            raise RefusedFile(refusal(folder / path, file_type))
        file = os.open(folder / path, _OPEN_FLAGS)
        try:
            status = os.fstat(file)  # of the open file: another process may have replaced it since the check
            if file_type := _special_type(status.st_mode):
                raise RefusedFile(refusal(folder / path, file_type))
            if stat.S_ISDIR(status.st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            data = b"" if status.st_size > max_bytes else _read_up_to(file, max_bytes + 1)
        finally:
            os.close(file)
    except (OSError, ValueError) as error:  # ValueError: a name that no file system accepts, as with "\0"
        reason = getattr(error, "strerror", None) or str(error)
        diagnostic = Diagnostic(
            "unreadable", str(folder / path), f"cannot be read: {reason}", "check its name and permissions"
        )
        raise RefusedFile(diagnostic) from error
    if max(status.st_size, len(data)) > max_bytes:
        raise RefusedFile(too_large(folder / path, max_bytes, hint))
    return data


def _read_up_to(file: int, max_bytes: int) -> bytes:
    """Return at most `max_bytes` bytes of an open file."""
    chunks = []
    while max_bytes and (chunk := os.read(file, min(_CHUNK, max_bytes))):
        chunks.append(chunk)
        max_bytes -= len(chunk)
    return b"".join(chunks)


def _special_part(folder: Path, path: str) -> str:
    """Return the type of the first part of `path` that is neither a folder nor a regular file, or "".

    Raises OSError, or ValueError for a path that leads out of the folder.
    """
    parts = path.split("/") if path else []
    if any(part in {"", ".", ".."} or os.path.basename(part) != part for part in parts):
        raise ValueError("leads out of the folder")
    types = (_special_type(os.lstat(folder.joinpath(*parts[: end + 1])).st_mode) for end in range(len(parts)))
    return next(filter(None, types), "")


def _special_type(mode: int) -> str:
    """Return the type in a file mode (`st_mode`), such as "a pipe"; "" for a folder or a regular file."""
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return ""
    return _FILE_TYPES.get(stat.S_IFMT(mode), "a device")


def refusal(path: Path, file_type: str) -> Diagnostic:
    """Return the diagnostic for a path in `Listing.refused`."""
    code = "symbolic-link" if file_type == _FILE_TYPES[stat.S_IFLNK] else "not-a-file"
    return Diagnostic(code, str(path), f"{file_type}, which is not read", _HINTS.get(file_type, "remove it"))


def too_large(path: Path, max_bytes: int, hint: str) -> Diagnostic:
    """Return the diagnostic for a file of more than `max_bytes` bytes."""
    return Diagnostic("too-large", str(path), f"is larger than {max_bytes:,} bytes", hint)
