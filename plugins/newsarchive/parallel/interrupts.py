"""End an interrupted build with exit status 130, as shells expect: then `make publish && rsync …` runs no rsync.

Pelican catches KeyboardInterrupt and exits with status 0. So SIGINT raises a SystemExit instead, wherever it arrives:
in our code, in Pelican's, or in a worker.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

INTERRUPTED = 128 + signal.SIGINT
"""The exit status of a process that SIGINT ended: 128 + the number of the signal (POSIX shells)."""


class Interrupted(SystemExit):
    """You pressed Ctrl-C, or the process got a SIGINT."""

    code = INTERRUPTED  # of the class: an instance that a second signal interrupts while it is made has none


def exit_when_interrupted() -> None:
    """Let SIGINT raise Interrupted in this process.

    Changes nothing if SIGINT is ignored, as in a background job of a shell, or if another handler is installed.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, partial(_exit, os.getpid()))


def _exit(process: int, number: int, frame: FrameType | None) -> None:
    if os.getpid() != process:  # Pelican's forks, which serve and watch, handle KeyboardInterrupt themselves
        raise KeyboardInterrupt
    raise Interrupted


def interrupt_only_work() -> None:
    """Let SIGINT raise Interrupted inside `do_interruptibly`, and ignore it at other times. For worker processes.

    A worker that ends while it sends a result would leave half of it in the pipe, and the build would wait for more.
    """
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, _interrupt)


def do_interruptibly(work: Callable[[Task], Result], task: Task) -> Result:
    """Return `work(task)`. In a worker, SIGINT raises Interrupted here, which the build gets as the result."""
    _worker.is_at_work = True
    try:
        return work(task)
    finally:
        _worker.is_at_work = False


class _Worker:
    is_at_work = False


_worker = _Worker()


def _interrupt(number: int, frame: FrameType | None) -> None:
    if _worker.is_at_work:
        raise Interrupted
