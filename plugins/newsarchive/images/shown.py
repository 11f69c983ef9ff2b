"""Which pictures clean articles show: in their bodies, as a build leaves them, and as lead images."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TypeVar

from newsarchive.articles import CleanArticle
from newsarchive.clean import clean_article
from newsarchive.clean.repetition import Evidence, drop_repeated, find_evidence, known_by, learn_repetition, verdict_on
from newsarchive.describe.pictures import lead_candidates
from newsarchive.executors import Workers, batches
from newsarchive.pictures.promotions import Shown
from newsarchive.plan import Plan
from newsarchive.problems import RejectedFile
from newsarchive.progress import Progress
from newsarchive.read import read_article
from newsarchive.read.find import FoundFile, find_files
from newsarchive.records import from_bytes, to_bytes
from newsarchive.watchdog import article_clock

_AT_ONCE = 32  # files that a worker takes at a time

Task = TypeVar("Task")


@dataclass(frozen=True, slots=True)
class _Look:
    """A first look at an article: before it is known what its source repeats."""

    evidence: bytes
    addresses: tuple[str, ...]


def find_shown(plan: Plan, workers: Workers, progress: Progress) -> list[Shown]:
    """What each article of a content folder shows, in the order of their paths; files that are no articles are none.

    Articles are cleaned alone first, and again where their source turns out to repeat something of them: all of them
    are never in memory together.
    """
    with progress.stage("find"):
        found = find_files(plan.content, plan.settings.article_extensions, plan.ignore, plan.left_out)
        files = [file for file in found if not file.problem]
    plan.rules  # noqa: B018 - read before processes are started, which then have them
    looked = workers.map(partial(_look_at_all, plan), batches(files, _AT_ONCE))
    looks = list(progress.each("clean", chain.from_iterable(looked), len(files)))
    found_in = {file.source: (file, look) for file, look in zip(files, looks, strict=True) if look}
    verdicts = dict(_judge(found_in, plan))
    again = [(file, look.evidence, verdicts[source]) for source, (file, look) in found_in.items() if source in verdicts]
    cleaned = workers.map(partial(_clean_again, plan), batches(again, _AT_ONCE))
    changed = dict(zip((file.source for file, _, _ in again), chain.from_iterable(cleaned), strict=True))
    shown = []
    for source, (_, look) in found_in.items():
        evidence = from_bytes(look.evidence, Evidence)
        shown.append(Shown(evidence.publication, evidence.body, changed.get(source, look.addresses)))
    return shown


def _judge(found: Mapping[str, tuple[FoundFile, _Look]], plan: Plan) -> Iterator[tuple[str, bytes]]:
    """(path, verdict) of articles of which something repeats, as a build finds them."""
    if not plan.settings.repetition:
        return

    def cleaned(source: str) -> CleanArticle:
        clean = _clean(plan, found[source][0])
        assert clean  # it was, a moment ago
        return clean

    by_source: dict[str, dict[str, Evidence]] = defaultdict(dict)
    for source, (_, look) in found.items():
        evidence = from_bytes(look.evidence, Evidence)
        by_source[evidence.publication][source] = evidence
    for articles in by_source.values():
        repetition = learn_repetition(articles, cleaned)
        for source, evidence in articles.items():
            if verdict := verdict_on(evidence, repetition):
                yield source, verdict


def _look_at_all(plan: Plan, files: Sequence[FoundFile]) -> list[_Look | None]:
    return [_look_at(plan, file) for file in files]


def _look_at(plan: Plan, file: FoundFile) -> _Look | None:
    clean = _clean(plan, file)
    return _Look(to_bytes(find_evidence(clean)), _addresses(clean)) if clean else None


def _clean_again(plan: Plan, tasks: Sequence[tuple[FoundFile, bytes, bytes]]) -> list[tuple[str, ...]]:
    shown: list[tuple[str, ...]] = []
    for file, kept, verdict in tasks:
        clean = _clean(plan, file)
        evidence = from_bytes(kept, Evidence)
        shown.append(
            _addresses(drop_repeated(clean, known_by(verdict, evidence.publication), evidence)) if clean else ()
        )
    return shown


def _clean(plan: Plan, file: FoundFile) -> CleanArticle | None:
    """Without what is wrong with it, which a build tells."""
    try:
        with article_clock(file.source):
            return clean_article(read_article(file, plan.settings.max_file_bytes), plan.rules, plan.settings.max_depth)
    except RejectedFile:
        return None


def _addresses(clean: CleanArticle) -> tuple[str, ...]:
    """Addresses on the web of the pictures that an article's page shows."""
    pictures = (*clean.pictures, *lead_candidates(clean))
    return tuple(dict.fromkeys(each.url for each in pictures if each.url.startswith(("https://", "http://"))))
