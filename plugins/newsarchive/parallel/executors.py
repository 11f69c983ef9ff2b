"""Where the work on single articles is done: in this process, in one for each core, or by a Dask cluster.

What is run are functions of a module over plain values, so that results depend on neither the place nor the number of
workers; they come back in the order of their tasks.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from functools import partial
from itertools import chain, islice
from typing import Any, TypeVar, cast

from newsarchive.diagnostics import ConfigurationError, Diagnostic
from newsarchive.parallel.interrupts import do_interruptibly, interrupt_only_work
from newsarchive.parallel.subprocess_worker import SubprocessWorker, WorkerDied, run_in_subprocess

Task = TypeVar("Task")
Result = TypeVar("Result")

PROCESSES, SERIAL = "processes", "serial"

_CONNECT_TIMEOUT = 10  # seconds for a cluster to answer
_AHEAD = 3  # batches under way for each worker: enough that none waits, few enough that results do not pile up


class WorkerPool:
    """Runs functions over batches of tasks. `choice` is "processes", "serial", or the address of a Dask scheduler."""

    def __init__(self, choice: str = PROCESSES, count: int | None = None) -> None:
        self.choice = choice
        # 0: as many as a cluster turns out to have.
        self.count = 1 if choice == SERIAL else count or (_cores() if choice == PROCESSES else 0)
        self._executor: Executor | None = None
        self._client: Any = None
        self._subprocess = SubprocessWorker()
        _keep_freed_memory()

    def close(self) -> None:
        """Let the workers go; they come back when there is work again."""
        if self._executor is not None:  # tasks are left where the build was interrupted; Dask's knows `wait` alone
            self._executor.shutdown(**({"cancel_futures": True} if self._client is None else {"wait": False}))
        if self._client is not None:
            self._client.close()
        self._subprocess.close()
        self._executor = self._client = None

    def map(
        self,
        work: Callable[[Task], Result],
        tasks: Iterable[Task],
        on_worker_death: Callable[[Task], Result] | None = None,
    ) -> Iterator[Result]:
        """What `work` makes of each task, in their order; tasks are taken and results kept a few at a time.

        `work` must be a function of a module or a `partial` of one, and tasks and results picklable. When a process
        dies of a task, the build does not: batches that were under way are done again, one by one, and `give_up` makes
        the result of a batch of one that nobody survives. Without it, and in this process, dying is dying.
        """
        remaining = iter(tasks)
        first = list(islice(remaining, 2))
        if len(first) < 2 or self.count == 1:  # one task is done sooner than a process is started
            yield from map(work, chain(first, remaining))
        else:
            yield from self._submit_ahead(work, chain(first, remaining), _AHEAD, on_worker_death)

    def submit_all(self, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """As `map`, for large tasks beside which this process has other work: one for each worker is begun at once."""
        remaining = iter(tasks)
        first = list(islice(remaining, 1))
        if not first or self.count == 1:
            return map(work, chain(first, remaining))
        return self._submit_ahead(work, chain(first, remaining), 1, None)

    def _submit_ahead(
        self,
        work: Callable[[Task], Result],
        tasks: Iterator[Task],
        ahead: int,
        on_worker_death: Callable[[Task], Result] | None,
    ) -> Iterator[Result]:
        self._start()  # a cluster says how many it has
        under_way = deque((task, self._submit(work, task)) for task in islice(tasks, self.count * ahead))

        def results() -> Iterator[Result]:
            while under_way:
                result = self._result(work, *under_way.popleft(), on_worker_death)
                under_way.extend((task, self._submit(work, task)) for task in islice(tasks, 1))
                yield result

        return results()

    def _submit(self, work: Callable[[Task], Result], task: Task) -> Future[Result]:
        work = partial(do_interruptibly if self._client is None else run_in_subprocess, work)
        try:
            return self._start().submit(work, task)
        except BrokenExecutor:
            self._executor = None  # its processes are gone; the next task gets new ones
            return self._start().submit(work, task)

    def _result(
        self,
        work: Callable[[Task], Result],
        task: Task,
        future: Future[Result],
        on_worker_death: Callable[[Task], Result] | None,
    ) -> Result:
        try:
            return future.result()
        except (BrokenExecutor, WorkerDied):
            if on_worker_death is None:
                raise
            return self._retry_alone(work, task, on_worker_death)

    def _retry_alone(
        self, work: Callable[[Task], Result], task: Task, on_worker_death: Callable[[Task], Result]
    ) -> Result:
        """The result of a batch of which one task kills the process that does it."""
        try:
            return self._subprocess.run(work, task)
        except WorkerDied:
            batch: Any = task
            if len(batch) == 1:
                return on_worker_death(task)
            results: Any = [
                each for one in batch for each in cast(Any, self._retry_alone(work, cast(Any, [one]), on_worker_death))
            ]
            return cast(Result, results)

    def _start(self) -> Executor:
        if self._executor is None:
            self._executor = self._start_processes() if self.choice == PROCESSES else self._connect()
        return self._executor

    def _start_processes(self) -> Executor:
        # Imported here: a build that has nothing to do starts no processes.
        from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415

        # A fork has the rules, dictionaries and modules that are loaded already; elsewhere each loads its own.
        context = multiprocessing.get_context("fork" if sys.platform == "linux" else None)
        return ProcessPoolExecutor(self.count, context, initializer=_initialise_worker)

    def _connect(self) -> Executor:
        try:
            from distributed import Client  # noqa: PLC0415 - an extra that most never need
        except ImportError:
            repair = 'pip install "newsarchive[dask]", or use "processes"'
            raise _executor_problem(self.choice, "Dask is not installed", repair) from None
        try:
            self._client = Client(self.choice, timeout=_CONNECT_TIMEOUT, set_as_default=False)  # type: ignore[no-untyped-call]
            self._client.wait_for_workers(1, timeout=_CONNECT_TIMEOUT)
        except (OSError, ValueError) as error:
            repair = "start it and its workers first"
            raise _executor_problem(self.choice, f"no Dask scheduler with workers answers: {error}", repair) from None
        self.count = max(1, sum(self._client.ncores().values()))
        executor: Executor = self._client.get_executor(pure=False)
        return executor


def batches(items: Iterable[Task], size: int) -> Iterator[list[Task]]:
    """`items` in lists of `size`: what is sent to a worker at a time."""
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch


def _initialise_worker() -> None:
    _keep_freed_memory()
    _exit_with_parent()
    interrupt_only_work()


_LARGEST_KEPT = 31 << 20  # bytes; glibc learns of no more than 32 MB


def _keep_freed_memory() -> None:
    """Arrays of a megabyte come and go with every batch. The C library of Linux gives each back to the system at once,
    and has its pages cleared anew for the next, until it has seen that larger pieces are freed: this one, which nobody
    touches, costs nothing. Elsewhere it changes nothing."""
    bytes(_LARGEST_KEPT)


def _exit_with_parent() -> None:
    """A worker whose build is killed would wait for work for ever, and hold what the build held: it watches it."""
    if build := multiprocessing.parent_process():
        threading.Thread(target=_exit_after, args=(build,), daemon=True).start()


def _exit_after(build: multiprocessing.process.BaseProcess) -> None:
    build.join()
    os._exit(1)


def _cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _executor_problem(choice: str, diagnostic: str, repair: str) -> ConfigurationError:
    return ConfigurationError([Diagnostic("setting", "NEWSARCHIVE_EXECUTOR", f"{choice!r}: {diagnostic}", repair)])
