"""What fetching says while it works: a bar on a terminal, a line now and then in a log; how fast, how long still."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from newsarchive.images.manifest import StoredImage

_BETWEEN_LINES = 15.0  # seconds
_REDRAWN = 0.2


class DownloadProgress:
    """Counts what is done, and estimates what is not. `clock` gives seconds."""

    def __init__(self, total: int, at_least: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        self.total, self.done, self.stored, self.bytes = total, 0, 0, 0
        self._at_least, self._clock, self._began = at_least, clock, clock()

    def count(self, image: StoredImage) -> None:
        """Account for an image."""
        self.done += 1
        if image.is_stored:
            self.stored += 1
            self.bytes += image.size

    @property
    def rate(self) -> float:
        """Images a second."""
        return self.done / max(self._clock() - self._began, 1e-9)

    @property
    def remaining(self) -> float:
        """Seconds: by the rate so far, but no fewer than the longest queue takes with its delays."""
        by_rate = (self.total - self.done) / self.rate if self.done else 0.0
        return max(by_rate, self._at_least - (self._clock() - self._began)) if self.done < self.total else 0.0

    def __str__(self) -> str:
        return (
            f"{self.done:,} of {self.total:,} images, {self.stored:,} stored, {self.bytes / 1e6:,.1f} MB,"
            f" {self.rate:.1f}/s, {_duration(self.remaining)} left"
        )


def longest_wait(queues: Mapping[str, int], delay: float) -> float:
    """Seconds that the host with most images takes at least."""
    return max(queues.values(), default=0) * delay


@contextmanager
def report_progress(pace: DownloadProgress, out: TextIO | None) -> Iterator[Callable[[StoredImage], None]]:
    """Gives the function that is to be told of each image."""
    if out and out.isatty():
        with _bar(pace, out) as told:
            yield told
        return
    last = time.monotonic()

    def tell(image: StoredImage) -> None:
        nonlocal last
        pace.count(image)
        if out and time.monotonic() - last >= _BETWEEN_LINES:
            print(f"fetch: {pace}", file=out, flush=True)
            last = time.monotonic()

    yield tell


@contextmanager
def _bar(pace: DownloadProgress, out: TextIO) -> Iterator[Callable[[StoredImage], None]]:
    from rich.console import Console  # noqa: PLC0415 - Pelican brings it; a log needs none of it
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415

    columns = (BarColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(file=out), transient=True, auto_refresh=False) as bars:
        task, drawn = bars.add_task(str(pace), total=pace.total), 0.0

        def tell(image: StoredImage) -> None:
            nonlocal drawn
            pace.count(image)
            if time.monotonic() - drawn >= _REDRAWN:
                bars.update(task, completed=pace.done, description=str(pace), refresh=True)
                drawn = time.monotonic()

        yield tell


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
