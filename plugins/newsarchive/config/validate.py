"""Settings, checked before anything is written: everything that is wrong with them and the rule files, at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from newsarchive.cache.build_cache import BuildCache
from newsarchive.cache.fingerprints import code_fingerprint, fingerprint
from newsarchive.config.build_config import BuildConfig, load_rule_book, rules_of
from newsarchive.config.settings import Settings, read_settings
from newsarchive.diagnostics import ConfigurationError, Diagnostic
from newsarchive.fs.symlinks import find_refused_links
from newsarchive.i18n import Translations, load_translations


def check_settings(given: Mapping[str, Any], state: BuildCache) -> tuple[BuildConfig, Translations]:
    """The plan and words that settings ask for. Raises ConfigurationError with every problem, in rule files too."""
    diagnostics: list[Diagnostic] = []

    def collecting(make: Callable[[], Any]) -> Any:
        try:
            return make()
        except ConfigurationError as error:
            diagnostics.extend(error.diagnostics)
            return None

    content = Path(given["PATH"])
    settings = collecting(lambda: read_settings(given, os.environ)) or Settings()
    rules = collecting(lambda: _check_rules(content, settings, state)) or ((), b"")
    zone = collecting(lambda: read_zone(given["TIMEZONE"]))
    collecting(lambda: _check_links((Path(each), Path(each)) for each in _folders_of_theme(given)))
    translations = collecting(
        lambda: load_translations(Path(given["THEME"]) / "translations", _language_tag(given["DEFAULT_LANG"]))
    )
    collecting(lambda: _check_folders(content, Path(given["OUTPUT_PATH"])))
    collecting(lambda: _check_images(settings))
    if diagnostics:
        raise ConfigurationError(diagnostics)
    left_out = (*given["PAGE_PATHS"], *given["STATIC_PATHS"], settings.rules_path, settings.media_path)
    left_out = tuple(path for path in left_out if path)
    folders, fingerprint_of_rules = rules
    return BuildConfig(
        content, settings, zone, folders, fingerprint_of_rules, tuple(given["IGNORE_FILES"]), left_out
    ), translations


def _check_rules(content: Path, settings: Settings, state: BuildCache) -> tuple[tuple[Path, ...], bytes]:
    """The folders of rule files and their fingerprint; they are read unless they were found right before."""
    own = content / settings.rules_path
    is_inside = Path(os.path.abspath(own)).is_relative_to(os.path.abspath(content))
    _check_links([(own, content if is_inside else own)])  # who names a folder elsewhere means it
    folders, rules = rules_of(content, settings)
    if state.get_value("rules that are right") != (right := fingerprint(code_fingerprint(), rules)):
        load_rule_book(folders, rules)
        state.set_value("rules that are right", right)
    return folders, rules


def _folders_of_theme(given: Mapping[str, Any]) -> list[str]:
    return [given["THEME"], *given["THEME_TEMPLATES_OVERRIDES"]]


def _check_links(folders: Iterable[tuple[Path, Path]]) -> None:
    """(folder, root): links in a folder lead to files below the root, because all who read there follow them."""
    diagnostics = [diagnostic for folder, root in folders for _, diagnostic in find_refused_links(folder, root)]
    if diagnostics:
        raise ConfigurationError(diagnostics)


def read_zone(name: str) -> ZoneInfo:
    """A time zone by its name. Raises ConfigurationError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        diagnostic = Diagnostic("setting", "TIMEZONE", f"{name!r} is no time zone", "use a name like 'Asia/Shanghai'")
        raise ConfigurationError([diagnostic]) from None


def _check_folders(content: Path, output: Path) -> None:
    content, output = content.resolve(), output.resolve()
    if output == content or output in content.parents:
        diagnostic = Diagnostic(
            "setting", "OUTPUT_PATH", f"{output} holds the content folder", "choose another output folder"
        )
        raise ConfigurationError([diagnostic])


def _check_images(settings: Settings) -> None:
    if settings.images != "remote" and find_spec("PIL") is None:
        repair = 'pip install "newsarchive[images]", or use "remote"'
        diagnostic = Diagnostic(
            "setting", "NEWSARCHIVE_IMAGES", f"{settings.images!r}: Pillow is not installed", repair
        )
        raise ConfigurationError([diagnostic])


def _language_tag(lowered: str) -> str:
    """zh-cn → zh-CN: Pelican writes languages in lower case, the standard (BCP 47) regions in capitals."""
    language, _, region = lowered.partition("-")
    return f"{language}-{region.upper() if len(region) == 2 else region.title()}" if region else language
