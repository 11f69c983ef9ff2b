"""What a build says while it works: bars on a terminal, lines in a log; and where the time went."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO, TypeVar

from newsarchive.diagnostics import printable

Item = TypeVar("Item")

_WORTH_A_LINE = 1.0  # seconds: in a log, a stage that took less is not told of
_REDRAWN = 0.1  # seconds between two drawings of a bar
_WORTH_A_BAR = 100  # items: on a terminal, fewer are done before a bar is drawn


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
    """Counts and times the stages of a build. `out` is where it tells of them; None is nowhere."""

    out: TextIO | None = None
    stages: list[Stage] = field(default_factory=list)
    spent: dict[str, float] = field(default_factory=dict)  # a worker's seconds for single articles, by their paths

    def spend(self, source: str, seconds: float) -> None:
        """Account for an article's time, which may come in pieces."""
        self.spent[source] = self.spent.get(source, 0.0) + seconds

    def profile(self, slowest: int = 10) -> Iterator[str]:
        """Where the time went, line by line: stage after stage, and the articles that took longest by themselves."""
        for stage in self.stages:
            yield f"{stage.seconds:8.2f} s  {stage.name}{f' {stage.count:,}' if stage.count else ''}"
        if self.spent:
            yield "slowest to clean and describe:"
        for source, seconds in sorted(self.spent.items(), key=lambda item: (-item[1], item[0]))[:slowest]:
            yield f"{seconds * 1000:8.1f} ms {printable(source)}"

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """A stage; what is done inside may count."""
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
        """`items` as they come, counted."""
        with self.stage(name) as stage, self._bar(name, total) as advance:
            for item in items:
                yield item
                stage.count += 1
                advance()

    @contextmanager
    def _bar(self, name: str, total: int) -> Iterator[Callable[[], None]]:
        if not (self.out and self.out.isatty() and total >= _WORTH_A_BAR):
            yield lambda: None
            return
        # Pelican brings it; a log needs none of it.
        from rich.console import Console  # noqa: PLC0415
        from rich.progress import Progress as Bars  # noqa: PLC0415

        # Drawn as work is done, not by a thread: processes are forked meanwhile.
        with Bars(console=Console(file=self.out), transient=True, auto_refresh=False) as bars:
            task, drawn = bars.add_task(name, total=total), 0.0

            def advance() -> None:
                nonlocal drawn
                bars.advance(task)
                if time.monotonic() - drawn > _REDRAWN:
                    bars.refresh()
                    drawn = time.monotonic()

            yield advance
