"""Run tasks in this process, in worker processes, or on a Dask cluster.

Tasks are plain values, and the functions that run them belong to modules. Results come back in the order of the tasks
and depend on neither the kind nor the number of workers. This module does not know what is computed: see `build.tasks`.
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
_QUEUED_PER_WORKER = 3  # tasks: enough that no worker waits, few enough that results do not pile up in memory


class WorkerPool:
    """Runs functions over tasks.

    `choice` is "processes", "serial", or the address of a Dask scheduler; `count` is the number of worker processes
    (default: one for each core). Workers are started when there is work for them.
    """

    def __init__(self, choice: str = PROCESSES, count: int | None = None) -> None:
        self.choice = choice
        # 0 until a cluster reports how many cores it has.
        self.count = 1 if choice == SERIAL else count or (_cores() if choice == PROCESSES else 0)
        self._executor: Executor | None = None
        self._client: Any = None
        self._subprocess = SubprocessWorker()
        _keep_freed_memory()

    def close(self) -> None:
        """End the workers. They are started again if there is more work."""
        if self._executor is not None:
            # After an interrupt, tasks are still queued: cancel them. The executor of Dask only has `wait`.
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
        """Yield `work(task)` for each task, in their order. A few tasks at a time are taken and in progress.

        `work` must be a function of a module or a `partial` of one; tasks and results must be picklable.

        If a worker process dies, the tasks that it may have been running are run again, one by one, in a process of
        their own. A task that kills this process too must be a list: its items are run singly, and the result for a
        list of one item that kills its process is `on_worker_death(task)`. Without `on_worker_death`, raises
        BrokenExecutor or WorkerDied. In this process, a crash ends the build.
        """
        remaining = iter(tasks)
        first = list(islice(remaining, 2))
        if len(first) < 2 or self.count == 1:  # a single task takes less time than starting a process
            yield from map(work, chain(first, remaining))
        else:
            yield from self._submit_ahead(work, chain(first, remaining), _QUEUED_PER_WORKER, on_worker_death)

    def submit_all(self, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Start one task for each worker at once; return an iterator over the results, in the order of the tasks.

        For large tasks that run while this process does other work. Raises what `map` raises.
        """
        remaining = iter(tasks)
        first = list(islice(remaining, 1))
        if not first or self.count == 1:
            return map(work, chain(first, remaining))
        return self._submit_ahead(work, chain(first, remaining), 1, None)

    def _submit_ahead(
        self,
        work: Callable[[Task], Result],
        tasks: Iterator[Task],
        queued_per_worker: int,
        on_worker_death: Callable[[Task], Result] | None,
    ) -> Iterator[Result]:
        self._start()  # sets `count` for a cluster
        pending = deque((task, self._submit(work, task)) for task in islice(tasks, self.count * queued_per_worker))

        def results() -> Iterator[Result]:
            while pending:
                result = self._result(work, *pending.popleft(), on_worker_death)
                pending.extend((task, self._submit(work, task)) for task in islice(tasks, 1))
                yield result

        return results()

    def _submit(self, work: Callable[[Task], Result], task: Task) -> Future[Result]:
        work = partial(do_interruptibly if self._client is None else run_in_subprocess, work)
        try:
            return self._start().submit(work, task)
        except BrokenExecutor:
            self._executor = None  # its processes are dead: start new ones
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
        """Return the result for a task that a worker died of, or another task that ran at the same time."""
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
        # Imported here: a build without changes starts no processes.
        from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415

        # A forked process shares the rules, dictionaries and modules that are loaded; elsewhere each loads its own.
        context = multiprocessing.get_context("fork" if sys.platform == "linux" else None)
        return ProcessPoolExecutor(self.count, context, initializer=_initialise_worker)

    def _connect(self) -> Executor:
        try:
            from distributed import Client  # noqa: PLC0415 - an optional dependency
        except ImportError:
            hint = 'pip install "newsarchive[dask]", or use "processes"'
            raise _executor_error(self.choice, "Dask is not installed", hint) from None
        try:
            self._client = Client(self.choice, timeout=_CONNECT_TIMEOUT, set_as_default=False)  # type: ignore[no-untyped-call]
            self._client.wait_for_workers(1, timeout=_CONNECT_TIMEOUT)
        except (OSError, ValueError) as error:
            hint = "start it and its workers first"
            raise _executor_error(self.choice, f"no Dask scheduler with workers answers: {error}", hint) from None
        self.count = max(1, sum(self._client.ncores().values()))
        executor: Executor = self._client.get_executor(pure=False)
        return executor


def batches(items: Iterable[Task], size: int) -> Iterator[list[Task]]:
    """Yield `items` in lists of `size`; the last may be shorter."""
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch


def _initialise_worker() -> None:
    _keep_freed_memory()
    _exit_with_parent()
    interrupt_only_work()


# In bytes. glibc raises its threshold for mmap up to 32 MB only (mallopt(3), M_MMAP_THRESHOLD).
_LARGEST_KEPT = 31 << 20


def _keep_freed_memory() -> None:
    """Make the C library of Linux keep freed memory for the next batch.

    Each batch allocates arrays of a megabyte. glibc returns such memory to the system when it is freed, and the system
    clears its pages for the next array, until a larger block has been freed: this one. It costs nothing, because its
    pages are never touched. On other systems it has no effect.
    """
    bytes(_LARGEST_KEPT)


def _exit_with_parent() -> None:
    """End this worker when its build is killed. It would wait for work for ever, and keep the build's locks."""
    if parent := multiprocessing.parent_process():
        threading.Thread(target=_exit_after, args=(parent,), daemon=True).start()


def _exit_after(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _executor_error(choice: str, message: str, hint: str) -> ConfigurationError:
    return ConfigurationError([Diagnostic("setting", "NEWSARCHIVE_EXECUTOR", f"{choice!r}: {message}", hint)])
