"""Run tasks in a subprocess, so that a crash of it does not end this process.

Tasks and results are pickled through pipes between a parent and its own child: no other process can write there. It is
no `multiprocessing.Process`, because a Dask worker is a daemonic process, and those cannot have children.
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

_TIMEOUT = 120  # seconds of wall time; a task takes a tenth of a second

_SERVE = "from newsarchive.parallel.subprocess_worker import serve; serve()"


class WorkerDied(Exception):
    """The subprocess died, or was killed after the timeout."""


class SubprocessWorker:
    """A subprocess that runs one task at a time. It is started for the first task, and again after it died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, work: Callable[[Task], Result], task: Task, timeout: float = _TIMEOUT) -> Result:
        """Return `work(task)`; `timeout` is in seconds. Raises what `work` raises, and WorkerDied."""
        process = self._process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        timer = threading.Timer(timeout, process.kill)
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
    """Run tasks from standard input until it is closed. This is the main function of the subprocess."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the build too, and that ends this process
    tasks, results = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a rule step may print: to standard error, not into the results
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


_threads = threading.local()


def run_in_subprocess(work: Callable[[Task], Result], task: Task) -> Result:
    """Return `work(task)`, run by a subprocess of this thread, in whose main thread `time_limits` work."""
    if not hasattr(_threads, "worker"):
        _threads.worker = SubprocessWorker()
    worker: SubprocessWorker = _threads.worker
    return worker.run(work, task)
