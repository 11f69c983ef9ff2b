"""Show progress: a bar on a terminal, a line now and then in a log; and record where the time of a build went.

Every command that takes long uses this module: `Progress` for work in stages, `ProgressEstimate` and `show_progress`
for work that reports its steps itself, such as downloads.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO, TypeVar

from newsarchive.diagnostics import printable

Item = TypeVar("Item")

_WORTH_A_LINE = 1.0  # seconds: a log does not name a stage that took less
_BETWEEN_LINES = 15.0  # seconds between two lines about the same work in a log
_REDRAWN = 0.1  # seconds between two drawings of a bar


@dataclass(slots=True)
class Stage:
    """What a stage did, and how long it took."""

    name: str
    count: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"{self.name}: {f'{self.count:,} ' if self.count else ''}in {self.seconds:.1f} s"


@dataclass(slots=True)
class Progress:
    """Counts and times the stages of some work. It writes to `out`; None is nowhere."""

    out: TextIO | None = None
    stages: list[Stage] = field(default_factory=list)
    spent: dict[str, float] = field(default_factory=dict)  # a worker's seconds for single articles, by their paths

    def spend(self, source: str, seconds: float) -> None:
        """Add to the time of an article, which may come in parts."""
        self.spent[source] = self.spent.get(source, 0.0) + seconds

    def profile(self, slowest: int = 10) -> Iterator[str]:
        """Yield lines: the time of each stage, then the articles that took longest by themselves."""
        for stage in self.stages:
            yield f"{stage.seconds:8.2f} s  {stage.name}{f' {stage.count:,}' if stage.count else ''}"
        if self.spent:
            yield "slowest to clean and describe:"
        for source, seconds in sorted(self.spent.items(), key=lambda item: (-item[1], item[0]))[:slowest]:
            yield f"{seconds * 1000:8.1f} ms {printable(source)}"

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """Time what is done inside, which may add to the stage's count."""
        stage = Stage(name)
        start = time.perf_counter()
        try:
            yield stage
        finally:
            stage.seconds = time.perf_counter() - start
            self.stages.append(stage)
        if self.out and not self.out.isatty() and stage.seconds >= _WORTH_A_LINE:
            print(stage, file=self.out, flush=True)

    def each(self, name: str, items: Iterable[Item], total: int) -> Iterator[Item]:
        """Yield `items` as they come, and count them as a stage of their own."""
        estimate = ProgressEstimate(total)
        with self.stage(name) as stage, show_progress(name, estimate, self.out) as update:
            for item in items:
                yield item
                stage.count += 1
                estimate.done += 1
                update()


class ProgressEstimate:
    """Counts what is done, and estimates how long the rest takes. `clock` gives seconds."""

    def __init__(self, total: int, at_least: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        """`at_least`: seconds that the whole takes at least, such as the delays of the longest queue."""
        self.total, self.done = total, 0
        self._at_least, self._clock, self._began = at_least, clock, clock()

    @property
    def rate(self) -> float:
        """Return how many a second."""
        return self.done / max(self._clock() - self._began, 1e-9)

    @property
    def remaining(self) -> float:
        """Return seconds: by the rate so far, but no fewer than `at_least` leaves."""
        by_rate = (self.total - self.done) / self.rate if self.done else 0.0
        return max(by_rate, self._at_least - (self._clock() - self._began)) if self.done < self.total else 0.0

    def __str__(self) -> str:
        return f"{self.done:,} of {self.total:,}, {_duration(self.remaining)} left"


class DownloadProgress(ProgressEstimate):
    """Counts images, those that are stored, and their bytes."""

    stored = 0
    bytes = 0

    def count(self, size: int | None) -> None:
        """Count an image: its bytes, or None if it is not stored."""
        self.done += 1
        if size is not None:
            self.stored += 1
            self.bytes += size

    def __str__(self) -> str:
        return (
            f"{self.done:,} of {self.total:,} images, {self.stored:,} stored, {self.bytes / 1e6:,.1f} MB,"
            f" {self.rate:.1f}/s, {_duration(self.remaining)} left"
        )


@contextmanager
def show_progress(name: str, estimate: ProgressEstimate, out: TextIO | None) -> Iterator[Callable[[], None]]:
    """Show `estimate` on `out`; yield the function to call whenever it changes. Most calls draw nothing."""
    if out is None:
        yield lambda: None
    elif out.isatty():
        with _bar(name, estimate, out) as draw:
            yield _at_most_every(_REDRAWN, draw)
    else:
        yield _at_most_every(_BETWEEN_LINES, lambda: print(f"{name}: {estimate}", file=out, flush=True))


@contextmanager
def _bar(name: str, estimate: ProgressEstimate, out: TextIO) -> Iterator[Callable[[], None]]:
    from rich.console import Console  # noqa: PLC0415 - Pelican brings it; a log needs none of it
    from rich.markup import escape  # noqa: PLC0415
    from rich.progress import BarColumn, TextColumn  # noqa: PLC0415
    from rich.progress import Progress as Bars  # noqa: PLC0415

    columns = (BarColumn(), TextColumn("{task.description}"))
    # Drawn by the thread that works, not by one of rich's: processes are forked meanwhile.
    with Bars(*columns, console=Console(file=out), transient=True, auto_refresh=False) as bars:
        task = bars.add_task(name, total=estimate.total)
        yield lambda: bars.update(
            task, completed=estimate.done, description=escape(f"{name}: {estimate}"), refresh=True
        )


def _at_most_every(seconds: float, draw: Callable[[], None]) -> Callable[[], None]:
    """Return a function that calls `draw` unless it did so in the last `seconds`; the first call comes after them."""
    last = time.monotonic()

    def update() -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            draw()
            last = time.monotonic()

    return update


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
