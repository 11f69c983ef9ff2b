"""Time limits as a last resort: no article delays a build for more than a few seconds.

The ordinary limits are on size, so that every build decides alike (`clean.limits`, `read.front_matter`). Time limits
catch what those miss: unforeseen inputs, and regular expressions of rule files that backtrack without end. The
limit counts processor time, not wall time, so that a busy machine changes nothing.
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from types import FrameType

from newsarchive.diagnostics import Diagnostic, RejectedFile

MAX_SECONDS = 5.0
"""Processor seconds for one article in one stage.

The most expensive article within the size limits takes two seconds in all stages together.
"""

_MAX_WALL_SECONDS = 120.0  # for one article, in a library that no signal interrupts


class _TimeLimitExceeded(BaseException):
    """Raised by the signal handler to interrupt Python code, regular expressions included.

    It is no Exception, so that rule steps with `except Exception` do not catch it.
    """


@contextmanager
def cpu_limit(source: str) -> Iterator[None]:
    """Raise RejectedFile when the code inside takes more than MAX_SECONDS of processor time for one article.

    `source` is the path of the article, for the message. Does nothing where `shared_timer` cannot run.

    >>> with cpu_limit("finance/a.md"):
    ...     clean_article(raw, rules, max_depth)
    """
    with nullcontext() if _clock.is_running else shared_timer():
        try:
            _clock.ticks_left = _TICKS + 1  # the timer is running: its next tick may come at once
            yield
        except _TimeLimitExceeded:
            message = f"took more than {MAX_SECONDS:.0f} seconds of processor time"
            hint = "look for a slow pattern in your rule files; if there is none, report a bug and attach the file"
            raise RejectedFile(Diagnostic("too-costly", source, message, hint)) from None
        finally:
            _clock.ticks_left = 0


@contextmanager
def shared_timer() -> Iterator[None]:
    """Run one interval timer for all articles processed inside.

    Starting and stopping a timer takes four system calls, too many to do it for each article. Timers need signals, and
    Python delivers signals to the main thread only. So there is no limit on Windows, nor in the threads of a Dask
    worker.
    """
    if _clock.is_running or not _can_be_interrupted():
        yield
        return
    before = signal.signal(signal.SIGPROF, _tick)
    signal.setitimer(signal.ITIMER_PROF, MAX_SECONDS / _TICKS, MAX_SECONDS / _TICKS)
    _clock.is_running = True
    try:
        yield
    finally:
        _clock.is_running = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _can_be_interrupted() -> bool:
    """Return True if this thread receives SIGPROF."""
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


class _Clock(threading.local):
    """The state of the timer. Thread-local, because only the main thread has a running timer."""

    is_running = False
    ticks_left = 0  # for the current article; 0 if there is none, or if it has used them up


_clock = _Clock()
_TICKS = 10  # in MAX_SECONDS


def _tick(signal_number: int, frame: FrameType | None) -> None:
    """Count one tick of the timer down; raise _TimeLimitExceeded at the last."""
    if _clock.ticks_left:
        _clock.ticks_left -= 1
        if not _clock.ticks_left:
            raise _TimeLimitExceeded


@contextmanager
def wall_clock_limit(seconds: float = _MAX_WALL_SECONDS) -> Iterator[None]:
    """End a worker process when the code inside takes more than `seconds` of wall time.

    Such a process hangs in a library that is not Python, where no signal handler runs. `faulthandler` prints a
    traceback and ends it, and `executors` retries its work. Does nothing in the main process.
    """
    if multiprocessing.parent_process() is None:
        yield
        return
    faulthandler.dump_traceback_later(seconds, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
