"""The stages that work on single articles: find → read and clean → find what repeats → describe.

A file is read, cleaned and described again only if something that its article is made from has changed. The article is
cached with the digests of all of that: a constructive trace, in the terms of Mokhov, Mitchell and Peyton Jones, *Build
systems à la carte* (2018).

These stages are no `build.targets`. What a source repeats is known only when all of its articles are cleaned, so they
are two passes over all files with a barrier between them, which targets of single files would hide.
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

_CLEAN_BATCH = 32  # files for one task of a worker: about 30 ms of work
_DESCRIBE_BATCH = 64  # articles: terms of many are counted faster at once
_COMMIT_INTERVAL = 1_000  # articles; a build that is killed loses no more than these

# Nanoseconds between two times that a file system can tell apart. FAT has the longest: two seconds.
_CLOCK_TICK = 2_000_000_000

# Codes of rejections that may be gone in the next build although the file is the same. They are not cached.
_TRANSIENT_CODES = frozenset({"unreadable", "internal", "too-costly"})

Rejections = list[tuple[str, Diagnostic]]
"""(path of the file, reason) of files that get no page."""

ChangedFile = tuple[FoundFile, FileRecord | None]
"""A file that may have changed, and its record, if an earlier build read it."""


def update_articles(build: BuildContext) -> Rejections:
    """Read, clean and describe every article that is not cached as it would be made now.

    Returns the rejections that are not cached, because they may be gone in the next build although the file is the
    same. Raises CorruptCache.
    """
    config, cache, pool, progress = build.config, build.cache, build.pool, build.progress
    with trusting_values(cache.path):
        with progress.stage("find"):
            found = find_files(config.content, config.settings.article_extensions, config.ignore, config.exclude)
        _forget_outdated(config, cache)
        rejected = _clean_changed(config, found, cache, pool, progress)
        _describe_changed(config, build.stored_files, cache, pool, progress)
    return rejected


def _forget_outdated(config: BuildConfig, cache: BuildCache) -> None:
    """Delete what another version of the program, or other settings, made."""
    cleaning = cleaning_fingerprint(config.settings, code_fingerprint())
    if cache.get_value("cleaning") != cleaning:
        cache.forget_articles()
        cache.set_value("cleaning", cleaning)
    describing = describing_fingerprint(config.settings, config.zone, code_fingerprint())
    if cache.get_value("describing") != describing:
        cache.forget_descriptions()
        cache.set_value("describing", describing)
    cache.commit()


def _clean_changed(
    config: BuildConfig, found: Sequence[FoundFile], cache: BuildCache, pool: WorkerPool, progress: Progress
) -> Rejections:
    """Read and clean the files that are new or changed, and delete the rest of those that are gone from the cache.

    Returns the rejections that are not cached.
    """
    known = cache.files()
    rules_are_known = cache.get_value("rules") == config.rules_fingerprint
    changed = [
        (file, known.get(file.source))
        for file in found
        if not file.diagnostic and not (rules_are_known and _is_unchanged(file, known.get(file.source)))
    ]
    if rules_are_known:
        changed = list(_with_changed_content(config, changed, cache))
    cache.forget(known.keys() - {file.source for file in found if not file.diagnostic})
    transient_rejections = [(file.source, file.diagnostic) for file in found if file.diagnostic]
    if changed:
        transient_rejections += _clean(config, changed, cache, pool, progress)
    if not rules_are_known:
        cache.set_value("rules", config.rules_fingerprint)
    cache.commit()
    return transient_rejections


def _is_unchanged(file: FoundFile, record: FileRecord | None) -> bool:
    """Return True if size, mtime and ctime equal the recorded ones, and the file was older than a clock tick then.

    A second change within that tick would not change the times, so such files are always read again (git calls them
    *racily clean*: Documentation/technical/racy-git.txt).
    """
    if record is None or (file.size, file.modified, file.changed) != (record.size, record.modified, record.changed):
        return False
    return file.modified < record.seen - _CLOCK_TICK


def _with_changed_content(
    config: BuildConfig, changed: Sequence[ChangedFile], cache: BuildCache
) -> Iterator[ChangedFile]:
    """Yield the files whose content changed, and record the new times of the others: in a fresh checkout, of all."""
    now = time.time_ns()
    for file, record in changed:
        if record and _digest_of(file, config) == record.digest:
            times = FileRecord(file.size, file.modified, file.changed, now, record.digest, record.rules)
            cache.store_file(file.source, times)
        else:
            yield file, record


def _digest_of(file: FoundFile, config: BuildConfig) -> bytes | None:
    """Return the digest of a file's content, or None if it cannot be read: cleaning it reports why."""
    try:
        return fingerprint_of_bytes(read_bytes(file, config.settings.max_file_bytes))
    except RejectedFile:
        return None


