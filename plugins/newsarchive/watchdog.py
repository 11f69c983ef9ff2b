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
from contextlib import contextmanager
from types import FrameType

from newsarchive.problems import Problem, RejectedFile

MOST_SECONDS = 5.0
"""Of the processor, for one article in one stage. The dearest within the bounds takes two."""


class _TookTooLong(BaseException):
    """Python's own regular expressions can be interrupted; so can everything written in it.

    No Exception: steps of rules that catch all of those shall not catch this.
    """


@contextmanager
def article_clock(source: str) -> Iterator[None]:
    """Raises RejectedFile when what is done with an article inside takes longer than MOST_SECONDS."""
    try:
        with _watched(MOST_SECONDS):
            yield
    except _TookTooLong:
        reason = f"took more than {MOST_SECONDS:.0f} seconds of the processor"
        repair = "look at the patterns of your rules; else report it, with the file"
        raise RejectedFile(Problem("too-costly", source, reason, repair)) from None


@contextmanager
def _watched(seconds: float) -> Iterator[None]:
    """It costs two calls of the system.

    Only where there are signals, and in a process's first thread, which alone receives them: not on Windows, and not in
    the threads of a Dask worker.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGPROF, _give_up)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextmanager
def last_wall(seconds: float = 120) -> Iterator[None]:
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


def _give_up(number: int, frame: FrameType | None) -> None:
    raise _TookTooLong
