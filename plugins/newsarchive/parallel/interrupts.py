"""Ctrl-C ends a build with exit status 130, as every shell expects: after it, `make publish && rsync …` runs no rsync.

Pelican catches KeyboardInterrupt and exits with 0. So SIGINT raises a SystemExit instead, wherever it arrives: in our
code, in Pelican's, or in a worker.
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
"""The exit status of what SIGINT ended."""


class Interrupted(SystemExit):
    """Somebody pressed Ctrl-C."""

    def __init__(self, code: int = INTERRUPTED) -> None:
        super().__init__(code)


def exit_when_interrupted() -> None:
    """From here on SIGINT raises Interrupted in this process. Where it is ignored, as in what a shell starts in the
    background, it stays so; and a handler of somebody else's stays."""
    is_first = threading.current_thread() is threading.main_thread()
    if is_first and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, partial(_exit, os.getpid()))


def _exit(process: int, number: int, frame: FrameType | None) -> None:
    if os.getpid() != process:  # Pelican forks itself to serve and watch, and each fork handles Ctrl-C in its own way
        raise KeyboardInterrupt
    raise Interrupted


def interrupt_only_work() -> None:
    """In a worker, from here on: SIGINT raises Interrupted within `do_interruptibly`, and does nothing at other times.
    A worker that ended while it sends a result would leave half of it in the pipe, and the build would wait for more.
    """
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, _interrupt)


def do_interruptibly(work: Callable[[Task], Result], task: Task) -> Result:
    """`work(task)`; in a worker, SIGINT ends it, and the build gets Interrupted for a result."""
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
