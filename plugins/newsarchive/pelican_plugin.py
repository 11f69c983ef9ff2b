"""The one module that knows Pelican: settings in, stages run, pages out, through public hooks only.

`initialized` checks everything before anything is written; `get_generators` and `get_writer` hand Pelican our
generator and writer; `finalized` removes what went stale and writes the ledger. Pelican's own article generator stays
idle: it is quadratic in tags, keeps every failure to itself with exit 0, and cannot build incrementally.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError
from pelican import Pelican, signals
from pelican.generators import (
    ArticlesGenerator,
    Generator,
    PagesGenerator,
    PelicanTemplateNotFound,
    StaticGenerator,
)
from pelican.writers import Writer

from newsarchive.build.article_stages import update_articles
from newsarchive.build.site_build import KEY, Build, BuildReport
from newsarchive.cache.database import SENSELESS, read_kept, retry_after_corruption
from newsarchive.cache.fingerprints import code_fingerprint, fingerprint, fingerprint_of_files
from newsarchive.cache.serialization import to_bytes
from newsarchive.diagnostics import ConfigurationError, Diagnostic
from newsarchive.fs.os_errors import REPORTED_ERRORS, error_lines
from newsarchive.fs.static_files import list_static_files, theme_files
from newsarchive.fs.symlinks import files_below, is_inside
from newsarchive.i18n import Translations
from newsarchive.images.stored_files import scan_stored_files
from newsarchive.parallel.interrupts import Interrupted, exit_when_interrupted
from newsarchive.read.visibility import DRAFTS
from newsarchive.render.environment import filters_for
from newsarchive.render.render_context import RenderContext, load_renderer
from newsarchive.render.site import Link, Site, base_context, describe_site

if TYPE_CHECKING:
    from newsarchive.collect import Archive

logger = logging.getLogger(__name__)

# What keeps Pelican from making articles, lists and feeds of its own.
_IDLE: dict[str, Any] = {
    "ARTICLE_PATHS": [],
    "DIRECT_TEMPLATES": [],
    "FEED_ALL_ATOM": None,
    "FEED_ALL_RSS": None,
    "CATEGORY_FEED_ATOM": None,
    "TRANSLATION_FEED_ATOM": None,
    "AUTHOR_FEED_ATOM": None,
    "AUTHOR_FEED_RSS": None,
    "RELATIVE_URLS": True,
}

# Bytes of an output from which a build warns; `newsarchive verify` refuses 0.95 GB.
_NEARLY_FULL = 800_000_000


def connect_signals() -> None:
    """Hook into Pelican."""
    exit_when_interrupted()
    signals.initialized.connect(_initialise)
    signals.get_generators.connect(_get_generators)
    signals.get_writer.connect(_get_writer)
    signals.article_generator_init.connect(_remember_article_generator)
    signals.page_generator_init.connect(_stay_inside)
    signals.static_generator_init.connect(_stay_inside)
    signals.page_generator_finalized.connect(_check_pages)
    signals.static_generator_finalized.connect(_take_static_files)
    signals.finalized.connect(_finish)


def _initialise(pelican: Pelican) -> None:
    """Check settings and rules."""
    pelican.settings.update(_IDLE)
    # In a page of reStructuredText, `.. include::` reads any file of the machine, and docutils its own settings.
    ours = {"file_insertion_enabled": False, "_disable_config": True}
    pelican.settings["DOCUTILS_SETTINGS"] = {**ours, **(pelican.settings.get("DOCUTILS_SETTINGS") or {})}
    with _problems_told(pelican.settings):
        pelican.settings[KEY] = build = Build(pelican.settings)
    _let_pelican_read_templates(pelican.settings, build.translations)


@contextmanager
def _problems_told(given: dict[str, Any]) -> Iterator[None]:
    """What is wrong is told one a line, and ends the process: Pelican would print a traceback."""
    try:
        yield
    except REPORTED_ERRORS as fault:
        for line in error_lines(fault, Path(given["CACHE_PATH"])):
            logger.critical("%s", line)
        logger.debug("Where that was:", exc_info=fault)
        if KEY in given:
            given[KEY].end()
        raise SystemExit(1) from None
    except (KeyboardInterrupt, SystemExit) as left:
        if isinstance(left, Interrupted):
            logger.warning("interrupted: the next build continues from here")
        if KEY in given:
            given[KEY].end()
        raise


def _let_pelican_read_templates(given: dict[str, Any], translations: Translations) -> None:
    """Pelican reads the template of a hand-made page before we render it; it must know what stands in it."""
    extensions = [*given["JINJA_ENVIRONMENT"].get("extensions", []), "jinja2.ext.i18n"]
    given["JINJA_ENVIRONMENT"] = {**given["JINJA_ENVIRONMENT"], "extensions": list(dict.fromkeys(extensions))}
    given["JINJA_FILTERS"] = {**filters_for(translations), **given["JINJA_FILTERS"]}


def _get_generators(_: Pelican) -> type[Generator]:
    return ArchiveGenerator


def _get_writer(_: Pelican) -> type[Writer]:
    return ArchiveWriter


def _remember_article_generator(generator: ArticlesGenerator) -> None:
    generator.settings[KEY].article_generator = generator


def _stay_inside(generator: Generator) -> None:
    content, ignored = Path(generator.path), [*generator.settings["IGNORE_FILES"], DRAFTS]

    def get_files(paths: Sequence[str], exclude: Sequence[str] = (), extensions: Any = None) -> set[str]:
        """As Pelican's: of those endings, or of those it can read (None), or all (False)."""
        readable = generator.readers.extensions if extensions is None else extensions
        endings = None if readable is False else tuple(readable)
        with _problems_told(generator.settings):
            return list_static_files(content, paths, exclude or (), endings, ignored)

    generator.get_files = get_files


