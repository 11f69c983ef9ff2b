"""Read and clean the files of a content folder as a build does, for commands that show or check the result.

The steps are those of a build (find → read and clean → find what repeats → drop it), but nothing is stored for the next
run. A build takes them through its cache: see `build.article_stages`.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import IO

from msgspec import Struct

from newsarchive.build.article_stages import marks_of_publication
from newsarchive.build.tasks import FileOutcome, FileTask, clean_files, reject_files_after_crash
from newsarchive.cache.build_cache import BuildCache
from newsarchive.cache.database import CorruptCache
from newsarchive.cache.fingerprints import code_fingerprint, fingerprint_of_bytes
from newsarchive.cache.serialization import from_bytes
from newsarchive.clean.article_codec import decode_clean_article
from newsarchive.clean.repetition import (
    ArticleFingerprints,
    Repetition,
    drop_repeated,
    repetition_from_marks,
)
from newsarchive.config import BuildConfig
from newsarchive.config.build_config import cleaning_fingerprint, describing_fingerprint
from newsarchive.diagnostics import Diagnostic, RejectedFile
from newsarchive.images.repeated_images import ImageJudge
from newsarchive.images.stored_files import StoredFiles
from newsarchive.models import CleanArticle
from newsarchive.parallel.executors import WorkerPool, batches
from newsarchive.parallel.progress import Progress
from newsarchive.parallel.time_limits import cpu_limit, shared_timer, wall_clock_limit
from newsarchive.read import read_article, read_bytes
from newsarchive.read.find import FoundFile, find_files

_CLEAN_BATCH = 32  # files for one task of a worker: about 30 ms of work


class CleanedFile(Struct, frozen=True):
    """The result for one file: a clean article without its raw body, or the reason why there is none.

    `fingerprints` are those of the article before anything that its source repeats was dropped, `repeated_marks` encode
    what was dropped.
    """

    file: FoundFile
    article: CleanArticle | None = None
    fingerprints: ArticleFingerprints | None = None
    repeated_marks: bytes = b""
    rejection: Diagnostic | None = None


def find_content(config: BuildConfig) -> list[FoundFile]:
    """Return every input file of a build, whether it can become an article or not."""
    return find_files(config.content, config.settings.article_extensions, config.ignore, config.exclude)


def clean_content(
    config: BuildConfig,
    pool: WorkerPool,
    progress: Progress | None = None,
    *,
    files: Sequence[FoundFile] | None = None,
    drop: bool = True,
    stored_files: StoredFiles | None = None,
) -> Iterator[CleanedFile]:
    """Yield the result for each of `files` (default: all of the content folder), in their order.

    Workers read and clean in parallel, each file within the time limits of a build. With `drop`, lines and images that
    a source repeats are then dropped from its articles. `stored_files` are the stored images, which a build compares by
    perceptual hash. Until all are cleaned, articles are in a temporary file: a large archive does not fit into memory.
    """
    progress = progress or Progress()
    files = find_content(config) if files is None else files
    with tempfile.TemporaryFile(prefix="newsarchive-") as spool:
        articles = _Spool(spool)
        rejections: dict[str, Diagnostic] = {}
        fingerprints: dict[str, ArticleFingerprints] = {}
        for outcome in progress.each("clean", _clean(config, pool, files), len(files)):
            if outcome.rejection:
                rejections[outcome.source] = outcome.rejection
            else:
                fingerprints[outcome.source] = from_bytes(outcome.fingerprints, ArticleFingerprints)
                articles.add(outcome.source, outcome.cleaned)
        marks = _find_repeated(config, fingerprints, articles.article, stored_files) if drop else {}
        for file in files:
            if file.source in rejections:
                yield CleanedFile(file, rejection=rejections[file.source])
            else:
                own = fingerprints[file.source]
                repeated = marks.get(file.source, b"")
                known = repetition_from_marks(repeated, own.publication)
                article = drop_repeated(articles.article(file.source), known, own)
                yield CleanedFile(file, article, own, repeated)


def _clean(config: BuildConfig, pool: WorkerPool, files: Sequence[FoundFile]) -> Iterator[FileOutcome]:
    config.rules  # noqa: B018 - loads them before workers are forked, which then share them
    work = partial(clean_files, config.for_workers())
    tasks = batches(map(FileTask, files), _CLEAN_BATCH)
    return chain.from_iterable(pool.map(work, tasks, reject_files_after_crash))


class _Spool:
    """A temporary file of encoded articles, by path."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._spans: dict[str, tuple[int, int]] = {}  # (offset, size) in bytes

    def add(self, source: str, encoded: bytes) -> None:
        self._spans[source] = (self._file.seek(0, 2), len(encoded))
        self._file.write(encoded)

    def article(self, source: str) -> CleanArticle:
        start, size = self._spans[source]
        self._file.seek(start)
        return decode_clean_article(self._file.read(size))


