"""Explains which inputs of a page changed since the last build, without building it.

The stages before rendering run on a copy of the build cache, so that the next build finds its own as it was.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from newsarchive.build.article_stages import update_articles
from newsarchive.build.collect_site import collect_site
from newsarchive.build.custom_targets import CustomPage, static_targets
from newsarchive.build.site_build import Build, open_build
from newsarchive.build.site_targets import (
    RenderedSite,
    article_targets,
    image_targets,
    page_targets,
    search_targets,
)
from newsarchive.build.targets import Stage, Target
from newsarchive.cache.build_cache import TargetRecord
from newsarchive.cache.database import read_kept
from newsarchive.config import BuildConfig
from newsarchive.diagnostics import Diagnostic, RejectedFile
from newsarchive.render.site import Site


@dataclass(frozen=True, slots=True)
class TargetChanges:
    """How the inputs of a file compare with those that it was made from. Names of inputs are in docs/commands.md."""

    path: str
    changed: tuple[str, ...] = ()  # inputs whose digests differ, or that came or went
    same: tuple[str, ...] = ()
    is_new: bool = False  # no build has made this file
    is_gone: bool = False  # the next build deletes it
    is_intact: bool = True  # the file on the disk is as the last build left it


def explain_target(config: BuildConfig, path: str) -> TargetChanges:
    """Compare the inputs of the file at `path`, relative to the output folder, with those of the last build.

    Raises RejectedFile for a path that neither the last build nor the next one makes, CacheInUse or FolderInUse when a
    build is at work, and what `build_site` raises for settings and the disk.
    """
    with _copied_cache(config) as copied, open_build(copied) as build:
        records = build.targets.records
        record = records.get(path) or next((each for each in records.values() if _makes(each, path)), None)
        target = _find(build, path)
        if target is None and record is None:
            message = "neither the last build nor the next one makes this file"
            hint = f"give a path relative to {config.output}, such as index.html"
            raise RejectedFile(Diagnostic("not-found", path, message, hint))
        return _compare(path, target, record, build)


def _makes(record: TargetRecord, path: str) -> bool:
    return any(file.path == path for file in record.files)


def _compare(path: str, target: Target | None, record: TargetRecord | None, build: Build) -> TargetChanges:
    if record is None:
        return TargetChanges(path, is_new=True)
    is_intact = all(build.targets.writer.is_as_left(file) for file in record.files if file.path == path)
    if target is None:
        return TargetChanges(path, is_gone=True, is_intact=is_intact)
    names = sorted({*target.inputs, *record.inputs})
    changed = tuple(name for name in names if target.inputs.get(name) != record.inputs.get(name))
    same = tuple(name for name in names if name not in changed)
    return TargetChanges(path, changed, same, is_intact=is_intact)


@contextmanager
def _copied_cache(config: BuildConfig) -> Iterator[BuildConfig]:
    """Return the configuration with a copy of its cache. The copy is beside it: a cache names the output folder by the
    way from one to the other."""
    parent = config.cache.resolve().parent
    with TemporaryDirectory(prefix=".newsarchive-why-", dir=parent) as folder:
        for file in config.cache.glob("*.sqlite*"):
            shutil.copy(file, folder)
        yield replace(config, cache=Path(folder))


def _find(build: Build, path: str) -> Target | None:
    """Return the target that makes a file; of a group, the finer one that does."""
    rejected = update_articles(build)
    collected = collect_site(build, rejected)
    kept = build.cache.get_value("site")
    links = read_kept(kept, Site).pages if kept else ()
    pages = [CustomPage(link.url, link.name, "", {}) for link in links]
    site = RenderedSite.of(collected, build.render_context(build.describe_site(collected, pages)))
    stages = [
        static_targets(build.config, ()),
        image_targets(site, build.cache),
        article_targets(site, build.cache),
        *search_targets(site, build.cache, build.config.settings, build.lunr, build.targets.value_of),
        page_targets(site, build.config.settings),
    ]
    return next(_matching(stages, path, build), None)


def _matching(stages: Iterable[Stage], path: str, build: Build) -> Iterator[Target]:
    for stage in stages:
        for target in stage.targets:
            if target.name == path or _makes(build.targets.records.get(target.name, _NOTHING), path):
                yield target
            elif target.is_group:
                yield from (part for part in target.make() if isinstance(part, Target) and part.name == path)


_NOTHING = TargetRecord({}, ())
