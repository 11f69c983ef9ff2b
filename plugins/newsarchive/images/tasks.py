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

from newsarchive.check.site_settings import DEFAULT, reading_of_site
from newsarchive.executors import Workers
from newsarchive.images import INTERRUPTED
from newsarchive.images.client import Mirrors, host_of, stored
from newsarchive.images.doors import parse_door
from newsarchive.images.fetching import AGENT, BudgetSpent, Caps, Fetching, Shelf, fetch_pictures, fetched_now
from newsarchive.images.had import Had, pictures_in_folder, pictures_in_har
from newsarchive.images.report import outcome_lines, report_lines
from newsarchive.images.shown import find_shown
from newsarchive.images.telling import Pace, longest_wait, telling
from newsarchive.images.turns import Manners
from newsarchive.pictures.manifest import (
    GrowingManifest,
    StoredPicture,
    media_folder,
    picture_file,
    read_manifest,
)
from newsarchive.pictures.measure import Unfit
from newsarchive.pictures.promotions import Shown
from newsarchive.pictures.store import storing_in
from newsarchive.plan import Plan, rules_of
from newsarchive.problems import ConfigurationError, Problem, printable
from newsarchive.progress import Progress

Value = TypeVar("Value")


def run_images(given: argparse.Namespace) -> tuple[str, int]:
    """Do what the options ask for; returns what to print, and the exit status."""
    # Pillow warns of what it takes for a bomb; here it is an outcome.
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    plan = _plan(given.content, given.settings or (DEFAULT if DEFAULT.is_file() else None))
    folder = media_folder(plan.content, plan.settings)
    known = read_manifest(folder)
    shown = _find_shown(plan)
    wanted = list(dict.fromkeys(address for each in shown for address in each.addresses))
    if given.report:
        return _text(report_lines(shown, known)), 0
    asked = _choose(wanted, known, folder, given.retry, given.refresh)
    if given.dry_run:
        return _text(_dry_lines(asked)), 0
    if had := _had(given, _choose(wanted, known, folder, ["all"], refresh=False)):
        return _text(_take_over(had, folder, given)), 0
    return _fetch(asked, folder, wanted, given)


def _plan(content: Path, settings: Path | None) -> Plan:
    reading = reading_of_site(content, settings)
    rules = rules_of(content, reading.settings)
    return Plan(content, reading.settings, reading.zone, *rules, ignore=reading.ignore, left_out=reading.left_out)


def _find_shown(plan: Plan) -> list[Shown]:
    workers = Workers(plan.settings.executor)
    try:
        return find_shown(plan, workers, Progress(sys.stderr))
    finally:
        workers.close()


def _choose(
    wanted: Iterable[str], known: Mapping[str, StoredPicture], folder: Path, retry: Sequence[str], refresh: bool
) -> list[str]:
    """Those that nothing is known of, whose file is not here, or that are to be fetched again."""

    def is_asked(picture: StoredPicture | None) -> bool:
        if picture is None:
            return True
        if picture.is_stored:
            return refresh or not picture_file(folder, picture).is_file()
        return picture.outcome in retry or "all" in retry

    return [address for address in wanted if is_asked(known.get(address))]


def _by_host(addresses: Iterable[str]) -> Counter[str]:
    return Counter(map(host_of, addresses))


def _dry_lines(asked: Sequence[str]) -> Iterator[str]:
    hosts = _by_host(asked)
    yield f"{len(asked):,} pictures of {len(hosts):,} hosts would be fetched"
    for host, count in sorted(hosts.items(), key=lambda item: (-item[1], item[0])):
        yield printable(f"{count:8,} {host}")


def _had(given: argparse.Namespace, wanted: Sequence[str]) -> Had | None:
    if given.from_folder:
        return pictures_in_folder(given.from_folder, wanted)
    return pictures_in_har(given.from_har, wanted) if given.from_har else None


def _take_over(had: Had, folder: Path, given: argparse.Namespace) -> Iterator[str]:
    """Store pictures that somebody had. What is no picture changes nothing."""
    taken, unfit = 0, []
    with storing_in(folder), GrowingManifest(folder) as manifest:
        shelf = Shelf(folder, manifest.known.values(), _caps(given))
        for address, data in had:
            try:
                manifest.add([fetched_now(stored(address, shelf.take(data)))])
                taken += 1
            except Unfit as error:
                unfit.append(f"not taken: {printable(address)}: {error}")
            except BudgetSpent:
                unfit.append(f"the budget of {given.budget / 1e6:,.0f} MB is spent")
                break
    yield f"{taken:,} pictures taken over"
    yield from unfit


def _caps(given: argparse.Namespace) -> Caps:
    return Caps(given.max_bytes, given.max_pixels, given.budget)


def _how(given: argparse.Namespace) -> Fetching:
    """What the options ask for. Raises ConfigurationError with every problem."""
    problems: list[Problem] = []

    def parsed(option: str, texts: Sequence[str], parse: Callable[[str], Value], repair: str) -> list[Value]:
        values = []
        for text in texts:
            try:
                values.append(parse(text))
            except ValueError as error:
                problems.append(Problem("option", f"{option} {text}", str(error), repair))
        return values

    doors = parsed(
        "--allow-address", given.allow_address, parse_door, "give it like 10.1.2.3, 10.1.2.0/24 or 10.1.2.3:80"
    )
    mirrors = parsed("--instead", given.instead, _mirror, "give it like *.example.org=127.0.0.1:8000")
    if problems:
        raise ConfigurationError(problems)
    manners = Manners(
        delay=given.delay,
        per_host=given.per_host,
        at_once=given.at_once,
        attempts=given.attempts,
        patience=given.patience,
        timeout=given.timeout,
    )
    agent = f"{AGENT[:-1]}; {given.contact})" if given.contact.isprintable() and given.contact else AGENT
    return Fetching(manners, _caps(given), doors, Mirrors(mirrors), agent)


def _mirror(text: str) -> tuple[str, str]:
    hosts, equals, server = text.partition("=")
    if not (hosts and equals and parse_door(server).port):
        raise ValueError("is no pattern of hosts, = and a server")
    return hosts, server


def _fetch(asked: Sequence[str], folder: Path, wanted: Sequence[str], given: argparse.Namespace) -> tuple[str, int]:
    how = _how(given)
    if not asked:
        known = read_manifest(folder)
        return _text(["nothing to fetch", *outcome_lines(known[each] for each in wanted if each in known)]), 0
    pace = Pace(len(asked), longest_wait(_by_host(asked), given.delay))
    ended, status = "", 0
    with storing_in(folder), GrowingManifest(folder) as manifest:
        try:
            with telling(pace, sys.stderr) as told:
                asyncio.run(fetch_pictures(asked, manifest, how, told))
        except BudgetSpent:
            ended = f"the budget of {given.budget / 1e6:,.0f} MB is spent: give a larger --budget to go on"
        except KeyboardInterrupt:
            ended, status = "interrupted: the same command goes on", INTERRUPTED
        known = manifest.known
    lines = [f"fetched: {pace}", *outcome_lines(known[each] for each in wanted if each in known)]
    return _text([*lines, *([ended] if ended else [])]), status


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
