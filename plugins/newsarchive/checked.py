"""Settings, checked before anything is written: everything that is wrong with them and the rule files, at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from newsarchive.fingerprints import code_fingerprint, fingerprint
from newsarchive.inside import refused_links
from newsarchive.plan import Plan, load_rule_book, rules_of
from newsarchive.problems import ConfigurationError, Problem
from newsarchive.render.words import Words, load_words
from newsarchive.settings import Settings, read_settings
from newsarchive.state import BuildState


def check_settings(given: Mapping[str, Any], state: BuildState) -> tuple[Plan, Words]:
    """The plan and words that settings ask for. Raises ConfigurationError with every problem, in rule files too."""
    problems: list[Problem] = []

    def collecting(make: Callable[[], Any]) -> Any:
        try:
            return make()
        except ConfigurationError as error:
            problems.extend(error.problems)
            return None

    content = Path(given["PATH"])
    settings = collecting(lambda: read_settings(given, os.environ)) or Settings()
    rules = collecting(lambda: _check_rules(content, settings, state)) or ((), b"")
    zone = collecting(lambda: read_zone(given["TIMEZONE"]))
    collecting(lambda: _check_links((Path(each), Path(each)) for each in _folders_of_theme(given)))
    words = collecting(lambda: load_words(Path(given["THEME"]) / "translations", _language_tag(given["DEFAULT_LANG"])))
    collecting(lambda: _check_folders(content, Path(given["OUTPUT_PATH"])))
    collecting(lambda: _check_pictures(settings))
    if problems:
        raise ConfigurationError(problems)
    left_out = (*given["PAGE_PATHS"], *given["STATIC_PATHS"], settings.rules_path, settings.media_path)
    left_out = tuple(path for path in left_out if path)
    folders, fingerprint_of_rules = rules
    return Plan(content, settings, zone, folders, fingerprint_of_rules, tuple(given["IGNORE_FILES"]), left_out), words


def _check_rules(content: Path, settings: Settings, state: BuildState) -> tuple[tuple[Path, ...], bytes]:
    """The folders of rule files and their fingerprint; they are read unless they were found right before."""
    own = content / settings.rules_path
    is_inside = Path(os.path.abspath(own)).is_relative_to(os.path.abspath(content))
    _check_links([(own, content if is_inside else own)])  # who names a folder elsewhere means it
    folders, rules = rules_of(content, settings)
    if state.fact("rules that are right") != (right := fingerprint(code_fingerprint(), rules)):
        load_rule_book(folders, rules)
        state.set_fact("rules that are right", right)
    return folders, rules


def _folders_of_theme(given: Mapping[str, Any]) -> list[str]:
    return [given["THEME"], *given["THEME_TEMPLATES_OVERRIDES"]]


def _check_links(folders: Iterable[tuple[Path, Path]]) -> None:
    """(folder, root): links in a folder lead to files below the root, because all who read there follow them."""
    problems = [problem for folder, root in folders for _, problem in refused_links(folder, root)]
    if problems:
        raise ConfigurationError(problems)


def read_zone(name: str) -> ZoneInfo:
    """A time zone by its name. Raises ConfigurationError."""
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


def _check_pictures(settings: Settings) -> None:
    if settings.pictures != "remote" and find_spec("PIL") is None:
        repair = 'pip install "newsarchive[images]", or use "remote"'
        problem = Problem("setting", "NEWSARCHIVE_PICTURES", f"{settings.pictures!r}: Pillow is not installed", repair)
        raise ConfigurationError([problem])


def _language_tag(lowered: str) -> str:
    """zh-cn → zh-CN: Pelican writes languages in lower case, the standard (BCP 47) regions in capitals."""
    language, _, region = lowered.partition("-")
    return f"{language}-{region.upper() if len(region) == 2 else region.title()}" if region else language
