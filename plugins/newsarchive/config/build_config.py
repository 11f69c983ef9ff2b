"""`BuildConfig`: everything a build works from, checked and frozen. Every stage and every command takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from newsarchive.cache.fingerprints import (
    code_fingerprint,
    fingerprint,
    fingerprint_of_files,
    fingerprint_of_rules,
)
from newsarchive.config.settings import Settings
from newsarchive.fs.symlinks import files_in
from newsarchive.i18n import Translations, load_translations

if TYPE_CHECKING:
    from newsarchive.clean.rules import RuleBook

SHIPPED_RULES = Path(__file__).resolve().parents[1] / "rules"

# Settings that decide how one article is read and cleaned, and how it is then described. A change of any other setting
# leaves the cached articles valid.
_CLEANING_SETTINGS = ("max_file_bytes", "max_html_depth")
_DESCRIBING_SETTINGS = ("warn_removed_percent", "remove_repeated", "summary_characters", "tags_per_article")

NamedObjects = tuple[tuple[str, Any], ...]
"""(name, object) pairs, sorted by name."""


@dataclass(frozen=True, slots=True)
class SiteIdentity:
    """What a site is called, where it is published, and its language as BCP 47 writes it."""

    name: str = ""
    subtitle: str = ""
    url: str = ""  # SITEURL, without a slash at its end
    language: str = "zh-CN"


@dataclass(frozen=True, slots=True)
class ThemeConfig:
    """Where templates, static files and translations come from, and what JINJA_* settings add to the templates."""

    folder: Path = Path()
    template_folders: tuple[Path, ...] = ()  # the first that has a template wins; THEME_TEMPLATES_OVERRIDES first
    static_folders: tuple[Path, ...] = ()  # THEME_STATIC_PATHS
    static_dir: str = "theme"  # folder of the output, THEME_STATIC_DIR
    filters: NamedObjects = ()
    globals: NamedObjects = ()
    tests: NamedObjects = ()

    @property
    def catalogues(self) -> Path:
        """The folder of the translations, a `.po` file for each language."""
        return self.folder / "translations"


@dataclass(frozen=True, slots=True)
class BuildConfig:
    """Everything a build works from. `load_config` makes one. `ignore` and `exclude` tell `find_files` what to skip."""

    content: Path
    settings: Settings
    zone: ZoneInfo
    rule_folders: tuple[Path, ...]  # the user's own first: its files win
    rules_fingerprint: bytes
    ignore: Sequence[str] = ("**/.*",)
    exclude: Sequence[str] = ()
    output: Path = Path("output")
    cache: Path = Path("cache")
    site: SiteIdentity = SiteIdentity()
    theme: ThemeConfig = ThemeConfig()

    def for_workers(self) -> BuildConfig:
        """Return the configuration without the theme: small, and picklable whatever JINJA_FILTERS holds."""
        return replace(self, theme=ThemeConfig())

    @property
    def rules(self) -> RuleBook:
        """All rules. The files are read at the first call in a process, and again after `rules_fingerprint` changed."""
        return load_rule_book(self.rule_folders, self.rules_fingerprint)

    @property
    def rules_digest(self) -> bytes:
        """Digest of the rule files and of the program that checked them; see `load_config(rules_known_good=…)`."""
        return digest_of_checked_rules(self.rules_fingerprint)

    @property
    def translations(self) -> Translations:
        """The theme's catalogue for the site's language. It is read again after a catalogue changed."""
        catalogues = fingerprint_of_files(files_in(self.theme.catalogues, ".po"))
        return _load_translations(self.theme.catalogues, self.site.language, catalogues)


def rules_of(content: Path, settings: Settings) -> tuple[tuple[Path, ...], bytes]:
    """Return the folders of rule files for a content folder, and a fingerprint of the files in them."""
    folders = (content / settings.rules_path, SHIPPED_RULES)
    return folders, fingerprint_of_rules(path for folder in folders for path in files_in(folder, ".toml"))


def digest_of_checked_rules(rules_fingerprint: bytes) -> bytes:
    """Return `BuildConfig.rules_digest` for a fingerprint of rule files."""
    return fingerprint(code_fingerprint(), rules_fingerprint)


@lru_cache(maxsize=2)
def load_rule_book(folders: tuple[Path, ...], rules_fingerprint: bytes) -> RuleBook:
    """Return the rules in `folders`. `rules_fingerprint` is a part of the cache's key: in a process that makes several
    builds, rule files may change between two of them.

    Raises ConfigurationError with every problem in every file.
    """
    # Imported here: reading rules needs a CSS parser and BeautifulSoup, which a build without changes does not.
    from newsarchive.clean.rule_files import load_rules  # noqa: PLC0415

    del rules_fingerprint
    return load_rules(folders)


@lru_cache(maxsize=2)
def _load_translations(folder: Path, language: str, catalogues: bytes) -> Translations:
    del catalogues  # a part of the cache's key
    return load_translations(folder, language)


def cleaning_fingerprint(settings: Settings, code: bytes) -> bytes:
    """Return a fingerprint of what cleaning depends on beside the file and its rules."""
    return fingerprint(code, *_values(settings, _CLEANING_SETTINGS))


def describing_fingerprint(settings: Settings, zone: ZoneInfo, code: bytes) -> bytes:
    """Return a fingerprint of what describing depends on beside the clean article and what its source repeats."""
    return fingerprint(code, str(zone), *_values(settings, _DESCRIBING_SETTINGS))


def _values(settings: Settings, names: Sequence[str]) -> list[str]:
    return [repr(getattr(settings, field.name)) for field in fields(settings) if field.name in names]
