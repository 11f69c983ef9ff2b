"""Who may ask which host when: a few at a time, with a delay between two, and not at all while it wants rest."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

_HOPELESS = 5  # connections that failed one after another, until a host counts as gone for this run


@dataclass(frozen=True, slots=True)
class Manners:
    """How politely hosts are asked. Seconds, and counts of requests."""

    delay: float = 0.5  # between the beginnings of two requests to one host
    per_host: int = 2  # at a time
    at_once: int = 16  # at a time, at all hosts together
    attempts: int = 4  # at one picture
    patience: float = 2.0  # before the second attempt; twice as long before each further one
    longest_rest: float = 300.0  # that a host may ask for and get; who asks for more is asked again another day
    timeout: float = 60.0  # for one request
    connecting: float = 15.0  # of it, until a host takes the connection


class Turns:
    """Gives turns at hosts. A turn lasts until what came is stored, so that no more than `at_once` wait in memory."""

    def __init__(self, manners: Manners) -> None:
        self._manners = manners
        self._overall = asyncio.Semaphore(manners.at_once)
        self._places: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(manners.per_host))
        self._next: defaultdict[str, float] = defaultdict(float)  # by the monotonic clock
        self._silent: Counter[str] = Counter()

    @asynccontextmanager
    async def at(self, host: str) -> AsyncIterator[None]:
        """A turn at a host, when it comes."""
        async with self._places[host]:
            await self._begin(host)
            try:
                yield
            finally:
                self._overall.release()

    async def _begin(self, host: str) -> None:
        """Takes one of the places overall as soon as the host may be asked; waiting for a host takes none."""
        while True:
            await asyncio.sleep(max(0.0, self._next[host] - _now()))
            await self._overall.acquire()
            now = _now()
            if now >= self._next[host]:
                self._next[host] = now + self._manners.delay
                return
            self._overall.release()

    def rest(self, host: str, seconds: float) -> None:
        """Nobody asks a host for so long."""
        self._next[host] = max(self._next[host], _now() + seconds)

    def answered(self, host: str) -> None:
        """A host is there."""
        self._silent[host] = 0

    def was_silent(self, host: str) -> None:
        """A host took no connection."""
        self._silent[host] += 1

    def is_hopeless(self, host: str) -> bool:
        """True for a host that took no connection several times in a row: each would wait for the same."""
        return self._silent[host] >= _HOPELESS


def _now() -> float:
    """Seconds, by the clock of the loop, which sleeping goes by too."""
    return asyncio.get_running_loop().time()
