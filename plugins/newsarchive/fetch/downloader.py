"""Fetch images: one queue for each host, retries with backoff, and every outcome in the manifest at once.

If the process is killed, files and lines of the manifest are complete, and the next run continues. `download_run`
decides which images to fetch; `net.client` makes the requests.
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
    """The largest images to accept."""

    bytes: int = 20_000_000  # of one image
    pixels: int = 50_000_000  # of one image; decoded, these are 200 MB
    budget: int = 5_000_000_000  # bytes of all images together


class BudgetExhausted(Exception):
    """The next image would exceed `DownloadLimits.budget`."""


class BlobStore:
    """Inspects and stores images within limits. Thread-safe."""

    def __init__(self, folder: Path, known: Iterable[StoredImage], limits: DownloadLimits) -> None:
        """`folder`: the folder of images; `known`: the images of its manifest, which count towards the budget."""
        self.folder, self.limits = folder, limits
        self._sizes = {image.sha256: image.size for image in known if image.is_stored}
        self._used = sum(self._sizes.values())
        self._lock = threading.Lock()

    def add(self, data: bytes) -> InspectedImage:
        """Inspect and store an image. Raises RejectedImage, BudgetExhausted or NotStored."""
        inspected = inspect_image(data, self.limits.pixels)
        with self._lock:
            if inspected.sha256 not in self._sizes:
                if self._used + inspected.size > self.limits.budget:
                    raise BudgetExhausted
                self._sizes[inspected.sha256] = inspected.size
                self._used += inspected.size
        keep_bytes(self.folder, stored("", inspected), data)
        return inspected


@dataclass(frozen=True, slots=True)
class Downloader:
    """How to fetch images: rate limits, size limits, allowed networks, mirrors and the User-Agent header."""

    politeness: PolitenessPolicy
    limits: DownloadLimits
    address_policy: Sequence[AllowedNetwork] = ()
    mirrors: Mirrors = field(default_factory=Mirrors)
    agent: str = AGENT


async def fetch_images(
    addresses: Iterable[str],
    manifest: GrowingManifest,
    downloader: Downloader,
    on_image: Callable[[StoredImage], None],
) -> None:
    """Fetch `addresses`, those of one host in their order, and add the outcomes to `manifest`.

    A stored image is requested only if it changed (RFC 9110, 13.1), and is kept if the request fails. `on_image` is
    called with each outcome. Raises BudgetExhausted or NotStored.
    """
    with ThreadPoolExecutor(os.cpu_count(), "decoding") as threads:
        session = _DownloadSession(manifest, downloader, on_image, threads)
        try:
            async with session.client, asyncio.TaskGroup() as tasks:
                for host, queue in _queues_by_host(addresses).items():
                    for _ in range(min(downloader.politeness.per_host, len(queue))):
                        tasks.create_task(session.fetch_queue(host, queue))
        except* (BudgetExhausted, NotStored) as errors:
            raise errors.exceptions[0] from None


def _queues_by_host(addresses: Iterable[str]) -> dict[str, deque[str]]:
    queues: defaultdict[str, deque[str]] = defaultdict(deque)
    for address in addresses:
        queues[host_of(address)].append(address)
    return queues


class _DownloadSession:
    """The state that the tasks of one `fetch_images` call share."""

    def __init__(
        self,
        manifest: GrowingManifest,
        downloader: Downloader,
        on_image: Callable[[StoredImage], None],
        threads: ThreadPoolExecutor,
    ) -> None:
        self._manifest, self._on_image, self._threads = manifest, on_image, threads
        self._politeness = downloader.politeness
        self._rate_limiter = RateLimiter(downloader.politeness)
        self._blob_store = BlobStore(manifest.folder, manifest.known.values(), downloader.limits)
        self.client = Client(
            downloader.politeness,
            self._rate_limiter,
            downloader.address_policy,
            downloader.mirrors,
            downloader.agent,
            downloader.limits.bytes,
        )

    async def fetch_queue(self, host: str, queue: deque[str]) -> None:
        """Fetch the addresses in a host's queue, one after another, until it is empty."""
        while queue:
            address = queue.popleft()
            previous = self._manifest.known.get(address)
            if previous and previous.is_stored and not image_file(self._manifest.folder, previous).is_file():
                previous = None  # the file was deleted: fetch it unconditionally
            image = await self._fetch(address, previous, host)
            if image.is_stored or not (previous and previous.is_stored):
                self._manifest.add([image])
            self._on_image(image)

    async def _fetch(self, address: str, previous: StoredImage | None, host: str) -> StoredImage:
        """Fetch an address with retries and return the outcome. `previous` is the stored image, if any."""
        failure = TransientFailure("no connection, as for the images before")
        for attempt in range(self._politeness.attempts):
            if self._rate_limiter.is_unreachable(host):
                break
            if attempt:
                await asyncio.sleep(self._politeness.retry_delay * 2 ** (attempt - 1))
            try:
                return with_fetch_time(await self.client.get(address, _conditions(previous), self._store))
            except NotModified:
                if previous:
                    return previous
                return StoredImage(address=address, outcome=FAILED, error="unchanged, but nothing is stored")
            except TransientFailure as error:
                failure = error
                if error.too_long:
                    break
        failed = StoredImage(address=address, outcome=FAILED, status=failure.status, error=failure.error)
        return with_fetch_time(failed)

    async def _store(self, data: bytes) -> InspectedImage:
        """Inspect and store an image in a thread: decoding takes a processor, and responses arrive meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._blob_store.add, data)


def _conditions(previous: StoredImage | None) -> Mapping[str, str]:
    """Return the headers that request an image only if it changed (RFC 9110, 13.1)."""
    if not previous or not previous.is_stored:
        return {}
    conditions = {"If-None-Match": previous.etag, "If-Modified-Since": previous.last_modified}
    return {name: value for name, value in conditions.items() if value}


def with_fetch_time(image: StoredImage) -> StoredImage:
    """Return `image` with the current time (UTC) in `fetched`."""
    return msgspec.structs.replace(image, fetched=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
