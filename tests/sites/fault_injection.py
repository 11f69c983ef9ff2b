"""Builds with a layer of faults between them and the disk.

Every operation on a file below the build's folders is counted: opening, making, writing, moving, deleting, listing, and
each statement that changes the build state. At the n-th something goes wrong, as a `Fault` says. A build has the same
operations each time, so a fault can be had again by its number.

As a program this is a process that has loaded what a build needs, and forks one for each build that it is asked for
(a line of JSON): 0.3 s instead of 2, and nothing of pytest is in it.
"""

from __future__ import annotations

import builtins
import errno
import io
import json
import os
import select
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

KILL = "kill"
FULL = "ENOSPC"  # from the n-th operation on, as a disk is full until somebody makes room
READ_ONLY = "EROFS"  # the same
ONCE = ("EIO", "EACCES")

# What an error of the disk becomes when SQLite meets it.
_OF_SQLITE = {
    FULL: (sqlite3.SQLITE_FULL, "database or disk is full"),
    "EIO": (sqlite3.SQLITE_IOERR, "disk I/O error"),
    "EACCES": (sqlite3.SQLITE_READONLY, "attempt to write a readonly database"),
    READ_ONLY: (sqlite3.SQLITE_READONLY, "attempt to write a readonly database"),
}

PATIENCE = 60  # seconds that a worker may outlive its build
ORPHANS = 1_000  # the exit status of a build that left processes behind

_TAKES_ROOM = {"create", "write", "mkdir", "sql"}
_CHANGES = _TAKES_ROOM | {"replace", "unlink", "rmdir"}


