"""The first half of the program, read aloud: find → read and clean → learn what repeats → describe.

Each stage does anew only what its input asks for. What was made of a file is kept (`state`), with fingerprints of all
that it was made from.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from newsarchive.articles import CleanArticle
from newsarchive.executors import Workers, batches
from newsarchive.fingerprints import code_fingerprint, fingerprint_of_bytes
from newsarchive.pictures.stock import Stock
from newsarchive.plan import Plan, cleaning_fingerprint, describing_fingerprint
from newsarchive.problems import Problem, RejectedFile
from newsarchive.progress import Progress
from newsarchive.read import read_bytes
from newsarchive.read.find import FoundFile, find_files
from newsarchive.records import from_bytes, to_bytes
from newsarchive.state import BuildState, FileRecord

if TYPE_CHECKING:
    from newsarchive.pictures.judging import PictureJudge

_CLEANED_TOGETHER = 32  # files that a worker takes at a time: about 30 ms of work
_DESCRIBED_TOGETHER = 64  # terms are counted faster in many articles at once
_SAVED = 1_000  # articles after which what is done is saved, for a build that is killed

# A file that changes twice within a tick of its disk's clock looks as it did after the first time. FAT ticks every two
# seconds.
_TICK = 2_000_000_000

# Reasons that may be gone although the file is the same.
_PASSING = frozenset({"unreadable", "internal", "too-costly"})


Rejections = list[tuple[str, Problem]]

Changed = tuple[FoundFile, FileRecord | None]
"""A file that is not as it was, by the disk, and how it was when it was known already."""


def update_articles(
    plan: Plan, state: BuildState, workers: Workers, progress: Progress, stock: Stock | None = None
) -> Rejections:
    """Bring what is kept of every file up to date: clean and describe what changed. What is known of pictures has a say
    in what a source repeats.

    Returns the rejections that are not kept, because they may be gone although the file is the same.
    """
    with progress.stage("find"):
        found = find_files(plan.content, plan.settings.article_extensions, plan.ignore, plan.left_out)
    _forget_what_is_outdated(plan, state)
    passing = _clean_changed(plan, found, state, workers, progress)
    _describe_changed(plan, stock or Stock(), state, workers, progress)
    return passing


def _forget_what_is_outdated(plan: Plan, state: BuildState) -> None:
    """What another program or other settings made."""
    cleaning = cleaning_fingerprint(plan.settings, code_fingerprint())
    if state.fact("cleaning") != cleaning:
        state.forget_articles()
        state.set_fact("cleaning", cleaning)
    describing = describing_fingerprint(plan.settings, plan.zone, code_fingerprint())
    if state.fact("describing") != describing:
        state.forget_descriptions()
        state.set_fact("describing", describing)
    state.save()


def _clean_changed(
    plan: Plan, found: Sequence[FoundFile], state: BuildState, workers: Workers, progress: Progress
) -> Rejections:
    """Read and clean what is new or changed, and forget what is gone. Returns what `update_articles` does."""
    known = state.files()
    rules_are_known = state.fact("rules") == plan.rules_fingerprint
    changed = [
        (file, known.get(file.source))
        for file in found
        if not file.problem and not (rules_are_known and _is_unchanged(file, known.get(file.source)))
    ]
    if rules_are_known:
        changed = list(_with_other_contents(plan, changed, state))
    state.forget(known.keys() - {file.source for file in found if not file.problem})
    passing = [(file.source, file.problem) for file in found if file.problem]
    if changed:
        passing += _clean(plan, changed, state, workers, progress)
    if not rules_are_known:
        state.set_fact("rules", plan.rules_fingerprint)
    state.save()
    return passing


def _is_unchanged(file: FoundFile, record: FileRecord | None) -> bool:
    """True when the disk says so, and would say otherwise."""
    if record is None or (file.size, file.modified, file.changed) != (record.size, record.modified, record.changed):
        return False
    return file.modified < record.seen - _TICK


def _with_other_contents(plan: Plan, changed: Sequence[Changed], state: BuildState) -> Iterator[Changed]:
    """Those that hold something else than before; of the others the new times are kept: in a fresh checkout, all."""
    now = time.time_ns()
    for file, record in changed:
        if record and _digest_of(file, plan) == record.digest:
            times = FileRecord(file.size, file.modified, file.changed, now, record.digest, record.rules)
            state.keep_file(file.source, times)
        else:
            yield file, record


def _digest_of(file: FoundFile, plan: Plan) -> bytes | None:
    """Of what it holds; None when that cannot be read, of which others tell."""
    try:
        return fingerprint_of_bytes(read_bytes(file, plan.settings.max_file_bytes))
    except RejectedFile:
        return None


def _clean(
    plan: Plan,
    changed: Sequence[Changed],
    state: BuildState,
    workers: Workers,
    progress: Progress,
) -> Iterator[tuple[str, Problem]]:
    """Read and clean files, and keep what comes of them; yields the rejections that are not kept."""
    # Only now: parsers and dictionaries are a fifth of a second that a build without changes does without.
    from newsarchive.work import FileTask, clean_files, give_up_files  # noqa: PLC0415

    plan.rules  # noqa: B018 - read before processes are started, which then have them
    now = time.time_ns()
    tasks = [FileTask(file, known.digest, known.rules) if known else FileTask(file) for file, known in changed]
    outcomes = workers.map(partial(clean_files, plan), batches(tasks, _CLEANED_TOGETHER), give_up_files)
    counted = progress.each("clean", chain.from_iterable(outcomes), len(tasks))
    for number, (outcome, (file, _)) in enumerate(zip(counted, changed, strict=True), 1):
        progress.spend(file.source, outcome.seconds)
        if outcome.rejection and outcome.rejection.kind in _PASSING:
            state.forget([file.source])
            yield file.source, outcome.rejection
            continue
        record = FileRecord(file.size, file.modified, file.changed, now, outcome.digest, outcome.rules)
        state.keep_file(file.source, record)
        if outcome.rejection:
            state.keep_rejected(file.source, to_bytes(outcome.rejection))
        elif not outcome.is_same:
            state.keep_cleaned(file.source, outcome.publication, outcome.evidence, outcome.cleaned)
        if number % _SAVED == 0:
            state.save()


def _describe_changed(plan: Plan, stock: Stock, state: BuildState, workers: Workers, progress: Progress) -> None:
    """Describe what was cleaned anew, and what is now known to repeat other lines or pictures than before."""
    if state.fact("manifest of pictures") != stock.manifest:
        state.touch_all()
        state.set_fact("manifest of pictures", stock.manifest)
    touched = state.touched()
    if not touched:
        return
    from newsarchive.pictures.judging import PictureJudge  # noqa: PLC0415 - as above
    from newsarchive.work import DescribeTask, describe_articles, give_up_articles  # noqa: PLC0415

    judge = PictureJudge(stock.known)
    # One publication is judged while workers describe the articles of another.
    changed = (pair for publication in touched for pair in _judge(publication, plan, judge, state))
    tasks = (DescribeTask(source, state.cleaned(source), *judged) for source, *judged in changed)
    outcomes = workers.map(partial(describe_articles, plan), batches(tasks, _DESCRIBED_TOGETHER), give_up_articles)
    described = progress.each("describe", chain.from_iterable(outcomes), state.count_unjudged())
    for number, done in enumerate(described, 1):
        progress.spend(done.source, done.seconds)
        why = to_bytes(done.rejection) if done.rejection else b""
        state.keep_described(done.source, done.verdict, done.card, done.body, done.terms, why)
        if number % _SAVED == 0:
            state.save()
    state.settle_touched()
    state.save()


def _judge(publication: str, plan: Plan, judge: PictureJudge, state: BuildState) -> list[tuple[str, bytes, bytes]]:
    """(path, evidence, verdict) of a publication's articles of which something else than before is known to repeat."""
    from newsarchive.clean.kept import clean_from_bytes  # noqa: PLC0415
    from newsarchive.clean.repetition import (  # noqa: PLC0415
        Evidence,
        Repetition,
        learn_repetition,
        verdict_on,
        with_pictures,
    )

    kept = state.evidence(publication)
    evidence = {source: from_bytes(shown, Evidence) for source, (shown, _) in kept.items()}

    def cleaned(source: str) -> CleanArticle:
        return clean_from_bytes(state.cleaned(source))

    known = Repetition()
    if plan.settings.repetition:
        pictures = judge.repeated_by(publication, evidence.values())
        known = with_pictures(learn_repetition(evidence, cleaned), publication, pictures)
    verdicts = {source: verdict_on(shown, known) for source, shown in evidence.items()}
    return [(source, kept[source][0], verdict) for source, verdict in verdicts.items() if kept[source][1] != verdict]