def _find_repeated(
    config: BuildConfig,
    fingerprints: dict[str, ArticleFingerprints],
    cleaned: Callable[[str], CleanArticle],
    stored_files: StoredFiles | None,
) -> dict[str, bytes]:
    """Return what repeats in each article, by path, as `repeated_marks` encodes it."""
    judge = ImageJudge((stored_files or StoredFiles()).known)
    publications: dict[str, dict[str, ArticleFingerprints]] = defaultdict(dict)
    for source, each in fingerprints.items():
        publications[each.publication][source] = each
    marks: dict[str, bytes] = {}
    for publication, articles in publications.items():
        marks |= marks_of_publication(publication, articles, cleaned, config.settings, judge)
    return marks


def files_of_publication(
    config: BuildConfig, pool: WorkerPool, publication: str, files: Sequence[FoundFile]
) -> list[FoundFile]:
    """Return those of `files` that are articles of `publication`. Workers read them; nothing is cleaned."""
    found = pool.map(partial(_publications, config.for_workers()), batches(files, _CLEAN_BATCH), _no_publications)
    return [file for file, name in zip(files, chain.from_iterable(found), strict=True) if name == publication]


def _publications(config: BuildConfig, files: Sequence[FoundFile]) -> list[str | None]:
    with wall_clock_limit(), shared_timer():
        return [_publication(config, file) for file in files]


def _publication(config: BuildConfig, file: FoundFile) -> str | None:
    try:
        with cpu_limit(file.source):
            return read_article(file, config.settings.max_file_bytes).publication
    except RejectedFile:
        return None


def _no_publications(files: Sequence[FoundFile]) -> list[str | None]:
    return [None] * len(files)


def repetition_for(
    config: BuildConfig,
    pool: WorkerPool,
    file: FoundFile,
    publication: str,
    files: Sequence[FoundFile],
    stored_files: StoredFiles,
    progress: Progress | None = None,
) -> Repetition:
    """Return what a build drops from one article because its source repeats it.

    It is read from the build cache if the last build read the same file with the same settings and rules. Otherwise all
    articles of `publication` among `files` are cleaned.
    """
    marks = _cached_marks(config, file, stored_files)
    if marks is None:
        files = files_of_publication(config, pool, publication, files)
        cleaned = clean_content(config, pool, progress, files=files, stored_files=stored_files)
        marks = next((each.repeated_marks for each in cleaned if each.file.source == file.source), b"")
    return repetition_from_marks(marks, publication)


def _cached_marks(config: BuildConfig, file: FoundFile, stored_files: StoredFiles) -> bytes | None:
    """Return what repeats in an article according to the build cache; None if the cache is outdated or damaged."""
    cache = BuildCache.open_existing(config.cache)
    if cache is None:
        return None
    try:
        expected = {
            "cleaning": cleaning_fingerprint(config.settings, code_fingerprint()),
            "describing": describing_fingerprint(config.settings, config.zone, code_fingerprint()),
            "rules": config.rules_fingerprint,
            "manifest of images": stored_files.manifest,
        }
        digest = fingerprint_of_bytes(read_bytes(file, config.settings.max_file_bytes))
        is_current = all(cache.get_value(name) == value for name, value in expected.items())
        return cache.repeated_marks(file.source, digest) if is_current else None
    except CorruptCache:  # the next build replaces it
        return None
    finally:
        cache.close()
