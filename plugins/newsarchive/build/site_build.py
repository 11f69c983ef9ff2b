"""`build_site`: a build from beginning to end, without Pelican.

>>> from pathlib import Path
>>> from newsarchive import build_site
>>> from newsarchive.config import load_config
>>> report = build_site(load_config(Path("pelicanconf.py")))  # doctest: +SKIP
>>> report.summary  # doctest: +SKIP
'46 files: 45 published, 1 merged, 0 rejected, 0 withheld'
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from msgspec import structs

from newsarchive.build.article_stages import Rejections, update_articles
from newsarchive.build.context import BuildContext
from newsarchive.build.custom_targets import CustomPage, StaticFile, custom_page_targets, static_targets
from newsarchive.build.report import BuildReport
from newsarchive.build.targets import Stage, TargetRunner
from newsarchive.cache.build_cache import BuildCache, OutputFile, TargetRecord, discard_cache
from newsarchive.cache.database import CorruptCache, is_corruption, read_kept, retry_after_corruption
from newsarchive.cache.fingerprints import code_fingerprint, fingerprint, fingerprint_of_files
from newsarchive.cache.serialization import to_bytes
from newsarchive.config import BuildConfig, load_config
from newsarchive.diagnostics import Diagnostic
from newsarchive.fs.atomic_files import write_atomically
from newsarchive.fs.symlinks import files_below
from newsarchive.images.stored_files import scan_stored_files
from newsarchive.parallel.executors import WorkerPool
from newsarchive.parallel.progress import Progress
from newsarchive.render.render_context import RenderContext
from newsarchive.render.site import Link, Site, describe_site
from newsarchive.render.template_additions import TemplateAdditions, make_additions

if TYPE_CHECKING:
    from newsarchive.build.collect_site import CollectedSite

logger = logging.getLogger(__name__)

# Files of the output have mode 644 and its folders 755, whatever the umask: a web server must read them.
_UMASK = 0o022

# Bytes of output from which a build warns; `newsarchive check-site` refuses more than GitHub Pages takes: 1 GB.
_NEARLY_FULL = 800_000_000


@retry_after_corruption
def build_site(
    config: BuildConfig,
    pages: Sequence[CustomPage] = (),
    static: Sequence[StaticFile] = (),
    out: TextIO | None = None,
) -> BuildReport:
    """Build the site of `config`, or what changed since its last build, and return what was done.

    `pages` are rendered and `static` files copied beside the archive's own. Progress is printed to `out`.

    Raises ConfigurationError, CacheInUse or FolderInUse when another build is at work, OutputError when two pages
    have one address, and OSError for what the disk refuses. Files that cannot become articles are in the ledger.
    """
    with open_build(config, out) as build:  # lock, cache, output, worker pool
        rejected = update_articles(build)  # read, clean and describe what changed
        if build.is_current(pages, static, rejected):
            return build.last_report()
        # Imported here: a build that has nothing to do takes half as long without these.
        from newsarchive.build import site_targets as of  # noqa: PLC0415
        from newsarchive.build.collect_site import collect_site  # noqa: PLC0415

        collected = collect_site(build, rejected)  # duplicates, sections, tags, related articles, images
        site = of.RenderedSite.of(collected, build.render_context(build.describe_site(collected, pages)))
        build.run(
            static_targets(config, static),
            custom_page_targets(pages, site.context),
            of.image_targets(site, build.cache),
            of.article_targets(site, build.cache),  # before what links to them
            *of.search_targets(site, build.cache, config.settings, build.lunr, build.targets.value_of),
            of.page_targets(site, config.settings),
        )
        return build.finish(site.collected, site.context.site, pages, rejected)  # delete stale files, write the ledger


@contextmanager
def open_build(config: BuildConfig, out: TextIO | None = None) -> Iterator[Build]:
    """Open cache and output for one build. If the cache turns out to be damaged, replace it, and raise the error.

    Raises CacheInUse or FolderInUse when another build is at work, and OSError.
    """
    umask, known_paths = os.umask(_UMASK), frozenset[str]()
    try:
        with (
            closing(BuildCache(config.cache)) as cache,
            closing(TargetRunner(config.output, cache)) as targets,
            closing(WorkerPool(config.settings.executor)) as pool,
        ):
            lunr = _read_lunr(config.settings.lunr_path)
            additions = make_additions(config.theme.filters, config.theme.globals, config.theme.tests)
            stored_files = scan_stored_files(config)
            try:
                yield Build(config, cache, pool, Progress(out), stored_files, targets, lunr, additions)
            finally:
                known_paths = targets.known_paths
    except Exception as error:
        if is_corruption(error):
            _replace_cache(config, known_paths, error)
        raise
    finally:
        os.umask(umask)


def _read_lunr(path: str) -> str | None:
    """Return lunr.js, or None where it is not installed."""
    try:
        return Path(path).read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        logger.warning("%s: lunr.js is not there, so the site has no search — run: npm ci", path)
        return None


def _replace_cache(config: BuildConfig, known_paths: frozenset[str], damage: Exception) -> None:
    """Start a new cache that knows which files of the output are ours, and nothing else."""
    discard_cache(config.cache, damage)
    with closing(BuildCache(config.cache)) as cache:
        records = {path: TargetRecord({}, (OutputFile(path, -1, -1),)) for path in known_paths}
        cache.store_targets(config.output, records)
        cache.commit()


@dataclass(frozen=True, slots=True)
class Build(BuildContext):
    """A build under way."""

    targets: TargetRunner
    lunr: str | None  # lunr.js; None: a site without search
    additions: TemplateAdditions  # what JINJA_* settings add to the templates

    def run(self, *stages: Stage) -> None:
        """Bring the targets of all stages up to date."""
        self.targets.run(stages, self.pool, self.progress)

    def is_current(self, pages: Sequence[CustomPage], static: Sequence[StaticFile], rejected: Rejections) -> bool:
        """Return True if the last build wrote exactly what this one would, and all of it is on the disk."""
        if self.cache.get_value(self._stamp_key) != self._stamp(pages, rejected):
            return False
        if not (self.targets.is_complete() and (self.config.cache / "ledger.jsonl").exists()):
            return False
        site = read_kept(self.cache.get_value("site"), Site)
        own = (static_targets(self.config, static), custom_page_targets(pages, self.render_context(site)))
        return all(self.targets.is_current(target) for stage in own for target in stage.targets)

    def last_report(self) -> BuildReport:
        """Return the report of the last build; nothing was written since."""
        return structs.replace(read_kept(self.cache.get_value("report"), BuildReport), written=0, removed=0)

    def describe_site(self, collected: CollectedSite, pages: Sequence[CustomPage]) -> Site:
        """Return what all templates are given of the site."""
        identity = self.config.site
        return describe_site(
            collected.archive,
            name=identity.name,
            subtitle=identity.subtitle,
            url=identity.url,
            translations=self.config.translations,
            pages=[Link(page.title, page.path) for page in pages],
            searchable=self.lunr is not None,
            remote_images=self.config.settings.images != "local",
        )

    def render_context(self, site: Site) -> RenderContext:
        """Return what worker processes need to render pages."""
        theme = self.config.theme
        language, digest = self.config.site.language, self._theme_digest()
        return RenderContext(theme.template_folders, theme.catalogues, language, site, digest, self.additions)

    def finish(
        self, collected: CollectedSite, site: Site, pages: Sequence[CustomPage], rejected: Rejections
    ) -> BuildReport:
        """Delete stale files, write the ledger, and remember that the site is complete."""
        from newsarchive.build.ledger import ledger_rows, ledger_text, summary_lines  # noqa: PLC0415 - as above

        removed, size = self.targets.finish(self.targets.stale_targets())
        rows = ledger_rows(collected)
        write_atomically(self.config.cache / "ledger.jsonl", ledger_text(rows).encode("utf-8"))
        (_, summary), *lines = summary_lines(rows)
        lines += [*collected.images.summary_lines(), *self._warnings(size)]
        report = BuildReport(summary, tuple(lines), len(collected.archive.articles), size)
        self.cache.set_value("report", to_bytes(report))
        self.cache.set_value("site", to_bytes(site))
        self.cache.set_value(self._stamp_key, self._stamp(pages, rejected))
        self.cache.commit()
        written = self.targets.writer.written
        return structs.replace(report, written=written, removed=removed, profile=tuple(self.progress.profile()))

    def _warnings(self, size: int) -> Iterator[tuple[str, str]]:
        for error in self.targets.failed_copies:
            location = os.path.relpath(error.filename, self.config.content)
            message = f"file cannot be read, and is not published: {error.strerror}"
            yield "error", str(Diagnostic("unreadable", location, message, "check its permissions and the disk"))
        if size > _NEARLY_FULL:
            hint = "and GitHub Pages takes 1 GB — see docs/publishing.md for what to do"
            yield "warning", f"{self.config.output}: {size / 1e9:.2f} GB, {hint}"

    @property
    def _stamp_key(self) -> str:
        return f"stamp of {self.cache.folder_key(self.config.output)}"

    def _stamp(self, pages: Sequence[CustomPage], rejected: Rejections) -> bytes:
        """Return the digest of everything that the whole site is made from."""
        settings = replace(self.config.settings, executor="", profile=False)  # these change no byte
        links = [(page.title, page.path) for page in pages]
        identity = to_bytes([self.config.site, self.lunr, settings, links, rejected])
        images = self.stored_files.fingerprint
        return fingerprint(code_fingerprint(), self._theme_digest(), identity, self.cache.revision(), images)

    def _theme_digest(self) -> bytes:
        """Return the digest of the theme and of templates that win over its own."""
        folders = [*self.config.theme.template_folders, self.config.theme.folder]
        files = [path for folder in folders for path in files_below(folder)]
        return fingerprint(fingerprint_of_files(files), *map(str, files), self.additions.digest)


def load_build_config(settings: Mapping[str, Any]) -> BuildConfig:
    """Return `load_config(settings)`, without reading rule files that an earlier build found to be right.

    Raises ConfigurationError, and CacheInUse when another build is at work.
    """
    with closing(BuildCache(Path(settings["CACHE_PATH"]))) as cache:
        try:
            known_good = cache.get_value(_RULES_KNOWN_GOOD)
        except CorruptCache:  # the build will find that, too, and replace the cache
            return load_config(settings)
        config = load_config(settings, rules_known_good=known_good)
        cache.set_value(_RULES_KNOWN_GOOD, config.rules_digest)
        cache.commit()
    return config


_RULES_KNOWN_GOOD = "rules known good"
