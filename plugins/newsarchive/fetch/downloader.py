"""Fetches images: a queue for each host, patience with those that fail, and every outcome in the manifest at once.

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
from newsarchive.images.blob_store import NotStored, keep_bytes
from newsarchive.images.inspect_image import InspectedImage, inspect_image
from newsarchive.images.manifest import FAILED, GrowingManifest, StoredImage, image_file
from newsarchive.net.address_policy import AllowedNetwork
from newsarchive.net.client import Client, Mirrors, NotModified, TransientFailure, host_of, stored
from newsarchive.net.rate_limiter import PolitenessPolicy, RateLimiter

AGENT = f"NewsArchive/{__version__} (keeps the images of news articles)"


@dataclass(frozen=True, slots=True)
class DownloadLimits:
    """The most that is taken."""

    bytes: int = 20_000_000  # of one image
    pixels: int = 50_000_000  # of one image; decoded they are 200 MB
    budget: int = 5_000_000_000  # bytes of all images together


class BudgetExhausted(Exception):
    """The next image would not fit."""


class BlobStore:
    """Measures and stores images, as far as the caps allow. May be used by several threads."""

    def __init__(self, folder: Path, known: Iterable[StoredImage], limits: DownloadLimits) -> None:
        self.folder, self.limits = folder, limits
        self._sizes = {image.sha256: image.size for image in known if image.is_stored}
        self._used = sum(self._sizes.values())
        self._lock = threading.Lock()

    def add(self, data: bytes) -> InspectedImage:
        """Raises Unfit, or BudgetSpent."""
        measured = inspect_image(data, self.limits.pixels)
        with self._lock:
            if measured.sha256 not in self._sizes:
                if self._used + measured.size > self.limits.budget:
                    raise BudgetExhausted
                self._sizes[measured.sha256] = measured.size
                self._used += measured.size
        keep_bytes(self.folder, stored("", measured), data)
        return measured


@dataclass(frozen=True, slots=True)
class Downloader:
    """How images are fetched."""

    politeness: PolitenessPolicy
    limits: DownloadLimits
    address_policy: Sequence[AllowedNetwork] = ()
    mirrors: Mirrors = field(default_factory=Mirrors)
    agent: str = AGENT


async def fetch_images(
    addresses: Iterable[str], manifest: GrowingManifest, how: Downloader, told: Callable[[StoredImage], None]
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
                    for _ in range(min(how.politeness.per_host, len(queue))):
                        group.create_task(run.work(host, queue))
        except* (BudgetExhausted, NotStored) as group_of_them:
            raise group_of_them.exceptions[0] from None


def _queues(addresses: Iterable[str]) -> dict[str, deque[str]]:
    """Addresses by host."""
    queues: defaultdict[str, deque[str]] = defaultdict(deque)
    for address in addresses:
        queues[host_of(address)].append(address)
    return queues


class _Run:
    """One run over many images."""

    def __init__(
        self,
        manifest: GrowingManifest,
        how: Downloader,
        told: Callable[[StoredImage], None],
        threads: ThreadPoolExecutor,
    ) -> None:
        self._manifest, self._manners, self._told, self._threads = manifest, how.politeness, told, threads
        self._turns = RateLimiter(how.politeness)
        self._shelf = BlobStore(manifest.folder, manifest.known.values(), how.limits)
        self.client = Client(how.politeness, self._turns, how.address_policy, how.mirrors, how.agent, how.limits.bytes)

    async def work(self, host: str, queue: deque[str]) -> None:
        """Fetch what waits for a host, one after another."""
        while queue:
            address = queue.popleft()
            before = self._manifest.known.get(address)
            if before and before.is_stored and not image_file(self._manifest.folder, before).is_file():
                before = None  # somebody took the file away
            now = await self._fetch(address, before, host)
            if now.is_stored or not (before and before.is_stored):
                self._manifest.add([now])
            self._told(now)

    async def _fetch(self, address: str, before: StoredImage | None, host: str) -> StoredImage:
        """What becomes of an address in a few attempts."""
        passing = TransientFailure("no connection, as for the images before")
        for attempt in range(self._manners.attempts):
            if self._turns.has_given_up(host):
                break
            if attempt:
                await asyncio.sleep(self._manners.retry_delay * 2 ** (attempt - 1))
            try:
                return fetch_time(await self.client.get(address, _conditions(before), self._take))
            except NotModified:
                return before or StoredImage(address=address, outcome=FAILED, error="unchanged, but nothing is stored")
            except TransientFailure as error:
                passing = error
                if error.too_long:
                    break
        failed = StoredImage(address=address, outcome=FAILED, status=passing.status, error=passing.error)
        return fetch_time(failed)

    async def _take(self, data: bytes) -> InspectedImage:
        """Measuring takes a processor, and other hosts answer meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._shelf.add, data)


def _conditions(before: StoredImage | None) -> Mapping[str, str]:
    """Headers that ask for an image only where it changed (RFC 9110, 13.1)."""
    if not before or not before.is_stored:
        return {}
    conditions = {"If-None-Match": before.etag, "If-Modified-Since": before.last_modified}
    return {name: value for name, value in conditions.items() if value}


def fetch_time(image: StoredImage) -> StoredImage:
    """`image`, fetched now."""
    return msgspec.structs.replace(image, fetched=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
