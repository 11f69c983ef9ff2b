"""Hosts are asked politely. A clock that jumps to what is waited for makes hours of it pass at once."""

from __future__ import annotations

import asyncio
import selectors
from collections import Counter
from collections.abc import Coroutine
from typing import Any

from newsarchive.net.rate_limiter import PolitenessPolicy, RateLimiter


class JumpingLoop(asyncio.SelectorEventLoop):
    """A loop whose clock stands while there is work, and jumps to the next thing that is due when there is none."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(Jumping(self))

    def time(self) -> float:
        """Seconds."""
        return self.now


class Jumping(selectors.DefaultSelector):
    """Waits by moving the clock."""

    def __init__(self, loop: JumpingLoop) -> None:
        super().__init__()
        self.loop = loop

    def select(self, timeout: float | None = None) -> list[Any]:
        """What is ready, at once."""
        if timeout:
            self.loop.now += timeout
        return super().select(0)


def run(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(work)


async def ask(turns: RateLimiter, host: str, takes: float, begun: list[tuple[str, float]], now: Counter[str]) -> None:
    async with turns.limit(host):
        begun.append((host, asyncio.get_running_loop().time()))
        now[host] += 1
        now["most at " + host] = max(now["most at " + host], now[host])
        now["most"] = max(now["most"], sum(count for name, count in now.items() if not name.startswith("most")))
        await asyncio.sleep(takes)
        now[host] -= 1


def asked(politeness: PolitenessPolicy, takes: float, **requests: int) -> tuple[list[tuple[str, float]], Counter[str]]:
    """When each request begins, where all want to at once and take so long; and how many there are at a time."""
    begun: list[tuple[str, float]] = []
    now: Counter[str] = Counter()

    async def work() -> None:
        turns = RateLimiter(politeness)
        async with asyncio.TaskGroup() as group:
            for host, count in requests.items():
                for _ in range(count):
                    group.create_task(ask(turns, host, takes, begun, now))

    run(work())
    return begun, now


def test_a_host_is_asked_with_a_delay_between_two_requests() -> None:
    begun, _ = asked(PolitenessPolicy(delay=0.5, per_host=2), 0.1, a=4)

    assert [round(time, 3) for _, time in begun] == [0, 0.5, 1.0, 1.5]


def test_no_more_than_a_few_requests_are_at_one_host_at_a_time() -> None:
    begun, now = asked(PolitenessPolicy(delay=0.5, per_host=2), 10, a=6)

    assert now["most at a"] == 2
    assert [round(time, 3) for _, time in begun] == [0, 0.5, 10, 10.5, 20, 20.5]


def test_hosts_do_not_wait_for_one_another() -> None:
    begun, _ = asked(PolitenessPolicy(delay=5), 0.1, a=3, b=3)

    assert sorted((host, round(time, 3)) for host, time in begun) == [
        ("a", 0),
        ("a", 5),
        ("a", 10),
        ("b", 0),
        ("b", 5),
        ("b", 10),
    ]


def test_no_more_than_so_many_requests_are_under_way_at_all() -> None:
    _, now = asked(PolitenessPolicy(delay=0.1, per_host=3, concurrency=4), 7, a=5, b=5, c=5, d=5)

    assert now["most"] == 4


def test_a_host_that_waits_for_its_delay_takes_no_place_from_others() -> None:
    begun, _ = asked(PolitenessPolicy(delay=100, per_host=2, concurrency=1), 1, slow=3, quick=1)

    assert ("quick", 1) in [(host, round(time)) for host, time in begun]


def test_a_host_that_wants_rest_gets_it() -> None:
    begun: list[tuple[str, float]] = []

    async def work() -> None:
        turns = RateLimiter(PolitenessPolicy(delay=0.5))
        turns.backoff("a", 60)
        async with asyncio.TaskGroup() as group:
            for host in ("a", "b"):
                group.create_task(ask(turns, host, 1, begun, Counter()))

    run(work())

    assert [(host, round(time, 3)) for host, time in begun] == [("b", 0), ("a", 60)]


def test_a_host_counts_as_gone_after_five_silences_in_a_row() -> None:
    turns = RateLimiter.__new__(RateLimiter)
    turns._failed_connections = Counter()
    for _ in range(4):
        turns.record_failed_connection("a")
    turns.record_answer("a")
    for _ in range(4):
        turns.record_failed_connection("a")

    before = turns.is_unreachable("a")
    turns.record_failed_connection("a")

    assert (before, turns.is_unreachable("a")) == (False, True)
