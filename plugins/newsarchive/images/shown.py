"""Which pictures clean articles show: in their bodies, as a build leaves them, and as lead images."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
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
    known = dict(_judge([look for look in looks if look], plan))
    again = [
        (file, look.evidence, known[look.evidence])
        for file, look in zip(files, looks, strict=True)
        if look and known.get(look.evidence)
    ]
    cleaned = workers.map(partial(_clean_again, plan), batches(again, _AT_ONCE))
    changed = dict(zip((file.source for file, _, _ in again), chain.from_iterable(cleaned), strict=True))
    shown = []
    for file, look in zip(files, looks, strict=True):
        if look:
            evidence = from_bytes(look.evidence, Evidence)
            shown.append(Shown(evidence.publication, evidence.body, changed.get(file.source, look.addresses)))
    return shown


def _judge(looks: Sequence[_Look], plan: Plan) -> Iterator[tuple[bytes, bytes]]:
    """(evidence, verdict) of articles of which something repeats, as a build finds them."""
    if not plan.settings.repetition:
        return
    by_source: dict[str, dict[bytes, Evidence]] = defaultdict(dict)
    for look in looks:
        evidence = from_bytes(look.evidence, Evidence)
        by_source[evidence.publication][look.evidence] = evidence
    for articles in by_source.values():
        repetition = learn_repetition(articles.values())
        for kept, evidence in articles.items():
            if verdict := verdict_on(evidence, repetition):
                yield kept, verdict


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
        return clean_article(read_article(file, plan.settings.max_file_bytes), plan.rules, plan.settings.max_depth)
    except RejectedFile:
        return None


def _addresses(clean: CleanArticle) -> tuple[str, ...]:
    """Addresses on the web of the pictures that an article's page shows."""
    pictures = (*clean.pictures, *lead_candidates(clean))
    return tuple(dict.fromkeys(each.url for each in pictures if each.url.startswith(("https://", "http://"))))
