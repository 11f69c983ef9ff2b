"""Work in a process apart, which may die of it: what has to survive a crash, or needs a first thread for its clock.

Plain pipes and pickles between a parent and its own child. `multiprocessing` would not do: a Dask worker is a daemon,
and those may have no children of its making.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

_START_TIMEOUT = 120  # seconds by the wall, for what takes a tenth of one

_SERVE = "from newsarchive.parallel.subprocess_worker import serve; serve()"


class WorkerDied(Exception):
    """The process that did the work died, or did not come to an end."""


class SubprocessWorker:
    """A process that works for this one. It is started when it is needed, and again after it died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, work: Callable[[Task], Result], task: Task, patience: float = _START_TIMEOUT) -> Result:
        """What `work` makes of `task`. Raises what it raises, and DiedApart."""
        process = self._process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        timer = threading.Timer(patience, process.kill)
        timer.start()
        try:
            pickle.dump((work, task), process.stdin)
            process.stdin.flush()
            result, error = pickle.load(process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            self.close()
            raise WorkerDied from None
        finally:
            timer.cancel()
        if error is not None:
            raise error
        done: Result = result
        return done

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        return subprocess.Popen(
            [sys.executable, "-c", _SERVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )


def serve() -> None:
    """What the process does: one task after the other, until nobody is there any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the build too, which ends this process
    tasks, results = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a step of a rule prints is no result
    while True:
        try:
            work, task = pickle.load(tasks)
        except EOFError:
            return
        answer: tuple[Any, Exception | None]
        try:
            answer = work(task), None
        except Exception as error:
            answer = None, error
        pickle.dump(answer, results)
        results.flush()


_worker = threading.local()


def run_in_subprocess(work: Callable[[Task], Result], task: Task) -> Result:
    """`work` done by a process that belongs to this thread: in its first thread there is a clock (`watchdog`)."""
    if not hasattr(_worker, "apart"):
        _worker.apart = SubprocessWorker()
    apart: SubprocessWorker = _worker.apart
    return apart.run(work, task)
