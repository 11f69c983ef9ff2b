"""The last wall: no article holds up a build for longer than a few seconds, whatever it holds.

What an article may cost is bounded by its size, so that all builds decide alike (`clean.limits`, `read.front_matter`).
What nobody thought of, and regular expressions in somebody's rule files, which may take for ever, meet a clock. It
counts the process's own time, not the wall's: a busy machine changes nothing.
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
"""Of the processor, for one article in one step. The dearest within the bounds takes two in all."""


class _TimeLimitExceeded(BaseException):
    """Python's own regular expressions can be interrupted; so can everything written in it.

    No Exception: steps of rules that catch all of those shall not catch this.
    """


@contextmanager
def cpu_limit(source: str) -> Iterator[None]:
    """Raises RejectedFile when what is done with an article inside takes longer than MOST_SECONDS."""
    with nullcontext() if _clock.is_running else shared_timer():
        try:
            _clock.ticks_left = _TICKS + 1  # the first one comes when it comes
            yield
        except _TimeLimitExceeded:
            reason = f"took more than {MAX_SECONDS:.0f} seconds of the processor"
            repair = "look at the patterns of your rules; else report it, with the file"
            raise RejectedFile(Diagnostic("too-costly", source, reason, repair)) from None
        finally:
            _clock.ticks_left = 0


@contextmanager
def shared_timer() -> Iterator[None]:
    """One clock for all articles that are done inside, one after another: for each by itself, it would be started and
    stopped by four calls of the system.

    Only where there are signals, and in a process's first thread, which alone receives them: not on Windows, and not in
    the threads of a Dask worker.
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
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


class _Clock(threading.local):
    """Each thread has its own, though only the first one's can run."""

    is_running = False
    ticks_left = 0  # for the article under way; 0 when there is none, or it has had them all


_clock = _Clock()
_TICKS = 10  # in MOST_SECONDS


def _tick(number: int, frame: FrameType | None) -> None:
    if _clock.ticks_left:
        _clock.ticks_left -= 1
        if not _clock.ticks_left:
            raise _TimeLimitExceeded


@contextmanager
def wall_clock_limit(seconds: float = 120) -> Iterator[None]:
    """Ends a process that works for a build when what is done inside takes that long by the wall: it hangs where no
    signal is heard, in a library that is not Python. `executors` knows what to do then."""
    if multiprocessing.parent_process() is None:
        yield
        return
    faulthandler.dump_traceback_later(seconds, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