@dataclass(frozen=True)
class Fault:
    """What goes wrong: `kind` (a name of errno, or "kill") at the operation `at`; `in_workers` counts theirs alone."""

    kind: str = ""
    at: int = 0
    in_workers: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a build ended: its exit status (negative: a signal), what it said, and the operations it did."""

    status: int
    said: str
    operations: Sequence[str]
    read: Sequence[str]  # every path, wherever it leads, that the build or a worker of it opened or listed
    changed: Sequence[str]  # the same of those that it opened for writing, made, moved or deleted

    @property
    def was_killed(self) -> bool:
        """True for kill -9."""
        return self.status == -signal.SIGKILL


class FaultyBuilds:
    """The process that builds."""

    def __init__(self, plugins: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(plugins), "PYTHONUTF8": "1"},
        )

    def run(self, arguments: Sequence[str], work: Path, roots: Sequence[Path], fault: Fault | None = None) -> Outcome:
        """Build by `pelican ARGUMENTS` in `work`. Returns when every process of the build is gone."""
        # Beside it, because the disk that it is on may be full.
        said, trace, audit = (work.with_suffix(ending) for ending in (".said", ".trace", ".audit"))
        for old in (said, trace, audit):
            old.unlink(missing_ok=True)
        asked = {
            "arguments": arguments,
            "work": str(work),
            "said": str(said),
            "trace": str(trace),
            "audit": str(audit),
            "roots": [str(root) for root in roots],
            "fault": asdict(fault or Fault()),
        }
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        operations = trace.read_text("utf-8").splitlines() if trace.exists() else []
        touched = audit.read_bytes().decode("utf-8", "surrogateescape").split("\0") if audit.exists() else []
        own = {os.path.realpath(path) for path in (said, trace, audit)}
        paths = {kind: sorted({line[1:] for line in touched if line[:1] == kind} - own) for kind in "rw"}
        return Outcome(status, said.read_text("utf-8", "replace"), operations, paths["r"], paths["w"])

    def close(self) -> None:
        """Let it go."""
        self._process.communicate()


class Layer:
    """Stands between a build and its disk, in the process where it is installed and in those forked from it."""

    def __init__(self, roots: Sequence[str], fault: Fault, trace: str) -> None:
        self.roots = tuple(os.path.join(os.path.realpath(root), "") for root in roots)
        self.fault = fault
        self.process = os.getpid()
        self.count = 0
        self.has_begun = False
        self.paths: dict[int, str] = {}  # of files that are open for writing
        self.real = {name: getattr(os, name) for name in ("open", "write", "close", "kill")}
        self.trace = self.real["open"](trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def install(self) -> None:
        """From here on."""
        for name, kind in {"unlink": "unlink", "mkdir": "mkdir", "rmdir": "rmdir", "scandir": "list"}.items():
            setattr(os, name, self._guarded(getattr(os, name), kind))
        os.remove = os.unlink
        os.replace = self._guarded(os.replace, "replace")
        os.open, os.write, os.close = self._open_low, self._write, self._close
        self._open_high = builtins.open
        builtins.open = io.open = self._open  # type: ignore[assignment]
        layer, connect = self, sqlite3.connect

        class Connection(sqlite3.Connection):
            """Passes changes through the layer."""

            def execute(self, statement: str, *given: Any) -> sqlite3.Cursor:
                if not statement.startswith(("SELECT", "PRAGMA", "BEGIN")):
                    layer.pass_sql(statement)
                return super().execute(statement, *given)

            def executemany(self, statement: str, *given: Any) -> sqlite3.Cursor:
                layer.pass_sql(statement)
                return super().executemany(statement, *given)

        sqlite3.connect = lambda *given, **named: connect(*given, **named, factory=Connection)  # type: ignore

    def is_below(self, path: Any) -> bool:
        """True for what is a build's."""
        return isinstance(path, str | os.PathLike) and os.path.abspath(os.fspath(path)).startswith(self.roots)

    def is_due(self, kind: str, path: object) -> bool:
        """Count an operation; True when it is the one that goes wrong, or comes after it on a disk that stays so."""
        if self.fault.in_workers and os.getpid() == self.process:
            return False
        self.count += 1
        self.real["write"](self.trace, f"{kind} {path}\n".encode("utf-8", "replace"))
        self.has_begun = self.has_begun or (bool(self.fault.at) and self.count == self.fault.at)
        if self.fault.kind == FULL:
            return self.has_begun and kind in _TAKES_ROOM
        if self.fault.kind == READ_ONLY:
            return self.has_begun and kind in _CHANGES
        return self.count == self.fault.at

    def die(self) -> None:
        """As a machine that is switched off."""
        self.real["kill"](os.getpid(), signal.SIGKILL)

    def fail(self, path: object) -> None:
        """What goes wrong."""
        if self.fault.kind == KILL:
            self.die()
        code = getattr(errno, self.fault.kind)
        raise OSError(code, os.strerror(code), str(path))

    def pass_sql(self, statement: str) -> None:
        """A change of the build state."""
        if self.is_due("sql", " ".join(statement.split())):
            if self.fault.kind == KILL:
                self.die()
            error = sqlite3.OperationalError(_OF_SQLITE[self.fault.kind][1])
            error.sqlite_errorcode = _OF_SQLITE[self.fault.kind][0]
            raise error

    def _guarded(self, real: Callable[..., Any], kind: str) -> Callable[..., Any]:
        def guarded(path: Any = ".", *given: Any, **named: Any) -> Any:
            if self.is_below(path) and self.is_due(kind, path):
                self.fail(path)
            return real(path, *given, **named)

        return guarded

    def _open(self, path: Any, mode: str = "r", *given: Any, **named: Any) -> Any:
        kind = "read" if set(mode) <= set("rbt") else "create"
        if self.is_below(path) and self.is_due(kind, path):
            self.fail(path)
        return self._open_high(path, mode, *given, **named)

    def _open_low(self, path: Any, flags: int, *given: Any, **named: Any) -> int:
        writes = bool(flags & (os.O_WRONLY | os.O_RDWR))
        if self.is_below(path) and self.is_due("create" if writes else "read", path):
            self.fail(path)
        file: int = self.real["open"](path, flags, *given, **named)
        if writes and self.is_below(path):
            self.paths[file] = str(path)
        return file

    def _write(self, file: int, data: bytes) -> int:
        if file in self.paths and self.is_due("write", self.paths[file]):
            taken: int = self.real["write"](file, data[: len(data) // 2])
            if self.fault.kind == KILL:
                self.die()
            if taken and self.fault.kind == FULL:
                return taken  # the next one is told
            self.fail(self.paths[file])
        written: int = self.real["write"](file, data)
        return written

    def _close(self, file: int) -> None:
        self.paths.pop(file, None)
        self.real["close"](file)


def _serve() -> None:
    """Build as asked, line by line; the first build is made in this process, which then has all that one loads."""
    for number, line in enumerate(sys.stdin):
        asked = json.loads(line)
        status = _build(asked) if number == 0 else _fork(asked)
        print(status, flush=True)


def _fork(asked: dict[str, Any]) -> int:
    """The exit status of a build in a process of its own, once that and all that it started are gone."""
    alive, held = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(alive)
        os.set_inheritable(held, True)
        _watch_paths(asked["audit"])
        Layer(asked["roots"], Fault(**asked["fault"]), asked["trace"]).install()
        os._exit(_build(asked))
    os.close(held)
    _, status = os.waitpid(child, 0)
    # Its end is in the hands of every process of the build, and is heard of when the last is gone.
    gone, _, _ = select.select([alive], [], [], PATIENCE)
    os.close(alive)
    return os.waitstatus_to_exitcode(status) if gone else ORPHANS


def _watch_paths(audit: str) -> None:
    """Write down each path that Python is asked for, below C and in workers too (PEP 578)."""
    out = os.open(audit, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    write = os.write
    changing = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod"}
    changing |= {"os.utime", "os.chown"}

    def hear(event: str, given: tuple[Any, ...]) -> None:
        if event == "open":
            writes = bool(given[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
            paths = given[:1]
        elif event == "sqlite3.connect":
            writes, paths = True, given[:1]
        elif event in {"os.scandir", "os.listdir"} or event in changing:
            writes = event in changing
            paths = given[:2] if event in {"os.rename", "os.link", "os.symlink"} else given[:1]
        else:
            return
        for path in paths:
            if isinstance(path, str | bytes | os.PathLike):
                folder, name = os.path.split(os.fsencode(path))
                # What is moved or deleted is a link, not what it leads to.
                real = os.path.join(os.path.realpath(folder), name) if event in changing else os.path.realpath(path)
                write(out, b"%c%s\0" % (b"rw"[writes], os.fsencode(real)))

    sys.addaudithook(hear)


def _build(asked: dict[str, Any]) -> int:
    import pelican

    said = os.open(asked["said"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    saved = [os.dup(1), os.dup(2)]
    os.dup2(said, 1)
    os.dup2(said, 2)
    os.close(said)
    os.chdir(asked["work"])
    status: object = 0
    try:
        pelican.main(asked["arguments"])
    except SystemExit as left:
        status = left.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(saved[0], 1)
        os.dup2(saved[1], 2)
    return status if isinstance(status, int) else 1


if __name__ == "__main__":
    _serve()
