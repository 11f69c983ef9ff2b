"""Checks of settings and rule files before anything is written. Each raises ConfigurationError with all it finds."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from newsarchive.config.build_config import digest_of_checked_rules, load_rule_book, rules_of
from newsarchive.config.settings import Settings
from newsarchive.diagnostics import ConfigurationError, Diagnostic
from newsarchive.fs.symlinks import find_refused_links


def check_content(content: Path) -> None:
    """Check that there is a content folder."""
    if not content.is_dir():
        raise _error("not-found", str(content), "there is no such folder", "name the content folder")


def check_rules(content: Path, settings: Settings, known_good: bytes) -> tuple[tuple[Path, ...], bytes]:
    """Return the folders of rule files and their fingerprint. Files whose digest is `known_good` are not read."""
    own = content / settings.rules_path
    is_inside = Path(os.path.abspath(own)).is_relative_to(os.path.abspath(content))
    _check_links([(own, content if is_inside else own)])  # a folder elsewhere is named on purpose
    folders, rules = rules_of(content, settings)
    if not known_good or digest_of_checked_rules(rules) != known_good:
        load_rule_book(folders, rules)
    return folders, rules


def check_theme(folders: Iterable[Path]) -> None:
    """Check that the symbolic links of a theme's folders stay inside them."""
    _check_links((folder, folder) for folder in folders)


def _check_links(folders: Iterable[tuple[Path, Path]]) -> None:
    """For each (folder, root): links in the folder must lead to files below the root, because readers follow them."""
    diagnostics = [diagnostic for folder, root in folders for _, diagnostic in find_refused_links(folder, root)]
    if diagnostics:
        raise ConfigurationError(diagnostics)


def read_zone(name: str) -> ZoneInfo:
    """Return a time zone by its name in the IANA database."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise _error("setting", "TIMEZONE", f"{name!r} is no time zone", "use a name like 'Asia/Shanghai'") from None


def check_output(content: Path, output: Path) -> None:
    """Check that the output folder does not hold the content folder: a build deletes files that it did not write."""
    content, output = content.resolve(), output.resolve()
    if output == content or output in content.parents:
        raise _error("setting", "OUTPUT_PATH", f"{output} holds the content folder", "choose another output folder")


def check_images(settings: Settings) -> None:
    """Check that Pillow is installed where pages take images from the site itself."""
    if settings.images != "remote" and find_spec("PIL") is None:
        message = f"{settings.images!r}: Pillow is not installed"
        raise _error("setting", "NEWSARCHIVE_IMAGES", message, 'pip install "newsarchive[images]", or use "remote"')


def _error(code: str, location: str, message: str, hint: str) -> ConfigurationError:
    return ConfigurationError([Diagnostic(code, location, message, hint)])
