"""What rendering needs in every process: small enough to be sent to workers, which load the templates once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment

from newsarchive.i18n import Translations, load_translations
from newsarchive.render.environment import make_environment
from newsarchive.render.site import Site
from newsarchive.render.template_additions import TemplateAdditions


@dataclass(frozen=True, slots=True)
class RenderContext:
    """Where templates and catalogues are, and the site they are for.

    `theme` is a fingerprint of the templates and catalogues: a process that serves several builds loads them again when
    they change.
    """

    template_folders: tuple[Path, ...]
    catalogues: Path
    language: str
    site: Site
    theme: bytes = b""
    additions: TemplateAdditions = field(default_factory=TemplateAdditions)


@lru_cache(maxsize=1)
def load_renderer(context: RenderContext) -> tuple[Environment, Translations]:
    """Return the environment and the translations of a context; the last ones are kept."""
    translations = load_translations(context.catalogues, context.language)
    environment = make_environment(context.template_folders, translations)
    context.additions.add_to(environment)
    return environment, translations
