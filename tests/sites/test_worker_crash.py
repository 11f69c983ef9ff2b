"""A process that dies of an article, by a crash or for want of memory, costs that article and no other."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from newsarchive.parallel.executors import WorkerPool, batches
from newsarchive.parallel.interrupts import Interrupted
from newsarchive.parallel.subprocess_worker import SubprocessWorker, WorkerDied


def work(batch: list[int]) -> list[int]:
    """Doubles numbers; dies of 13."""
    if 13 in batch:
        os.kill(os.getpid(), signal.SIGKILL)
    return [2 * number for number in batch]


def give_up(batch: list[int]) -> list[int]:
    return [-number for number in batch]


def hang(seconds: float) -> None:
    """What is waited for is its end: nothing else hangs where no signal is heard."""
    time.sleep(seconds)


def fail(reason: str) -> None:
    raise ValueError(reason)


def test_a_process_that_dies_costs_one_task_and_the_order_stays() -> None:
    pool = WorkerPool(count=2)

    done = [result for batch in pool.map(work, batches(range(40), 4), give_up) for result in batch]
    pool.close()

    assert done == [-13 if number == 13 else 2 * number for number in range(40)]


def interrupt(batch: list[int]) -> list[int]:
    """As Ctrl-C does, at number 13."""
    if 13 in batch:
        os.kill(os.getpid(), signal.SIGINT)
    return batch


def test_ctrl_c_in_a_worker_ends_the_build_with_exit_status_130() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # not ignored, as in a shell's background
    pool = WorkerPool(count=2)

    with pytest.raises(Interrupted) as ended:
        list(pool.map(interrupt, batches(range(40), 4), give_up))
    pool.close()
    signal.signal(signal.SIGINT, before)

    assert ended.value.code == 130


def test_a_process_apart_gives_back_results_and_errors_and_is_replaced_when_it_dies() -> None:
    apart = SubprocessWorker()

    assert apart.run(work, [1, 2]) == [2, 4]
    with pytest.raises(ValueError, match="wrong"):
        apart.run(fail, "wrong")
    with pytest.raises(WorkerDied):
        apart.run(work, [13])
    assert apart.run(work, [3]) == [6]
    apart.close()


def test_a_process_apart_that_hangs_is_ended() -> None:
    apart = SubprocessWorker()

    with pytest.raises(WorkerDied):
        apart.run(hang, 1_000, timeout=1)
    apart.close()


def test_what_work_apart_prints_is_no_result(tmp_path: Path) -> None:
    apart = SubprocessWorker()

    assert apart.run(print, "steps of rules may print") is None
    apart.close()
