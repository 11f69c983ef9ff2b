"""Who may ask which host when: a few at a time, with a delay between two, and not at all while it wants rest."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

_HOPELESS = 5  # connections that failed one after another, until a host counts as gone for this run


@dataclass(frozen=True, slots=True)
class PolitenessPolicy:
    """How politely hosts are asked. Seconds, and counts of requests."""

    delay: float = 0.5  # between the beginnings of two requests to one host
    per_host: int = 2  # at a time
    concurrency: int = 16  # at a time, at all hosts together
    attempts: int = 4  # at one image
    retry_delay: float = 2.0  # before the second attempt; twice as long before each further one
    max_backoff: float = 300.0  # that a host may ask for and get; who asks for more is asked again another day
    timeout: float = 60.0  # for one request
    connect_timeout: float = 15.0  # of it, until a host takes the connection


class RateLimiter:
    """Limits requests to each host. A turn ends when its image is stored, so at most `concurrency` are in memory."""

    def __init__(self, politeness: PolitenessPolicy) -> None:
        self._manners = politeness
        self._overall = asyncio.Semaphore(politeness.concurrency)
        self._places: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(politeness.per_host))
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

    def backoff(self, host: str, seconds: float) -> None:
        """Nobody asks a host for so long."""
        self._next[host] = max(self._next[host], _now() + seconds)

    def record_answer(self, host: str) -> None:
        """A host is there."""
        self._silent[host] = 0

    def record_timeout(self, host: str) -> None:
        """A host took no connection."""
        self._silent[host] += 1

    def has_given_up(self, host: str) -> bool:
        """True for a host that took no connection several times in a row: each would wait for the same."""
        return self._silent[host] >= _HOPELESS


def _now() -> float:
    """Seconds, by the clock of the loop, which sleeping goes by too."""
    return asyncio.get_running_loop().time()