def _check_pages(generator: PagesGenerator) -> None:
    """What hand-made pages ask for: files of the content to go along, and templates that there are."""
    content, links = Path(generator.path), generator.context["static_links"]
    for link in sorted(link for link in links if not is_inside(content / link, content)):
        repair = "mend the address in the page that links to it"
        logger.error("%s", Diagnostic("page", link, "is no file of the content folder, and not published", repair))
        links.discard(link)
    with _problems_told(generator.settings):
        kinds = (generator.pages, generator.translations, generator.hidden_pages, generator.hidden_translations)
        for page in chain(*kinds, generator.draft_pages, generator.draft_translations):
            try:
                generator.get_template(page.template)
            except (PelicanTemplateNotFound, TemplateError) as error:
                diagnostic = f"its template {page.template!r} cannot be used: {error}"
                repair = "name another, or mend it"
                raise ConfigurationError([Diagnostic("page", page.relative_source_path, diagnostic, repair)]) from None


def _take_static_files(generator: StaticGenerator) -> None:
    """Static files and the theme's are published as all files are. Pelican would write into those that stand, and a
    build that is killed, or a full disk, would leave half of one."""
    generator.settings[KEY].static = generator
    generator.context["staticfiles"] = []
    generator.settings = {**generator.settings, "THEME_STATIC_PATHS": []}


