"""What a build works with, from its first stage to its last."""

from __future__ import annotations

from dataclasses import dataclass

from newsarchive.cache.build_cache import BuildCache
from newsarchive.config import BuildConfig
from newsarchive.images.stored_files import StoredFiles
from newsarchive.parallel.executors import WorkerPool
from newsarchive.parallel.progress import Progress


@dataclass(frozen=True, slots=True)
class BuildContext:
    """Everything that the stages of a build share. It never changes while a build runs."""

    config: BuildConfig
    cache: BuildCache
    pool: WorkerPool
    progress: Progress
    stored_files: StoredFiles  # the images on disk
