"""What a build works from: checked, small, and the same for every worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from newsarchive.cache.fingerprints import fingerprint, fingerprint_of_rules
from newsarchive.config.settings import Settings
from newsarchive.fs.symlinks import files_in

if TYPE_CHECKING:
    from newsarchive.clean.rules import RuleBook

SHIPPED_RULES = Path(__file__).resolve().parents[1] / "rules"

# Settings that have a say in how a single article comes out: read and cleaned, and then described.
_OF_CLEANING = ("max_file_bytes", "max_html_depth")
_OF_DESCRIBING = ("warn_removed_percent", "remove_repeated", "summary_characters", "tags_per_article")


@dataclass(frozen=True, slots=True)
class BuildConfig:
    """What a build works from, checked. `ignore` and `left_out` are as in `find_files`."""

    content: Path
    settings: Settings
    zone: ZoneInfo
    rule_folders: tuple[Path, ...]  # the user's own first
    rules_fingerprint: bytes
    ignore: Sequence[str] = ("**/.*",)
    left_out: Sequence[str] = ()

    @property
    def rules(self) -> RuleBook:
        """All rules; read when first asked for."""
        return load_rule_book(self.rule_folders, self.rules_fingerprint)


def rules_of(content: Path, settings: Settings) -> tuple[tuple[Path, ...], bytes]:
    """The folders of rule files for a content folder, and a fingerprint of what stands in them."""
    folders = (content / settings.rules_path, SHIPPED_RULES)
    return folders, fingerprint_of_rules(path for folder in folders for path in files_in(folder, ".toml"))


@lru_cache(maxsize=2)
def load_rule_book(folders: tuple[Path, ...], rules_fingerprint: bytes) -> RuleBook:
    """The rules in `folders`, for as long as their fingerprint is this one.

    Raises ConfigurationError with every problem in every file.
    """
    # Only now: reading rules takes a CSS parser and BeautifulSoup, which a build that has nothing to do does without.
    from newsarchive.clean.rule_files import load_rules  # noqa: PLC0415

    del rules_fingerprint  # part of the key: in a process that goes on, files may change
    return load_rules(folders)


def cleaning_fingerprint(settings: Settings, code: bytes) -> bytes:
    """What cleaning one file depends on, beside the file and the rules."""
    return fingerprint(code, *_values(settings, _OF_CLEANING))


def describing_fingerprint(settings: Settings, zone: ZoneInfo, code: bytes) -> bytes:
    """What describing one clean article depends on, beside the article and what its source repeats."""
    return fingerprint(code, str(zone), *_values(settings, _OF_DESCRIBING))


def _values(settings: Settings, names: Sequence[str]) -> list[str]:
    return [repr(getattr(settings, field.name)) for field in fields(settings) if field.name in names]
