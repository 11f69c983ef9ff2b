"""Run `newsarchive images`: fetch images, take them from a folder or a HAR file, list them, or report on them.

The options are declared in `commands`; requests are made in `downloader`.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from PIL import Image

from newsarchive.config import BuildConfig
from newsarchive.diagnostics import ConfigurationError, Diagnostic, printable
from newsarchive.fetch.downloader import (
    AGENT,
    BlobStore,
    BudgetExhausted,
    Downloader,
    DownloadLimits,
    fetch_images,
    with_fetch_time,
)
from newsarchive.fetch.find_images import find_images
from newsarchive.fetch.local_sources import images_in_folder, images_in_har
from newsarchive.fetch.report import outcome_lines, report_lines
from newsarchive.images.blob_store import storing_in
from newsarchive.images.inspect_image import RejectedImage
from newsarchive.images.manifest import (
    GrowingManifest,
    StoredImage,
    image_file,
    media_folder,
    read_manifest,
)
from newsarchive.images.repeated_images import ArticleImages
from newsarchive.net.address_policy import parse_allowed_network
from newsarchive.net.client import Mirrors, host_of, stored
from newsarchive.net.rate_limiter import PolitenessPolicy
from newsarchive.parallel.executors import WorkerPool
from newsarchive.parallel.interrupts import INTERRUPTED
from newsarchive.parallel.progress import DownloadProgress, Progress, show_progress

Value = TypeVar("Value")


def run_images(config: BuildConfig, given: argparse.Namespace) -> tuple[str, int]:
    """Do what the options of `newsarchive images` ask for; return what to print, and the exit status.

    Raises ConfigurationError for invalid options or an invalid manifest, FolderInUse if another process stores images,
    and NotStored.
    """
    # Pillow warns of decompression bombs; here these are an outcome ("too-large").
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    folder = media_folder(config.content, config.settings)
    known = read_manifest(folder)
    shown = _find_shown(config)
    wanted = list(dict.fromkeys(address for each in shown for address in each.addresses))
    if given.report:
        return _text(report_lines(shown, known)), 0
    to_fetch = _select(wanted, known, folder, given.retry, given.refresh)
    if given.dry_run:
        return _text(_dry_run_lines(to_fetch)), 0
    if given.from_folder or given.from_har:
        missing = _select(wanted, known, folder, ["all"], refresh=False)
        return _text(_store_local_images(given, missing, folder)), 0
    return _fetch(to_fetch, folder, wanted, given)


def _find_shown(config: BuildConfig) -> list[ArticleImages]:
    pool = WorkerPool(config.settings.executor)
    try:
        return find_images(config, pool, Progress(sys.stderr))
    finally:
        pool.close()


def _select(
    wanted: Iterable[str], known: Mapping[str, StoredImage], folder: Path, retry: Sequence[str], refresh: bool
) -> list[str]:
    """Return the wanted addresses to fetch.

    These are the addresses that are not in the manifest, whose file is missing, whose outcome is in `retry` (or "all"),
    and with `refresh` all stored ones.
    """

    def is_selected(image: StoredImage | None) -> bool:
        if image is None:
            return True
        if image.is_stored:
            return refresh or not image_file(folder, image).is_file()
        return image.outcome in retry or "all" in retry

    return [address for address in wanted if is_selected(known.get(address))]


def _count_by_host(addresses: Iterable[str]) -> Counter[str]:
    return Counter(map(host_of, addresses))


def _dry_run_lines(to_fetch: Sequence[str]) -> Iterator[str]:
    hosts = _count_by_host(to_fetch)
    yield f"{len(to_fetch):,} images of {len(hosts):,} hosts would be fetched"
    for host, count in sorted(hosts.items(), key=lambda item: (-item[1], item[0])):
        yield printable(f"{count:8,} {host}")


def _store_local_images(given: argparse.Namespace, wanted: Sequence[str], folder: Path) -> Iterator[str]:
    """Store the wanted images of a folder or HAR file; yield the report's lines.

    A file that is not an image leaves the manifest unchanged.
    """
    count, rejected = 0, list[str]()
    images = (
        images_in_folder(
            given.from_folder, wanted, given.max_bytes, lambda diagnostic: rejected.append(f"not taken: {diagnostic}")
        )
        if given.from_folder
        else images_in_har(given.from_har, wanted)
    )
    with storing_in(folder), GrowingManifest(folder) as manifest:
        blob_store = BlobStore(folder, manifest.known.values(), _limits(given))
        for each in images:
            try:
                image = stored(each.address, blob_store.add(each.data), without_tls=each.without_tls)
                manifest.add([with_fetch_time(image)])
                count += 1
            except RejectedImage as error:
                rejected.append(f"not taken: {printable(each.address)}: {error}")
            except BudgetExhausted:
                rejected.append(f"the limit of {given.max_total / 1e6:,.0f} MB is reached")
                break
    yield f"{count:,} images taken over"
    yield from rejected


def _limits(given: argparse.Namespace) -> DownloadLimits:
    return DownloadLimits(given.max_bytes, given.max_pixels, given.max_total)


def _make_downloader(given: argparse.Namespace) -> Downloader:
    """Return the downloader that the options describe. Raises ConfigurationError with every invalid option."""
    diagnostics: list[Diagnostic] = []

    def parse_all(option: str, texts: Sequence[str], parse: Callable[[str], Value], hint: str) -> list[Value]:
        values = []
        for text in texts:
            try:
                values.append(parse(text))
            except ValueError as error:
                diagnostics.append(Diagnostic("option", f"{option} {text}", str(error), hint))
        return values

    address_policy = parse_all(
        "--allow-address",
        given.allow_address,
        parse_allowed_network,
        "give it like 10.1.2.3, 10.1.2.0/24 or 10.1.2.3:80",
    )
    mirrors = parse_all("--resolve", given.resolve, _parse_mirror, "give it like *.example.org=127.0.0.1:8000")
    if diagnostics:
        raise ConfigurationError(diagnostics)
    politeness = PolitenessPolicy(
        delay=given.delay,
        per_host=given.per_host,
        concurrency=given.concurrency,
        attempts=given.retries + 1,
        retry_delay=given.retry_delay,
        timeout=given.timeout,
    )
    agent = f"{AGENT[:-1]}; {given.contact})" if given.contact.isprintable() and given.contact else AGENT
    return Downloader(politeness, _limits(given), address_policy, Mirrors(mirrors), agent)


def _parse_mirror(text: str) -> tuple[str, str]:
    """Return (pattern of host names, "address:port") of an option such as `*.example.org=127.0.0.1:8000`."""
    hosts, equals, server = text.partition("=")
    if not (hosts and equals and parse_allowed_network(server).port):
        raise ValueError("is not a pattern of hosts, = and a server")
    return hosts, server


def _fetch(to_fetch: Sequence[str], folder: Path, wanted: Sequence[str], given: argparse.Namespace) -> tuple[str, int]:
    downloader = _make_downloader(given)
    if not to_fetch:
        known = read_manifest(folder)
        return _text(["nothing to fetch", *outcome_lines(known[each] for each in wanted if each in known)]), 0
    longest_queue = max(_count_by_host(to_fetch).values(), default=0)
    progress = DownloadProgress(len(to_fetch), at_least=longest_queue * given.delay)
    stop_reason, status = "", 0
    with storing_in(folder), GrowingManifest(folder) as manifest:
        try:
            with show_progress("fetch", progress, sys.stderr) as update:

                def count(image: StoredImage) -> None:
                    progress.count(image.size if image.is_stored else None)
                    update()

                asyncio.run(fetch_images(to_fetch, manifest, downloader, count))
        except BudgetExhausted:
            stop_reason = f"the limit of {given.max_total / 1e6:,.0f} MB is reached: give a larger --max-total to go on"
        except KeyboardInterrupt:
            stop_reason, status = "interrupted: run the same command again to go on", INTERRUPTED
        known = manifest.known
    lines = [f"fetched: {progress}", *outcome_lines(known[each] for each in wanted if each in known)]
    return _text([*lines, *([stop_reason] if stop_reason else [])]), status


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
