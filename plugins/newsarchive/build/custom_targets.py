"""The targets that no article has a part in: static files, the theme's files, and pages that the site's owner wrote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from newsarchive.build.targets import File, Stage, Target
from newsarchive.cache.fingerprints import fingerprint, fingerprint_of_files
from newsarchive.config import BuildConfig
from newsarchive.fs.static_files import theme_files
from newsarchive.render.render_context import RenderContext, load_renderer
from newsarchive.render.site import base_context
from newsarchive.render.template_errors import render_template


class StaticFile(NamedTuple):
    """A file that is published as it is."""

    path: str  # relative to the output folder, with "/"
    source: Path


class CustomPage(NamedTuple):
    """A page that the site's owner wrote: rendered with a template of the theme, which is given `context` too."""

    path: str  # relative to the output folder, with "/"
    title: str
    template: str
    context: Mapping[str, Any]


def static_targets(config: BuildConfig, static: Iterable[StaticFile]) -> Stage:
    """Return the files to copy: the theme's, and `static`. Raises OSError for a file of the theme."""
    return Stage("static files", [*_theme_targets(config), *map(_static_target, static)])


def _theme_targets(config: BuildConfig) -> Iterator[Target]:
    """A theme's file that cannot be read ends the build: there is no site without its style sheet."""
    theme = config.theme
    for path, source in theme_files(theme.static_folders, theme.static_dir, config.ignore):
        yield Target(path, {"file": fingerprint_of_files([source])}, partial(_read, path, source))


def _read(path: str, source: Path) -> list[File]:
    return [File(path, source.read_bytes())]


def _static_target(file: StaticFile) -> Target:
    """A source that cannot be read has no digest: copying it in each build reports the error again."""
    try:
        inputs = {"file": fingerprint_of_files([file.source])}
    except OSError:
        inputs = {}
    return Target(file.path, inputs, lambda: [File(file.path, file.source)])


def custom_page_targets(pages: Iterable[CustomPage], context: RenderContext) -> Stage:
    """Return the owner's pages. What they are given has no digest, so each is rendered: its HTML is its input."""
    return Stage("custom pages", [_custom_page_target(page, context) for page in pages])


def _custom_page_target(page: CustomPage, context: RenderContext) -> Target:
    own = base_context(page.path, page.title, context.site)
    text = render_template(load_renderer(context)[0], page.template, {**page.context, **own})
    return Target(page.path, {"page": fingerprint(text)}, lambda: [File(page.path, text)])
