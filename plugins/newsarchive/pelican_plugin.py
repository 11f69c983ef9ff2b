"""The only module that imports Pelican: it reads its settings, and hands pages and static files to `build_site`.

Pelican's own article generator stays idle: it is quadratic in tags, ends with exit status 0 after failures, and cannot
build incrementally.
"""

from __future__ import annotations

import atexit
import gc
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

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

from newsarchive.build.custom_targets import CustomPage, StaticFile
from newsarchive.build.report import print_report, reported_errors
from newsarchive.build.site_build import build_site, load_build_config
from newsarchive.config import BuildConfig
from newsarchive.diagnostics import ConfigurationError, Diagnostic, RenderError
from newsarchive.fs.static_files import list_static_files
from newsarchive.fs.symlinks import is_inside
from newsarchive.parallel.interrupts import exit_when_interrupted
from newsarchive.read.visibility import DRAFTS
from newsarchive.render.environment import filters_for
from newsarchive.render.template_errors import describe_template_error

logger = logging.getLogger(__name__)

_SETTINGS, _CONFIG = "NEWSARCHIVE", "NEWSARCHIVE CONFIG"
"""Keys of Pelican's settings: the settings as they were given, and (the configuration for the next
build, whether it was loaded for it)."""

_STATIC, _ARTICLES = "newsarchive_static", "newsarchive_articles"
"""Keys of Pelican's context, which its generators share: static files, and the generator of articles."""

