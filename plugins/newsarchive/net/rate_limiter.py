"""Limit the requests to each host: a few at a time, a delay between two, and none while the host asks for a pause.

It does not repeat failed requests: `fetch.downloader` does.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

_MAX_FAILED_CONNECTIONS = 5  # in a row; then the host gets no more requests in this run


@dataclass(frozen=True, slots=True)
class PolitenessPolicy:
    """Limits of the requests to a host. Times are seconds."""

    delay: float = 0.5  # between the starts of two requests to one host
    per_host: int = 2  # concurrent requests to one host
    concurrency: int = 16  # concurrent requests to all hosts
    attempts: int = 4  # for one image
    retry_delay: float = 2.0  # before the second attempt; doubled before each further one
    max_backoff: float = 300.0  # the longest Retry-After that is waited for; after a longer one the image fails
    timeout: float = 60.0  # of one request
    connect_timeout: float = 15.0  # until the host accepts the connection


class RateLimiter:
    """Limits the requests to each host.

    A request counts until its image is stored, so at most `concurrency` images are in memory.
    """

    def __init__(self, politeness: PolitenessPolicy) -> None:
        self._politeness = politeness
        self._overall = asyncio.Semaphore(politeness.concurrency)
        self._per_host: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(politeness.per_host)
        )
        self._next_request: defaultdict[str, float] = defaultdict(float)  # earliest start, by `_now`
        self._failed_connections: Counter[str] = Counter()

    @asynccontextmanager
    async def limit(self, host: str) -> AsyncIterator[None]:
        """Wait until a request to `host` may start; the request ends with the block."""
        async with self._per_host[host]:
            await self._acquire_overall(host)
            try:
                yield
            finally:
                self._overall.release()

    async def _acquire_overall(self, host: str) -> None:
        """Wait for the host's delay, then acquire the overall semaphore. Does not hold it while it waits."""
        while True:
            await asyncio.sleep(max(0.0, self._next_request[host] - _now()))
            await self._overall.acquire()
            now = _now()
            if now >= self._next_request[host]:
                self._next_request[host] = now + self._politeness.delay
                return
            self._overall.release()

    def backoff(self, host: str, seconds: float) -> None:
        """Start no request to `host` for so many seconds."""
        self._next_request[host] = max(self._next_request[host], _now() + seconds)

    def record_answer(self, host: str) -> None:
        """Record that a host accepted a connection and sent a response."""
        self._failed_connections[host] = 0

    def record_failed_connection(self, host: str) -> None:
        """Record that a host accepted no connection."""
        self._failed_connections[host] += 1

    def is_unreachable(self, host: str) -> bool:
        """Return True if the last five connections to a host failed: every further image would wait for a timeout."""
        return self._failed_connections[host] >= _MAX_FAILED_CONNECTIONS


def _now() -> float:
    """Return seconds by the event loop's monotonic clock, which `asyncio.sleep` uses too."""
    return asyncio.get_running_loop().time()
