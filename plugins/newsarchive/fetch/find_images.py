"""Which images clean articles show: in their bodies, as a build leaves them, and as lead images."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TypeVar

from newsarchive.cache.serialization import from_bytes, to_bytes
from newsarchive.clean import clean_article
from newsarchive.clean.repetition import (
    ArticleFingerprints,
    drop_repeated,
    fingerprint_article,
    learn_repetition,
    repeated_marks,
    repetition_from_marks,
)
from newsarchive.config.build_config import BuildConfig
from newsarchive.describe.lead_images import lead_candidates
from newsarchive.diagnostics import RejectedFile
from newsarchive.images.repeated_images import ArticleImages
from newsarchive.models import CleanArticle
from newsarchive.parallel.executors import WorkerPool, batches
from newsarchive.parallel.progress import Progress
from newsarchive.parallel.time_limits import cpu_limit
from newsarchive.read import read_article
from newsarchive.read.find import FoundFile, find_files

_AT_ONCE = 32  # files that a worker takes at a time

Task = TypeVar("Task")


@dataclass(frozen=True, slots=True)
class _FoundImages:
    """A first look at an article: before it is known what its source repeats."""

    fingerprints: bytes
    addresses: tuple[str, ...]


def find_images(config: BuildConfig, pool: WorkerPool, progress: Progress) -> list[ArticleImages]:
    """What each article of a content folder shows, in the order of their paths; files that are no articles are none.

    Articles are cleaned alone first, and again where their source turns out to repeat something of them: all of them
    are never in memory together.
    """
    with progress.stage("find"):
        found = find_files(config.content, config.settings.article_extensions, config.ignore, config.exclude)
        files = [file for file in found if not file.diagnostic]
    config.rules  # noqa: B018 - read before processes are started, which then have them
    looked = pool.map(partial(_find_in_all, config), batches(files, _AT_ONCE))
    looks = list(progress.each("clean", chain.from_iterable(looked), len(files)))
    found_in = {file.source: (file, look) for file, look in zip(files, looks, strict=True) if look}
    verdicts = dict(_judge(found_in, config))
    again = [
        (file, look.fingerprints, verdicts[source]) for source, (file, look) in found_in.items() if source in verdicts
    ]
    cleaned = pool.map(partial(_clean_again, config), batches(again, _AT_ONCE))
    changed = dict(zip((file.source for file, _, _ in again), chain.from_iterable(cleaned), strict=True))
    shown = []
    for source, (_, look) in found_in.items():
        fingerprints = from_bytes(look.fingerprints, ArticleFingerprints)
        shown.append(ArticleImages(fingerprints.publication, fingerprints.body, changed.get(source, look.addresses)))
    return shown


def _judge(found: Mapping[str, tuple[FoundFile, _FoundImages]], config: BuildConfig) -> Iterator[tuple[str, bytes]]:
    """(path, verdict) of articles of which something repeats, as a build finds them."""
    if not config.settings.remove_repeated:
        return

    def cleaned(source: str) -> CleanArticle:
        clean = _clean(config, found[source][0])
        assert clean  # it was, a moment ago
        return clean

    by_source: dict[str, dict[str, ArticleFingerprints]] = defaultdict(dict)
    for source, (_, look) in found.items():
        fingerprints = from_bytes(look.fingerprints, ArticleFingerprints)
        by_source[fingerprints.publication][source] = fingerprints
    for articles in by_source.values():
        repetition = learn_repetition(articles, cleaned)
        for source, fingerprints in articles.items():
            if verdict := repeated_marks(fingerprints, repetition):
                yield source, verdict


def _find_in_all(config: BuildConfig, files: Sequence[FoundFile]) -> list[_FoundImages | None]:
    return [_find_in(config, file) for file in files]


def _find_in(config: BuildConfig, file: FoundFile) -> _FoundImages | None:
    clean = _clean(config, file)
    return _FoundImages(to_bytes(fingerprint_article(clean)), _addresses(clean)) if clean else None


def _clean_again(config: BuildConfig, tasks: Sequence[tuple[FoundFile, bytes, bytes]]) -> list[tuple[str, ...]]:
    shown: list[tuple[str, ...]] = []
    for file, kept, verdict in tasks:
        clean = _clean(config, file)
        fingerprints = from_bytes(kept, ArticleFingerprints)
        shown.append(
            _addresses(drop_repeated(clean, repetition_from_marks(verdict, fingerprints.publication), fingerprints))
            if clean
            else ()
        )
    return shown


def _clean(config: BuildConfig, file: FoundFile) -> CleanArticle | None:
    """Without what is wrong with it, which a build tells."""
    try:
        with cpu_limit(file.source):
            return clean_article(
                read_article(file, config.settings.max_file_bytes), config.rules, config.settings.max_html_depth
            )
    except RejectedFile:
        return None


def _addresses(clean: CleanArticle) -> tuple[str, ...]:
    """Addresses on the web of the images that an article's page shows."""
    images = (*clean.images, *lead_candidates(clean))
    return tuple(dict.fromkeys(each.url for each in images if each.url.startswith(("https://", "http://"))))