# Keeps Pelican from making articles, lists and feeds of its own.
_IDLE: Mapping[str, Any] = {
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


def connect_signals() -> None:
    """Hook into Pelican, through its public signals only."""
    exit_when_interrupted()
    signals.initialized.connect(_initialise)
    signals.get_generators.connect(_get_generators)
    signals.get_writer.connect(_get_writer)
    signals.article_generator_init.connect(_remember_article_generator)
    signals.page_generator_init.connect(_list_safe_files)
    signals.static_generator_init.connect(_list_safe_files)
    signals.page_generator_finalized.connect(_check_pages)
    signals.static_generator_finalized.connect(_take_static_files)


# Functions of the module, not lambdas: Pelican registers the plugin again for each build of one process, and connecting
# the same function twice connects it once.
def _get_generators(_: Pelican) -> type[Generator]:
    return ArchiveGenerator


def _get_writer(_: Pelican) -> type[Writer]:
    return ArchiveWriter


def _initialise(pelican: Pelican) -> None:
    """Check settings, rules and translations before anything is written."""
    given = pelican.settings
    given.update(_IDLE)
    # In a page of reStructuredText, `.. include::` reads any file of the machine, and docutils its own settings.
    safe = {"file_insertion_enabled": False, "_disable_config": True}
    given["DOCUTILS_SETTINGS"] = {**safe, **(given.get("DOCUTILS_SETTINGS") or {})}
    # Nearly all objects live until the end. Collecting garbage as often as usual takes a seventh of a build, and the
    # interpreter's last look at them 0.2 s.
    gc.set_threshold(100_000, 50, 1_000)
    atexit.register(gc.freeze)
    with reported_errors(Path(given["CACHE_PATH"])):
        given[_SETTINGS] = dict(given)
        config = load_build_config(given[_SETTINGS])
        given[_CONFIG] = (config, True)
        _let_pelican_read_templates(given, config)


def _let_pelican_read_templates(given: dict[str, Any], config: BuildConfig) -> None:
    """Pelican parses the template of a page before `build_site` renders it, so it must know our filters."""
    extensions = [*given["JINJA_ENVIRONMENT"].get("extensions", []), "jinja2.ext.i18n"]
    given["JINJA_ENVIRONMENT"] = {**given["JINJA_ENVIRONMENT"], "extensions": list(dict.fromkeys(extensions))}
    given["JINJA_FILTERS"] = {**filters_for(config.translations), **given["JINJA_FILTERS"]}


def _remember_article_generator(generator: ArticlesGenerator) -> None:
    generator.context[_ARTICLES] = generator


def _list_safe_files(generator: Generator) -> None:
    """Let Pelican find no drafts, and nothing behind a link that leads out of the content folder."""
    content, ignored = Path(generator.path), [*generator.settings["IGNORE_FILES"], DRAFTS]

    def get_files(paths: Sequence[str], exclude: Sequence[str] = (), extensions: Any = None) -> set[str]:
        """As Pelican's: files with those extensions, with those it can read (None), or all (False)."""
        readable = generator.readers.extensions if extensions is None else extensions
        endings = None if readable is False else tuple(readable)
        with reported_errors(Path(generator.settings["CACHE_PATH"])):
            return list_static_files(content, paths, exclude or (), endings, ignored)

    generator.get_files = get_files


def _check_pages(generator: PagesGenerator) -> None:
    """Refuse links of pages to files outside the content folder, and templates that do not exist."""
    content, links = Path(generator.path), generator.context["static_links"]
    for link in sorted(link for link in links if not is_inside(content / link, content)):
        hint = "mend the address in the page that links to it"
        logger.error("%s", Diagnostic("page", link, "is no file of the content folder, and not published", hint))
        links.discard(link)
    kinds = ("pages", "translations", "hidden_pages", "hidden_translations", "draft_pages", "draft_translations")
    with reported_errors(Path(generator.settings["CACHE_PATH"])):
        for page in (page for kind in kinds for page in getattr(generator, kind)):
            try:
                generator.get_template(page.template)
            except PelicanTemplateNotFound as error:
                message, hint = f"its template {page.template!r} cannot be used: {error}", "name another, or add it"
                raise ConfigurationError([Diagnostic("page", page.relative_source_path, message, hint)]) from None
            except TemplateError as error:
                raise RenderError(describe_template_error(error, page.template)) from error


def _take_static_files(generator: StaticGenerator) -> None:
    """Leave copying to `build_site`: Pelican writes into existing files, and a full disk would leave half of one."""
    generator.context[_STATIC] = generator.staticfiles
    generator.context["staticfiles"] = []
    generator.settings = {**generator.settings, "THEME_STATIC_PATHS": []}


class ArchiveWriter(Writer):  # type: ignore[misc]  # Pelican has no type hints
    """Collects the owner's pages for `build_site`."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.pages: list[CustomPage] = []

    def write_file(self, name: str, template: Any, context: dict[str, Any], *_: Any, **named: Any) -> None:
        """As `Writer.write_file`, which Pelican calls for each page; a page without a name is not published."""
        if name:
            named["page"].content  # noqa: B018 - its `{attach}` links decide where static files are published
            self.pages.append(CustomPage(name, str(named["page"].title), template.name, {**context, **named}))


class ArchiveGenerator(Generator):  # type: ignore[misc]
    """Builds the archive where Pelican would write its articles."""

    def generate_output(self, writer: ArchiveWriter) -> None:
        """Build the site, when Pelican knows all pages and static files."""
        with reported_errors(Path(self.settings["CACHE_PATH"])):
            config = self._config()
            static = [StaticFile(each.save_as, Path(self.path, each.source_path)) for each in self.context[_STATIC]]
            report = build_site(config, writer.pages, static, sys.stdout)
        self.context[_ARTICLES].articles = range(report.articles)  # which Pelican counts at its end
        print_report(report, config)

    def _config(self) -> BuildConfig:
        """Return the configuration of this build. With `--autoreload`, rules and translations change between two.

        An error in them is reported, and the last configuration is used: Pelican would try again at once, for ever.
        """
        config: BuildConfig
        config, is_new = self.settings[_CONFIG]
        if not is_new:
            try:
                config = load_build_config(self.settings[_SETTINGS])
            except ConfigurationError as error:
                for diagnostic in error.diagnostics:
                    logger.error("%s", diagnostic)
        self.settings[_CONFIG] = (config, False)
        return config
