"""Fetches pictures: a queue for each host, patience with those that fail, and every outcome in the manifest at once.

Killed at any moment it leaves whole files and whole lines, and goes on where it was.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from newsarchive import __version__
from newsarchive.images.client import Client, Mirrors, Passing, Unchanged, host_of, stored
from newsarchive.images.doors import Door
from newsarchive.images.turns import Manners, Turns
from newsarchive.pictures.manifest import FAILED, GrowingManifest, StoredPicture, picture_file
from newsarchive.pictures.measure import Measured, measure_picture
from newsarchive.pictures.store import NotStored, keep_bytes

AGENT = f"NewsArchive/{__version__} (keeps the pictures of news articles)"


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that is taken."""

    bytes: int = 20_000_000  # of one picture
    pixels: int = 50_000_000  # of one picture; decoded they are 200 MB
    budget: int = 5_000_000_000  # bytes of all pictures together


class BudgetSpent(Exception):
    """The next picture would not fit."""


class Shelf:
    """Measures and stores pictures, as far as the caps allow. May be used by several threads."""

    def __init__(self, folder: Path, known: Iterable[StoredPicture], caps: Caps) -> None:
        self.folder, self.caps = folder, caps
        self._sizes = {picture.sha256: picture.size for picture in known if picture.is_stored}
        self._used = sum(self._sizes.values())
        self._lock = threading.Lock()

    def take(self, data: bytes) -> Measured:
        """Raises Unfit, or BudgetSpent."""
        measured = measure_picture(data, self.caps.pixels)
        with self._lock:
            if measured.sha256 not in self._sizes:
                if self._used + measured.size > self.caps.budget:
                    raise BudgetSpent
                self._sizes[measured.sha256] = measured.size
                self._used += measured.size
        keep_bytes(self.folder, stored("", measured), data)
        return measured


@dataclass(frozen=True, slots=True)
class Fetching:
    """How pictures are fetched."""

    manners: Manners
    caps: Caps
    doors: Sequence[Door] = ()
    mirrors: Mirrors = field(default_factory=Mirrors)
    agent: str = AGENT


async def fetch_pictures(
    addresses: Iterable[str], manifest: GrowingManifest, how: Fetching, told: Callable[[StoredPicture], None]
) -> None:
    """Fetch each of `addresses`, those of one host in their order, and add what became of them to `manifest`.

    What is stored already is asked for again only as far as it changed, and stays whatever comes instead. `told` hears
    of each. Raises BudgetSpent or NotStored.
    """
    with ThreadPoolExecutor(os.cpu_count(), "decoding") as threads:
        run = _Run(manifest, how, told, threads)
        try:
            async with run.client, asyncio.TaskGroup() as group:
                for host, queue in _queues(addresses).items():
                    for _ in range(min(how.manners.per_host, len(queue))):
                        group.create_task(run.work(host, queue))
        except* (BudgetSpent, NotStored) as group_of_them:
            raise group_of_them.exceptions[0] from None


def _queues(addresses: Iterable[str]) -> dict[str, deque[str]]:
    """Addresses by host."""
    queues: defaultdict[str, deque[str]] = defaultdict(deque)
    for address in addresses:
        queues[host_of(address)].append(address)
    return queues


class _Run:
    """One run over many pictures."""

    def __init__(
        self,
        manifest: GrowingManifest,
        how: Fetching,
        told: Callable[[StoredPicture], None],
        threads: ThreadPoolExecutor,
    ) -> None:
        self._manifest, self._manners, self._told, self._threads = manifest, how.manners, told, threads
        self._turns = Turns(how.manners)
        self._shelf = Shelf(manifest.folder, manifest.known.values(), how.caps)
        self.client = Client(how.manners, self._turns, how.doors, how.mirrors, how.agent, how.caps.bytes)

    async def work(self, host: str, queue: deque[str]) -> None:
        """Fetch what waits for a host, one after another."""
        while queue:
            address = queue.popleft()
            before = self._manifest.known.get(address)
            if before and before.is_stored and not picture_file(self._manifest.folder, before).is_file():
                before = None  # somebody took the file away
            now = await self._fetch(address, before, host)
            if now.is_stored or not (before and before.is_stored):
                self._manifest.add([now])
            self._told(now)

    async def _fetch(self, address: str, before: StoredPicture | None, host: str) -> StoredPicture:
        """What becomes of an address in a few attempts."""
        passing = Passing("no connection, as for the pictures before")
        for attempt in range(self._manners.attempts):
            if self._turns.is_hopeless(host):
                break
            if attempt:
                await asyncio.sleep(self._manners.patience * 2 ** (attempt - 1))
            try:
                return fetched_now(await self.client.get(address, _conditions(before), self._take))
            except Unchanged:
                return before or StoredPicture(
                    address=address, outcome=FAILED, error="unchanged, but nothing is stored"
                )
            except Passing as error:
                passing = error
                if error.too_long:
                    break
        failed = StoredPicture(address=address, outcome=FAILED, status=passing.status, error=passing.error)
        return fetched_now(failed)

    async def _take(self, data: bytes) -> Measured:
        """Measuring takes a processor, and other hosts answer meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._shelf.take, data)


def _conditions(before: StoredPicture | None) -> Mapping[str, str]:
    """Headers that ask for a picture only where it changed (RFC 9110, 13.1)."""
    if not before or not before.is_stored:
        return {}
    conditions = {"If-None-Match": before.etag, "If-Modified-Since": before.last_modified}
    return {name: value for name, value in conditions.items() if value}


def fetched_now(picture: StoredPicture) -> StoredPicture:
    """`picture`, fetched now."""
    return msgspec.structs.replace(picture, fetched=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
