"""The first half of the program, read aloud: find → read and clean → learn what repeats → describe.

Each stage does anew only what its input asks for. What was made of a file is kept (`state`), with fingerprints of all
that it was made from.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from newsarchive.build.context import BuildContext
from newsarchive.cache.build_cache import BuildCache, FileRecord
from newsarchive.cache.database import read_kept, trusting_values
from newsarchive.cache.fingerprints import code_fingerprint, fingerprint_of_bytes
from newsarchive.cache.serialization import to_bytes
from newsarchive.config.build_config import BuildConfig, cleaning_fingerprint, describing_fingerprint
from newsarchive.diagnostics import Diagnostic, RejectedFile
from newsarchive.images.stored_files import StoredFiles
from newsarchive.models import CleanArticle
from newsarchive.parallel.executors import WorkerPool, batches
from newsarchive.parallel.progress import Progress
from newsarchive.read import read_bytes
from newsarchive.read.find import FoundFile, find_files

if TYPE_CHECKING:
    from newsarchive.clean.repetition import ArticleFingerprints
    from newsarchive.config.settings import Settings
    from newsarchive.images.repeated_images import ImageJudge

_CLEANED_TOGETHER = 32  # files that a worker takes at a time: about 30 ms of work
_DESCRIBED_TOGETHER = 64  # terms are counted faster in many articles at once
_SAVED = 1_000  # articles after which what is done is saved, for a build that is killed

# A file that changes twice within a tick of its disk's clock looks as it did after the first time. FAT ticks every two
# seconds.
_CLOCK_TICK = 2_000_000_000

# Reasons that may be gone although the file is the same.
_TRANSIENT = frozenset({"unreadable", "internal", "too-costly"})


Rejections = list[tuple[str, Diagnostic]]

ChangedFile = tuple[FoundFile, FileRecord | None]
"""A file that is not as it was, by the disk, and how it was when it was known already."""


def update_articles(build: BuildContext) -> Rejections:
    """Bring what is cached of every file up to date: read, clean and describe what changed.

    Known images have a say in what a source repeats. Returns the rejections that are not cached, because they may be
    gone in the next build although the file is the same. Raises CorruptCache.
    """
    config, cache, pool, progress = build.config, build.cache, build.pool, build.progress
    with trusting_values(cache.path):
        with progress.stage("find"):
            found = find_files(config.content, config.settings.article_extensions, config.ignore, config.exclude)
        _forget_outdated(config, cache)
        rejected = _clean_changed(config, found, cache, pool, progress)
        _describe_changed(config, build.stored_files, cache, pool, progress)
    return rejected


def _forget_outdated(config: BuildConfig, state: BuildCache) -> None:
    """What another program or other settings made."""
    cleaning = cleaning_fingerprint(config.settings, code_fingerprint())
    if state.get_value("cleaning") != cleaning:
        state.forget_articles()
        state.set_value("cleaning", cleaning)
    describing = describing_fingerprint(config.settings, config.zone, code_fingerprint())
    if state.get_value("describing") != describing:
        state.forget_descriptions()
        state.set_value("describing", describing)
    state.commit()


def _clean_changed(
    config: BuildConfig, found: Sequence[FoundFile], state: BuildCache, pool: WorkerPool, progress: Progress
) -> Rejections:
    """Read and clean what is new or changed, and forget what is gone. Returns what `update_articles` does."""
    known = state.files()
    rules_are_known = state.get_value("rules") == config.rules_fingerprint
    changed = [
        (file, known.get(file.source))
        for file in found
        if not file.diagnostic and not (rules_are_known and _is_unchanged(file, known.get(file.source)))
    ]
    if rules_are_known:
        changed = list(_with_changed_content(config, changed, state))
    state.forget(known.keys() - {file.source for file in found if not file.diagnostic})
    transient_rejections = [(file.source, file.diagnostic) for file in found if file.diagnostic]
    if changed:
        transient_rejections += _clean(config, changed, state, pool, progress)
    if not rules_are_known:
        state.set_value("rules", config.rules_fingerprint)
    state.commit()
    return transient_rejections


def _is_unchanged(file: FoundFile, record: FileRecord | None) -> bool:
    """True when the disk says so, and would say otherwise."""
    if record is None or (file.size, file.modified, file.changed) != (record.size, record.modified, record.changed):
        return False
    return file.modified < record.seen - _CLOCK_TICK


def _with_changed_content(
    config: BuildConfig, changed: Sequence[ChangedFile], state: BuildCache
) -> Iterator[ChangedFile]:
    """Those that hold something else than before; of the others the new times are kept: in a fresh checkout, all."""
    now = time.time_ns()
    for file, record in changed:
        if record and _digest_of(file, config) == record.digest:
            times = FileRecord(file.size, file.modified, file.changed, now, record.digest, record.rules)
            state.store_file(file.source, times)
        else:
            yield file, record


def _digest_of(file: FoundFile, config: BuildConfig) -> bytes | None:
    """Of what it holds; None when that cannot be read, of which others tell."""
    try:
        return fingerprint_of_bytes(read_bytes(file, config.settings.max_file_bytes))
    except RejectedFile:
        return None


def _clean(
    config: BuildConfig,
    changed: Sequence[ChangedFile],
    state: BuildCache,
    pool: WorkerPool,
    progress: Progress,
) -> Iterator[tuple[str, Diagnostic]]:
    """Read and clean files, and keep what comes of them; yields the rejections that are not kept."""
    # Only now: parsers and dictionaries are a fifth of a second that a build without changes does without.
    from newsarchive.build.tasks import FileTask, clean_files, reject_files_after_crash  # noqa: PLC0415

    config.rules  # noqa: B018 - read before processes are started, which then have them
    now = time.time_ns()
    tasks = [FileTask(file, known.digest, known.rules) if known else FileTask(file) for file, known in changed]
    work = partial(clean_files, config.for_workers())
    outcomes = pool.map(work, batches(tasks, _CLEANED_TOGETHER), reject_files_after_crash)
    counted = progress.each("clean", chain.from_iterable(outcomes), len(tasks))
    for number, (outcome, (file, _)) in enumerate(zip(counted, changed, strict=True), 1):
        progress.spend(file.source, outcome.seconds)
        if outcome.rejection and outcome.rejection.code in _TRANSIENT:
            state.forget([file.source])
            yield file.source, outcome.rejection
            continue
        record = FileRecord(file.size, file.modified, file.changed, now, outcome.digest, outcome.rules)
        state.store_file(file.source, record)
        if outcome.rejection:
            state.store_rejected(file.source, to_bytes(outcome.rejection))
        elif not outcome.is_same:
            state.store_cleaned(file.source, outcome.publication, outcome.fingerprints, outcome.cleaned)
        if number % _SAVED == 0:
            state.commit()


def _describe_changed(
    config: BuildConfig, stored_files: StoredFiles, state: BuildCache, pool: WorkerPool, progress: Progress
) -> None:
    """Describe what was cleaned anew, and what is now known to repeat other lines or images than before."""
    if state.get_value("manifest of images") != stored_files.manifest:
        state.mark_all_dirty()
        state.set_value("manifest of images", stored_files.manifest)
    touched = state.dirty_publications()
    if not touched:
        return
    from newsarchive.build.tasks import DescribeTask, describe_articles, reject_articles_after_crash  # noqa: PLC0415
    from newsarchive.images.repeated_images import ImageJudge  # noqa: PLC0415 - as above

    judge = ImageJudge(stored_files.known)
    # One publication is judged while workers describe the articles of another.
    changed = (pair for publication in touched for pair in _find_repeated(publication, config, judge, state))
    tasks = (DescribeTask(source, state.cleaned(source), *judged) for source, *judged in changed)
    work = partial(describe_articles, config.for_workers())
    outcomes = pool.map(work, batches(tasks, _DESCRIBED_TOGETHER), reject_articles_after_crash)
    described = progress.each("describe", chain.from_iterable(outcomes), state.count_undescribed())
    for number, done in enumerate(described, 1):
        progress.spend(done.source, done.seconds)
        why = to_bytes(done.rejection) if done.rejection else b""
        state.store_described(done.source, done.repeated_marks, done.card, done.body, done.terms, why)
        if number % _SAVED == 0:
            state.commit()
    state.clear_dirty()
    state.commit()


def _find_repeated(
    publication: str, config: BuildConfig, judge: ImageJudge, state: BuildCache
) -> list[tuple[str, bytes, bytes]]:
    """(path, evidence, verdict) of a publication's articles of which something else than before is known to repeat."""
    from newsarchive.clean.article_codec import decode_clean_article  # noqa: PLC0415
    from newsarchive.clean.repetition import ArticleFingerprints  # noqa: PLC0415

    kept = state.fingerprints(publication)
    fingerprints = {source: read_kept(shown, ArticleFingerprints) for source, (shown, _) in kept.items()}

    def cleaned(source: str) -> CleanArticle:
        return decode_clean_article(state.cleaned(source))

    found = marks_of_publication(publication, fingerprints, cleaned, config.settings, judge)
    return [(source, kept[source][0], marks) for source, marks in found.items() if kept[source][1] != marks]


def marks_of_publication(
    publication: str,
    fingerprints: Mapping[str, ArticleFingerprints],
    cleaned: Callable[[str], CleanArticle],
    settings: Settings,
    judge: ImageJudge,
) -> dict[str, bytes]:
    """Return what is known to repeat in each article of a publication, by the articles' paths (`repeated_marks`).

    `fingerprints` are those of all its articles, `cleaned` returns one of them, `judge` knows images by their looks.
    """
    from newsarchive.clean.repetition import (  # noqa: PLC0415
        Repetition,
        learn_repetition,
        repeated_marks,
        with_images,
    )

    known = Repetition()
    if settings.remove_repeated:
        images = judge.repeated_by(publication, fingerprints.values())
        known = with_images(learn_repetition(fingerprints, cleaned), publication, images)
    return {source: repeated_marks(shown, known) for source, shown in fingerprints.items()}
