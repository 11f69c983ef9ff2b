"""What `newsarchive images` can be asked to do."""

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
    fetch_time,
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
    """Do what the options of `newsarchive images` ask for; return what to print, and the exit status."""
    # Pillow warns of what it takes for a bomb; here it is an outcome.
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    folder = media_folder(config.content, config.settings)
    known = read_manifest(folder)
    shown = _find_shown(config)
    wanted = list(dict.fromkeys(address for each in shown for address in each.addresses))
    if given.report:
        return _text(report_lines(shown, known)), 0
    asked = _choose(wanted, known, folder, given.retry, given.refresh)
    if given.dry_run:
        return _text(_dry_lines(asked)), 0
    if given.from_folder or given.from_har:
        return _text(_take_over(given, _choose(wanted, known, folder, ["all"], refresh=False), folder)), 0
    return _fetch(asked, folder, wanted, given)


def _find_shown(config: BuildConfig) -> list[ArticleImages]:
    pool = WorkerPool(config.settings.executor)
    try:
        return find_images(config, pool, Progress(sys.stderr))
    finally:
        pool.close()


def _choose(
    wanted: Iterable[str], known: Mapping[str, StoredImage], folder: Path, retry: Sequence[str], refresh: bool
) -> list[str]:
    """Those that nothing is known of, whose file is not here, or that are to be fetched again."""

    def is_asked(image: StoredImage | None) -> bool:
        if image is None:
            return True
        if image.is_stored:
            return refresh or not image_file(folder, image).is_file()
        return image.outcome in retry or "all" in retry

    return [address for address in wanted if is_asked(known.get(address))]


def _by_host(addresses: Iterable[str]) -> Counter[str]:
    return Counter(map(host_of, addresses))


def _dry_lines(asked: Sequence[str]) -> Iterator[str]:
    hosts = _by_host(asked)
    yield f"{len(asked):,} images of {len(hosts):,} hosts would be fetched"
    for host, count in sorted(hosts.items(), key=lambda item: (-item[1], item[0])):
        yield printable(f"{count:8,} {host}")


def _take_over(given: argparse.Namespace, wanted: Sequence[str], folder: Path) -> Iterator[str]:
    """Store images that somebody had. What is no image changes nothing."""
    taken, unfit = 0, list[str]()
    had = (
        images_in_folder(
            given.from_folder, wanted, given.max_bytes, lambda diagnostic: unfit.append(f"not taken: {diagnostic}")
        )
        if given.from_folder
        else images_in_har(given.from_har, wanted)
    )
    with storing_in(folder), GrowingManifest(folder) as manifest:
        shelf = BlobStore(folder, manifest.known.values(), _caps(given))
        for each in had:
            try:
                image = stored(each.address, shelf.add(each.data), without_tls=each.without_tls)
                manifest.add([fetch_time(image)])
                taken += 1
            except RejectedImage as error:
                unfit.append(f"not taken: {printable(each.address)}: {error}")
            except BudgetExhausted:
                unfit.append(f"the limit of {given.max_total / 1e6:,.0f} MB is reached")
                break
    yield f"{taken:,} images taken over"
    yield from unfit


def _caps(given: argparse.Namespace) -> DownloadLimits:
    return DownloadLimits(given.max_bytes, given.max_pixels, given.max_total)


def _how(given: argparse.Namespace) -> Downloader:
    """What the options ask for. Raises ConfigurationError with every problem."""
    diagnostics: list[Diagnostic] = []

    def parsed(option: str, texts: Sequence[str], parse: Callable[[str], Value], repair: str) -> list[Value]:
        values = []
        for text in texts:
            try:
                values.append(parse(text))
            except ValueError as error:
                diagnostics.append(Diagnostic("option", f"{option} {text}", str(error), repair))
        return values

    address_policy = parsed(
        "--allow-address",
        given.allow_address,
        parse_allowed_network,
        "give it like 10.1.2.3, 10.1.2.0/24 or 10.1.2.3:80",
    )
    mirrors = parsed("--resolve", given.resolve, _mirror, "give it like *.example.org=127.0.0.1:8000")
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
    return Downloader(politeness, _caps(given), address_policy, Mirrors(mirrors), agent)


def _mirror(text: str) -> tuple[str, str]:
    hosts, equals, server = text.partition("=")
    if not (hosts and equals and parse_allowed_network(server).port):
        raise ValueError("is no pattern of hosts, = and a server")
    return hosts, server


def _fetch(asked: Sequence[str], folder: Path, wanted: Sequence[str], given: argparse.Namespace) -> tuple[str, int]:
    how = _how(given)
    if not asked:
        known = read_manifest(folder)
        return _text(["nothing to fetch", *outcome_lines(known[each] for each in wanted if each in known)]), 0
    longest_queue = max(_by_host(asked).values(), default=0)
    progress = DownloadProgress(len(asked), at_least=longest_queue * given.delay)
    ended, status = "", 0
    with storing_in(folder), GrowingManifest(folder) as manifest:
        try:
            with show_progress("fetch", progress, sys.stderr) as update:

                def count(image: StoredImage) -> None:
                    progress.count(image.size if image.is_stored else None)
                    update()

                asyncio.run(fetch_images(asked, manifest, how, count))
        except BudgetExhausted:
            ended = f"the limit of {given.max_total / 1e6:,.0f} MB is reached: give a larger --max-total to go on"
        except KeyboardInterrupt:
            ended, status = "interrupted: run the same command again to go on", INTERRUPTED
        known = manifest.known
    lines = [f"fetched: {progress}", *outcome_lines(known[each] for each in wanted if each in known)]
    return _text([*lines, *([ended] if ended else [])]), status


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
