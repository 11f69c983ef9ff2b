"""What is done to single files: each is written whole or not at all, and an error names the file.

Everything that the archive writes outside its database is written here. Data is moved by `os` alone, without buffers of
Python's: what a short write leaves is seen at once, and the tests of faults stand in one place between us and the disk.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PIECE = 1_000_000  # bytes of a copied file that are in memory at a time

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)  # O_EXCL follows no link either


def write_atomically(target: str | Path, data: bytes, temp_path: str | Path = "") -> int:
    """Write beside the target, then move into place: readers see the old file or the new one, never half of one.

    Returns when (nanoseconds since 1970, by the disk). Raises OSError.
    """
    with _replacing(target, temp_path) as file:
        _write_all(file, data)
        modified = os.fstat(file).st_mtime_ns
    return modified


def copy_atomically(source: int, target: str | Path, temp_path: str | Path = "") -> tuple[int, int]:
    """As `write_atomically`, from an open file; returns its size as well. Raises SourceError when it cannot be read."""
    with _replacing(target, temp_path) as file:
        for piece in _pieces(source):
            _write_all(file, piece)
        status = os.fstat(file)
    return status.st_size, status.st_mtime_ns


def create_file(target: str, data: bytes) -> int:
    """Write a file where none stands and nobody reads yet, which takes a fifth of the time.

    Returns as `write_atomically`, or 0 where there is something after all. Raises OSError.
    """
    with _naming_target(target):
        try:
            file = os.open(target, _NEW, 0o666)
        except FileExistsError:
            return 0
        try:
            try:
                _write_all(file, data)
                return os.fstat(file).st_mtime_ns
            finally:
                os.close(file)
        except BaseException:
            remove(target)
            raise


class SourceError(OSError):
    """A file that is to be copied cannot be read."""


def open_regular(source: Path) -> int:
    """Open a file to be copied. Raises OSError, for folders, devices and pipes too: of those some never end."""
    file = os.open(source, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(errno.EINVAL, "neither a file nor a folder" if not Path(source).is_dir() else "is a folder")
    return file


def read_regular(source: Path) -> bytes:
    """What a file holds. Raises OSError, as `open_regular`."""
    with os.fdopen(open_regular(source), "rb") as file:
        return file.read()


def has_same_content(source: int, target: str) -> bool:
    """True when an open file holds what stands at `target`, which is as long; reads on from its beginning."""
    with contextlib.suppress(FileNotFoundError, PermissionError), open(target, "rb") as other:
        return all(other.read(len(piece)) == piece for piece in _pieces(source))
    return False


def _pieces(file: int) -> Iterator[bytes]:
    """What an open file holds, piece by piece. Raises SourceError."""
    try:
        os.lseek(file, 0, os.SEEK_SET)
        while piece := os.read(file, _PIECE):
            yield piece
    except OSError as error:
        raise SourceError(error.errno, error.strerror) from error


def read_or_empty(target: str) -> bytes:
    """What a file holds; b"" where it cannot be read."""
    try:
        with open(target, "rb") as file:
            return file.read()
    except OSError:
        return b""


def remove(target: str | Path) -> None:
    """Delete a file that may be gone already, or of which the disk would not take the name."""
    try:
        os.unlink(target)
    except OSError as error:
        if error.errno not in {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG}:
            raise


@contextmanager
def temp_output(target: Path) -> Iterator[Path]:
    """Yield a path to write to, for a library that opens files itself; at the end the file takes the place of `target`.

    If the block raises, `target` stays as it was. The path is in a folder of its own, because libzim creates more files
    beside its output.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
        temp_path = Path(folder) / target.name
        yield temp_path
        os.replace(temp_path, target)


@contextmanager
def _replacing(target: str | Path, temp_path: str | Path) -> Iterator[int]:
    """A new file to write to, which is put in the place of `target` when it is whole, and gone when it is not."""
    # Two threads may write the same image, found at two addresses.
    by_whom = f"{os.getpid()}.{threading.get_ident()}"
    temp_path = temp_path or Path(target).with_name(f".{Path(target).name[:100]}.{by_whom}.part")
    with _naming_target(target):
        try:
            file = os.open(temp_path, _NEW, 0o666)
        except FileExistsError:  # of a build that was killed
            os.unlink(temp_path)
            file = os.open(temp_path, _NEW, 0o666)
        try:
            try:
                yield file
            finally:
                os.close(file)
            os.replace(temp_path, target)
        except BaseException:
            remove(temp_path)
            raise


@contextmanager
def _naming_target(target: str | Path) -> Iterator[None]:
    """An error of the disk says which file it befell, not which it was written as."""
    try:
        yield
    except SourceError:
        raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from error


def _write_all(file: int, data: bytes) -> None:
    """All of it: a disk that is nearly full takes a part, and says so only when asked again."""
    written = os.write(file, data)
    while written < len(data):
        written += os.write(file, data[written:])
