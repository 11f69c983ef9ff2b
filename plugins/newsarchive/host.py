"""The one module that knows Pelican: settings in, stages run, pages out, through public hooks only.

`initialized` checks everything before anything is written; `get_generators` and `get_writer` hand Pelican our
generator and writer; `finalized` removes what went stale and writes the ledger. Pelican's own article generator stays
idle: it is quadratic in tags, keeps every failure to itself with exit 0, and cannot build incrementally.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import Environment
from pelican import Pelican, signals
from pelican.generators import ArticlesGenerator, Generator, StaticGenerator
from pelican.writers import Writer

from newsarchive.build import Gathered, Plan, gather, load_rule_book
from newsarchive.index import index_archive
from newsarchive.ledger import ledger_rows, ledger_text, summary_lines
from newsarchive.problems import ConfigurationError, Problem
from newsarchive.publish import BuildState, Publisher, write_whole
from newsarchive.render import render_archive
from newsarchive.render.environment import filters_for, make_environment
from newsarchive.render.site import Link, base_context, describe_site
from newsarchive.render.words import Words, load_words
from newsarchive.settings import Settings, read_settings

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

# Under this key our objects travel in Pelican's settings, from `initialized` to everything later.
_BUILD = "NEWSARCHIVE"


class Build:
    """One site: the plan, checked once, and what belongs to the run under way."""

    def __init__(self, pelican: Pelican) -> None:
        given = pelican.settings
        self.output = Path(given["OUTPUT_PATH"])
        self.cache = Path(given["CACHE_PATH"])
        self.plan, self.words = _check(given)
        self.lunr = _read_lunr(self.plan.settings.lunr_path)  # None: a site without search
        self.state = BuildState(self.cache)
        self.publisher = Publisher(self.output, self.state)
        self.gathered: Gathered | None = None
        self.environment = Environment()  # the templates' own comes with the theme's folders
        self.article_generator: ArticlesGenerator | None = None

    def begin(self) -> None:
        """A new run: `--autoreload` makes several with one set of settings."""
        self.publisher = Publisher(self.output, self.state)


def connect_signals() -> None:
    """Hook into Pelican."""
    signals.initialized.connect(_initialise)
    signals.get_generators.connect(_get_generators)
    signals.get_writer.connect(_get_writer)
    signals.article_generator_init.connect(_remember_article_generator)
    signals.static_generator_finalized.connect(_adopt_static_files)
    signals.finalized.connect(_finish)


def _initialise(pelican: Pelican) -> None:
    """Check settings and rules. Pelican would print a traceback for an error, so the problems are told one a line."""
    pelican.settings.update(_IDLE)
    try:
        pelican.settings[_BUILD] = build = Build(pelican)
    except ConfigurationError as error:
        for problem in error.problems:
            logger.critical("%s", problem)
        raise SystemExit(1) from None
    _let_pelican_read_templates(pelican.settings, build.words)


def _let_pelican_read_templates(given: dict[str, Any], words: Words) -> None:
    """Pelican reads the template of a hand-made page before we render it; it must know what stands in it."""
    extensions = [*given["JINJA_ENVIRONMENT"].get("extensions", []), "jinja2.ext.i18n"]
    given["JINJA_ENVIRONMENT"] = {**given["JINJA_ENVIRONMENT"], "extensions": list(dict.fromkeys(extensions))}
    given["JINJA_FILTERS"] = {**filters_for(words), **given["JINJA_FILTERS"]}


def _check(given: dict[str, Any]) -> tuple[Plan, Words]:
    """Raises ConfigurationError with every problem in settings and rule files."""
    problems: list[Problem] = []

    def collecting(make: Callable[[], Any]) -> Any:
        try:
            return make()
        except ConfigurationError as error:
            problems.extend(error.problems)
            return None

    content = Path(given["PATH"])
    settings = collecting(lambda: read_settings({k: v for k, v in given.items() if k != _BUILD})) or Settings()
    rules = collecting(lambda: load_rule_book(content, settings))
    zone = collecting(lambda: _zone(given["TIMEZONE"]))
    words = collecting(lambda: load_words(Path(given["THEME"]) / "translations", _language_tag(given["DEFAULT_LANG"])))
    collecting(lambda: _check_folders(content, Path(given["OUTPUT_PATH"])))
    if problems:
        raise ConfigurationError(problems)
    left_out = (*given["PAGE_PATHS"], *given["STATIC_PATHS"], settings.rules_path)
    left_out = tuple(path for path in left_out if path)
    return Plan(content, settings, zone, rules, tuple(given["IGNORE_FILES"]), left_out), words


def _read_lunr(path: str) -> str | None:
    """lunr.js, relative to the working folder, or None where it is not installed."""
    try:
        return Path(path).read_text("utf-8")
    except OSError:
        return None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problem = Problem("setting", "TIMEZONE", f"{name!r} is no time zone", "use a name like 'Asia/Shanghai'")
        raise ConfigurationError([problem]) from None


def _check_folders(content: Path, output: Path) -> None:
    content, output = content.resolve(), output.resolve()
    if output == content or output in content.parents:
        problem = Problem(
            "setting", "OUTPUT_PATH", f"{output} holds the content folder", "choose another output folder"
        )
        raise ConfigurationError([problem])


def _get_generators(_: Pelican) -> type[Generator]:
    return ArchiveGenerator


def _get_writer(_: Pelican) -> type[Writer]:
    return ArchiveWriter


def _remember_article_generator(generator: ArticlesGenerator) -> None:
    generator.settings[_BUILD].article_generator = generator


class ArchiveGenerator(Generator):  # type: ignore[misc]  # Pelican has no type hints
    """Runs the stages where Pelican would make its articles."""

    def generate_context(self) -> None:
        """find → read → clean → describe → collect."""
        build: Build = self.settings[_BUILD]
        build.begin()
        build.environment = make_environment([Path(folder) for folder in self._templates_path], build.words)
        build.environment.filters.update(self.settings["JINJA_FILTERS"])
        build.gathered = gather(build.plan)
        self.context["site"] = describe_site(
            build.gathered.archive,
            name=self.settings["SITENAME"],
            subtitle=self.settings.get("SITESUBTITLE", ""),
            url=self.settings["SITEURL"],
            words=build.words,
            pages=[Link(str(page.title), page.save_as) for page in self.context["pages"]],
            searchable=build.lunr is not None,
        )

    def generate_output(self, writer: ArchiveWriter) -> None:
        """render → publish."""
        del writer  # our pages need nothing of Pelican's writer
        build: Build = self.settings[_BUILD]
        assert build.gathered is not None
        gathered = build.gathered
        site, settings = self.context["site"], build.plan.settings
        for path, text in render_archive(
            gathered.archive, gathered.bodies, site, build.environment, settings, build.words
        ):
            build.publisher.write(path, text)
        if build.lunr is None:
            logger.warning("%s: lunr.js is not there, so the site has no search — run: npm ci", settings.lunr_path)
            return
        build.publisher.write("search/lunr.js", build.lunr)
        for path, text in index_archive(gathered.archive, gathered.bodies, settings):
            build.publisher.write(path, text)


def _language_tag(lowered: str) -> str:
    """zh-cn → zh-CN: Pelican writes languages in lower case, the standard (BCP 47) regions in capitals."""
    language, _, region = lowered.partition("-")
    return f"{language}-{region.upper() if len(region) == 2 else region.title()}" if region else language


class ArchiveWriter(Writer):  # type: ignore[misc]
    """Writes hand-made pages as all pages are written: with the base context, whole, and only when they changed."""

    def write_file(self, name: str, template: Any, context: dict[str, Any], *_: Any, **kwargs: Any) -> None:
        """As `Writer.write_file`; Pelican calls it for each page of PAGE_PATHS."""
        build: Build = self.settings[_BUILD]
        page = kwargs["page"]
        own = base_context(name, str(page.title), context["site"])
        ours = build.environment.get_template(template.name)
        build.publisher.write(name, ours.render({**context, **kwargs, **own}))


def _adopt_static_files(generator: StaticGenerator) -> None:
    """Pelican copies static files and the theme's; they are this build's files too."""
    build: Build = generator.settings[_BUILD]
    for static in generator.staticfiles:
        build.publisher.adopt(static.save_as)
    for folder in generator.settings["THEME_STATIC_PATHS"]:
        source = Path(generator.theme, folder)
        for path in sorted(source.rglob("*")):
            if path.is_file():
                relative = path.relative_to(source)
                build.publisher.adopt(Path(generator.settings["THEME_STATIC_DIR"], relative).as_posix())


def _finish(pelican: Pelican) -> None:
    """The site stands: remove what is stale, write the ledger, say what happened."""
    build: Build = pelican.settings[_BUILD]
    assert build.gathered is not None
    removed = build.publisher.remove_stale()
    rows = ledger_rows(build.gathered)
    write_whole(build.cache / "ledger.jsonl", ledger_text(rows).encode("utf-8"))
    _let_pelican_count(build)
    levels = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
    print(f"{next(summary_lines(rows))[1]}; {build.publisher.written:,} pages written, {removed:,} removed", flush=True)
    print(f"ledger: {os.path.relpath(build.cache / 'ledger.jsonl')}", flush=True)
    for level, line in list(summary_lines(rows))[1:]:
        logger.log(levels[level], "%s", line)


def _let_pelican_count(build: Build) -> None:
    """Pelican ends with "Processed N articles", counting its own idle generator's."""
    if build.article_generator is not None and build.gathered is not None:
        build.article_generator.articles = build.gathered.archive.articles
