"""What rendering needs in every process: small enough to be sent, and made into templates once where it arrives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment

from newsarchive.i18n import Translations, load_translations
from newsarchive.render.environment import make_environment
from newsarchive.render.site import Site


@dataclass(frozen=True, slots=True)
class RenderContext:
    """Where templates and words are, and the site they are for. `theme` is a fingerprint of them: a process that goes
    on from build to build reads them again when they change. `filters` are the user's own (JINJA_FILTERS)."""

    template_folders: tuple[Path, ...]
    catalogues: Path
    language: str
    site: Site
    theme: bytes = b""
    filters: tuple[tuple[str, Callable[..., Any]], ...] = ()


@lru_cache(maxsize=1)
def load_renderer(context: RenderContext) -> tuple[Environment, Translations]:
    """The templates and words of a kit, loaded."""
    translations = load_translations(context.catalogues, context.language)
    environment = make_environment(context.template_folders, translations)
    environment.filters.update(context.filters)
    return environment, translations
