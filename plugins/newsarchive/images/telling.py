"""What fetching says while it works: a bar on a terminal, a line now and then in a log; how fast, how long still."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from newsarchive.pictures.manifest import StoredPicture

_BETWEEN_LINES = 15.0  # seconds
_REDRAWN = 0.2


class Pace:
    """Counts what is done, and estimates what is not. `clock` gives seconds."""

    def __init__(self, total: int, at_least: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        self.total, self.done, self.stored, self.bytes = total, 0, 0, 0
        self._at_least, self._clock, self._began = at_least, clock, clock()

    def count(self, picture: StoredPicture) -> None:
        """Account for a picture."""
        self.done += 1
        if picture.is_stored:
            self.stored += 1
            self.bytes += picture.size

    @property
    def rate(self) -> float:
        """Pictures a second."""
        return self.done / max(self._clock() - self._began, 1e-9)

    @property
    def remaining(self) -> float:
        """Seconds: by the rate so far, but no fewer than the longest queue takes with its delays."""
        by_rate = (self.total - self.done) / self.rate if self.done else 0.0
        return max(by_rate, self._at_least - (self._clock() - self._began)) if self.done < self.total else 0.0

    def __str__(self) -> str:
        return (
            f"{self.done:,} of {self.total:,} pictures, {self.stored:,} stored, {self.bytes / 1e6:,.1f} MB,"
            f" {self.rate:.1f}/s, {_duration(self.remaining)} left"
        )


def longest_wait(queues: Mapping[str, int], delay: float) -> float:
    """Seconds that the host with most pictures takes at least."""
    return max(queues.values(), default=0) * delay


@contextmanager
def telling(pace: Pace, out: TextIO | None) -> Iterator[Callable[[StoredPicture], None]]:
    """Gives the function that is to be told of each picture."""
    if out and out.isatty():
        with _bar(pace, out) as told:
            yield told
        return
    last = time.monotonic()

    def tell(picture: StoredPicture) -> None:
        nonlocal last
        pace.count(picture)
        if out and time.monotonic() - last >= _BETWEEN_LINES:
            print(f"fetch: {pace}", file=out, flush=True)
            last = time.monotonic()

    yield tell


@contextmanager
def _bar(pace: Pace, out: TextIO) -> Iterator[Callable[[StoredPicture], None]]:
    from rich.console import Console  # noqa: PLC0415 - Pelican brings it; a log needs none of it
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415

    columns = (BarColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(file=out), transient=True, auto_refresh=False) as bars:
        task, drawn = bars.add_task(str(pace), total=pace.total), 0.0

        def tell(picture: StoredPicture) -> None:
            nonlocal drawn
            pace.count(picture)
            if time.monotonic() - drawn >= _REDRAWN:
                bars.update(task, completed=pace.done, description=str(pace), refresh=True)
                drawn = time.monotonic()

        yield tell


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