class ArchiveGenerator(Generator):  # type: ignore[misc]  # Pelican has no type hints
    """Runs the stages where Pelican would make its articles."""

    def generate_context(self) -> None:
        """find → read → clean → describe → collect."""
        build: Build = self.settings[KEY]
        with _problems_told(self.settings):
            build.begin()
            # A kept value that makes no sense may raise anything. Here nothing else does: no template has run yet.
            retry_after_corruption(lambda: self._gather(build), build.begin_again, *SENSELESS)

    def _gather(self, build: Build) -> None:
        stored_files = scan_stored_files(build.config)
        build.transient_rejections = update_articles(
            build.config, build.state, build.pool, build.progress, stored_files
        )
        pages = [Link(str(page.title), page.save_as) for page in self.context["pages"]]
        theme = self._theme_fingerprint()
        build.stamp = fingerprint(self._stamp(build, pages, theme), stored_files.fingerprint)
        if build.is_up_to_date():
            site = read_kept(build.state.get_value("site"), Site)
            build.report = read_kept(build.state.get_value("told"), BuildReport)
        else:
            # Only now: a build that has nothing to do is half as long without these.
            from newsarchive.build.site_writer import collect_site  # noqa: PLC0415

            parts = (build.config, build.state, build.transient_rejections, stored_files, build.pool, build.progress)
            build.collected = collect_site(*parts)
            site = self._describe_site(build, build.collected.archive, pages)
        folders = tuple(Path(folder) for folder in self._templates_path)
        catalogues = Path(self.theme) / "translations"
        build.context = RenderContext(folders, catalogues, build.translations.language, site, theme, build.own_filters)
        self.context["site"] = site

    def _describe_site(self, build: Build, archive: Archive, pages: Sequence[Link]) -> Site:
        return describe_site(
            archive,
            name=self.settings["SITENAME"],
            subtitle=self.settings.get("SITESUBTITLE", ""),
            url=self.settings["SITEURL"],
            translations=build.translations,
            pages=pages,
            searchable=build.lunr is not None,
            remote_images=build.config.settings.images != "local",
        )

    def _theme_fingerprint(self) -> bytes:
        """Of the theme and of templates that win over its own."""
        folders = [Path(folder) for folder in (*self._templates_path, self.theme)]
        files = [path for folder in folders for path in files_below(folder)]
        return fingerprint(fingerprint_of_files(files), *map(str, files))

    def _stamp(self, build: Build, pages: Sequence[Link], theme: bytes) -> bytes:
        """What the whole output is made of, beside the articles."""
        told = [self.settings["SITENAME"], self.settings.get("SITESUBTITLE", ""), self.settings["SITEURL"]]
        settings = replace(build.config.settings, executor="", profile=False)  # these change no byte
        given = to_bytes([told, build.translations.language, build.lunr, settings, pages, build.transient_rejections])
        return fingerprint(code_fingerprint(), theme, given, build.state.revision())

    def generate_output(self, writer: ArchiveWriter) -> None:
        """render → index → publish."""
        del writer  # our pages need nothing of Pelican's writer
        build: Build = self.settings[KEY]
        if build.lunr is None:
            where = build.config.settings.lunr_path
            logger.warning("%s: lunr.js is not there, so the site has no search — run: npm ci", where)
        with _problems_told(self.settings):
            self._copy_static_files(build)
            if build.collected is None:
                build.writer.keep_all()
                return
            hand_made = build.writer.current_paths

            def begin_again(damage: Exception) -> None:
                build.begin_again(damage, keeping=hand_made)
                self._gather(build)

            retry_after_corruption(lambda: self._write(build), begin_again)

    def _copy_static_files(self, build: Build) -> None:
        """Before the pages that show them: the theme's, and those of STATIC_PATHS and of links in hand-made pages."""
        given = self.settings
        sources = [Path(self.theme, name) for name in given["THEME_STATIC_PATHS"]]
        for path, source in theme_files(sources, given["THEME_STATIC_DIR"], given["IGNORE_FILES"]):
            build.writer.copy(path, source)
        build.writer.flush()
        for error in build.writer.unreadable:  # no site without its style sheet
            raise error
        for static in build.static.staticfiles:
            build.writer.copy(static.save_as, Path(self.path, static.source_path))
        build.writer.flush()

    def _write(self, build: Build) -> None:
        from newsarchive.build.site_writer import SiteWriter  # noqa: PLC0415 - as above

        assert build.collected is not None
        parts = (build.config.settings, build.state, build.writer, build.pool, build.progress)
        writer = SiteWriter(build.collected, build.context, *parts)
        writer.write_images()
        writer.write_articles()
        segments = iter(()) if build.lunr is None else writer.submit_search()
        writer.write_lists()
        if build.lunr is not None:
            writer.write_search(build.lunr, segments)


class ArchiveWriter(Writer):  # type: ignore[misc]
    """Writes hand-made pages as all pages are written: with the base context, whole, and only when they changed."""

    def write_file(self, name: str, template: Any, context: dict[str, Any], *_: Any, **kwargs: Any) -> None:
        """As `Writer.write_file`; Pelican calls it for each page of PAGE_PATHS."""
        if not name:  # a page that is to be read, and not to be published
            return
        build: Build = self.settings[KEY]
        own = base_context(name, str(kwargs["page"].title), context["site"])
        with _problems_told(self.settings):
            ours = load_renderer(build.context)[0].get_template(template.name)
            build.writer.write(name, ours.render({**context, **kwargs, **own}))


def _finish(pelican: Pelican) -> None:
    """The site stands: remove what is stale, write the ledger, say what happened."""
    build: Build = pelican.settings[KEY]
    with _problems_told(pelican.settings):
        removed = retry_after_corruption(
            build.finish, lambda damage: build.begin_again(damage, keeping=build.writer.current_paths)
        )
        told = build.report
        build.end()
    if build.article_generator is not None:  # Pelican ends with "Processed N articles", counting its own idle ones
        build.article_generator.articles = range(told.articles)
    if build.config.settings.profile:
        print(*build.progress.profile(), sep="\n", flush=True)
    levels = {"warning": logging.WARNING, "error": logging.ERROR}
    print(f"{told.totals}; {build.writer.written:,} pages written, {removed:,} removed", flush=True)
    print(f"ledger: {os.path.relpath(build.cache / 'ledger.jsonl')}", flush=True)
    for level, line in told.lines:
        if level == "info":
            print(line, flush=True)
        else:
            logger.log(levels.get(level, logging.ERROR), "%s", line)
    for error in build.writer.unreadable:
        place = os.path.relpath(error.filename, pelican.settings["PATH"])
        diagnostic = f"file cannot be read, and is not published: {error.strerror}"
        logger.error("%s", Diagnostic("unreadable", place, diagnostic, "check its permissions and the disk"))
    if build.writer.size > _NEARLY_FULL:
        size = f"{build.writer.size / 1e9:.2f} GB"
        logger.warning(
            "%s: %s, and GitHub Pages takes 1 GB — see docs/publishing.md for what to do", build.output, size
        )