def _clean(
    config: BuildConfig,
    changed: Sequence[ChangedFile],
    cache: BuildCache,
    pool: WorkerPool,
    progress: Progress,
) -> Iterator[tuple[str, Diagnostic]]:
    """Read and clean files, and cache the results. Yields the rejections that are not cached."""
    # Imported here: a build without changes saves a fifth of a second without parsers and dictionaries.
    from newsarchive.build.tasks import FileTask, clean_files, reject_files_after_crash  # noqa: PLC0415

    config.rules  # noqa: B018 - loads them before workers are forked, which then share them
    now = time.time_ns()
    tasks = [FileTask(file, record.digest, record.rules) if record else FileTask(file) for file, record in changed]
    work = partial(clean_files, config.for_workers())
    outcomes = pool.map(work, batches(tasks, _CLEAN_BATCH), reject_files_after_crash)
    cleaned = progress.each("clean", chain.from_iterable(outcomes), len(tasks))
    for number, (outcome, (file, _)) in enumerate(zip(cleaned, changed, strict=True), 1):
        progress.spend(file.source, outcome.seconds)
        if outcome.rejection and outcome.rejection.code in _TRANSIENT_CODES:
            cache.forget([file.source])
            yield file.source, outcome.rejection
            continue
        record = FileRecord(file.size, file.modified, file.changed, now, outcome.digest, outcome.rules)
        cache.store_file(file.source, record)
        if outcome.rejection:
            cache.store_rejected(file.source, to_bytes(outcome.rejection))
        elif not outcome.is_same:
            cache.store_cleaned(file.source, outcome.publication, outcome.fingerprints, outcome.cleaned)
        if number % _COMMIT_INTERVAL == 0:
            cache.commit()


def _describe_changed(
    config: BuildConfig, stored_files: StoredFiles, cache: BuildCache, pool: WorkerPool, progress: Progress
) -> None:
    """Describe the articles that were cleaned, and those in which other lines or images than before now repeat."""
    if cache.get_value("manifest of images") != stored_files.manifest:
        cache.mark_all_dirty()
        cache.set_value("manifest of images", stored_files.manifest)
    dirty = cache.dirty_publications()
    if not dirty:
        return
    from newsarchive.build.tasks import DescribeTask, describe_articles, reject_articles_after_crash  # noqa: PLC0415
    from newsarchive.images.repeated_images import ImageJudge  # noqa: PLC0415 - as above

    judge = ImageJudge(stored_files.known)
    # A generator: this process looks for what one publication repeats while workers describe another.
    changed = (each for publication in dirty for each in _find_repeated(publication, config, judge, cache))
    tasks = (DescribeTask(source, cache.cleaned(source), *repetition) for source, *repetition in changed)
    work = partial(describe_articles, config.for_workers())
    outcomes = pool.map(work, batches(tasks, _DESCRIBE_BATCH), reject_articles_after_crash)
    described = progress.each("describe", chain.from_iterable(outcomes), cache.count_undescribed())
    for number, outcome in enumerate(described, 1):
        progress.spend(outcome.source, outcome.seconds)
        why = to_bytes(outcome.rejection) if outcome.rejection else b""
        marks = outcome.repeated_marks
        cache.store_described(outcome.source, marks, outcome.card, outcome.body, outcome.terms, why)
        if number % _COMMIT_INTERVAL == 0:
            cache.commit()
    cache.clear_dirty()
    cache.commit()


def _find_repeated(
    publication: str, config: BuildConfig, judge: ImageJudge, cache: BuildCache
) -> list[tuple[str, bytes, bytes]]:
    """Return (path, fingerprints, repeated marks) of the articles in which something else than before repeats.

    The others of the publication need no describing: an early cutoff.
    """
    from newsarchive.clean.article_codec import decode_clean_article  # noqa: PLC0415
    from newsarchive.clean.repetition import ArticleFingerprints  # noqa: PLC0415

    cached = cache.fingerprints(publication)
    fingerprints = {source: read_kept(encoded, ArticleFingerprints) for source, (encoded, _) in cached.items()}

    def cleaned(source: str) -> CleanArticle:
        return decode_clean_article(cache.cleaned(source))

    current = marks_of_publication(publication, fingerprints, cleaned, config.settings, judge)
    return [(source, cached[source][0], marks) for source, marks in current.items() if cached[source][1] != marks]


def marks_of_publication(
    publication: str,
    fingerprints: Mapping[str, ArticleFingerprints],
    cleaned: Callable[[str], CleanArticle],
    settings: Settings,
    judge: ImageJudge,
) -> dict[str, bytes]:
    """Return what repeats in each article of a publication, by path, as `repeated_marks` encodes it.

    `fingerprints` are those of all its articles by path, `cleaned` returns the article with a path, and `judge` finds
    images that repeat by their perceptual hashes.
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
    return {source: repeated_marks(each, known) for source, each in fingerprints.items()}
