"""The table of settings. Code, documentation and tests read it, and no other place declares a setting.

Names begin with `NEWSARCHIVE_` in `pelicanconf.py`. Where Pelican has a setting already (`TIMEZONE`, `SITENAME`,
`SITEURL`, `PATH`, `OUTPUT_PATH`, `CACHE_PATH`, `IGNORE_FILES`, …), that one is used.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any

from newsarchive.diagnostics import ConfigurationError, Diagnostic

PREFIX = "NEWSARCHIVE_"

Check = Callable[[Any], str]
"""Returns what a right value would be, or "" if the given one is right."""


def _whole(least: int, most: int) -> Check:
    def check(value: object) -> str:
        right = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        return "" if right else f"a whole number from {least:,} to {most:,}"

    return check


def _truth(value: object) -> str:
    return "" if isinstance(value, bool) else "True or False"


def _text(value: object) -> str:
    return "" if isinstance(value, str) else "a text"


def _folder(value: object) -> str:
    return "" if isinstance(value, str) and value.strip("./") else "the name of a folder"


def _extensions(value: object) -> str:
    right = isinstance(value, list | tuple) and value and all(isinstance(e, str) and e.isalnum() for e in value)
    return "" if right else "a list of file name endings without the dot, like ['md']"


def _images(value: object) -> str:
    return "" if value in ("remote", "local", "local-or-remote") else "'remote', 'local' or 'local-or-remote'"


def _executor(value: object) -> str:
    right = value in ("processes", "serial") or (isinstance(value, str) and "://" in value)
    return "" if right else "'processes', 'serial' or the address of a Dask scheduler"


def _setting(default: Any, check: Check, help_text: str) -> Any:
    return field(default=default, metadata={"check": check, "help": help_text})


@dataclass(frozen=True, slots=True)
class Settings:
    """The checked settings. The attribute `per_page` is the setting `NEWSARCHIVE_PER_PAGE`."""

    article_extensions: tuple[str, ...] = _setting(
        ("md", "markdown"),
        _extensions,
        "Endings of the file names that are articles; capital letters make no difference.",
    )
    rules_path: str = _setting(
        "rules",
        _text,
        "Folder of your own rule files (*.toml), relative to the content folder. They win over the shipped ones.",
    )
    media_path: str = _setting(
        "media",
        _folder,
        "Folder of the images that `newsarchive images` stores, relative to the content folder; an absolute path"
        " leads out of it.",
    )
    images: str = _setting(
        "remote",
        _images,
        "Where pages take images from: `remote` (where they have always been), `local` (those that are stored, and"
        " nothing from other hosts; with `pip install newsarchive[images]`), or `local-or-remote` (stored ones from"
        " here, others from where they are).",
    )
    image_bytes: int = _setting(
        0,
        _whole(0, 1_000_000_000_000),
        "Most that the files of images may take together: they are made smaller, and then left out of the oldest"
        " articles but for the lead image, until they do. 0 is what the archive leaves of 0.8 GB, because GitHub Pages"
        " takes 1 GB.",
    )
    max_file_bytes: int = _setting(20_000_000, _whole(1_000, 1_000_000_000), "A larger input file is rejected.")
    max_html_depth: int = _setting(
        100, _whole(16, 200), "Elements nested deeper than this are dissolved: their text stays, their nesting goes."
    )
    max_category_levels: int = _setting(
        6, _whole(1, 20), "Category levels that get pages of their own; further levels are kept as metadata only."
    )
    warn_removed_percent: int = _setting(
        60,
        _whole(1, 100),
        "An article that loses more than this percentage of its visible text in cleaning gets a warning in the ledger.",
    )
    remove_repeated: bool = _setting(
        True,
        _truth,
        "Learn from all articles which lines and images a source repeats around them, and leave those out.",
    )
    per_page: int = _setting(50, _whole(5, 1_000), "Articles on one list page.")
    home_articles: int = _setting(30, _whole(1, 500), "Newest articles on the home page.")
    related_articles: int = _setting(
        3, _whole(0, 20), "Older articles that an article page names as earlier coverage, at most."
    )
    feed_max_items: int = _setting(20, _whole(1, 500), "Newest articles in a feed, each with its whole text.")
    tags_per_article: int = _setting(
        6, _whole(0, 50), "Tags an article may get: those of its front matter first, then tickers, then keywords."
    )
    tag_page_minimum: int = _setting(3, _whole(1, 1_000), "Articles a tag needs before it gets a page.")
    shared_image_minimum: int = _setting(
        3,
        _whole(2, 1_000),
        "An image that this many articles of one source show is an ornament, and never a lead image.",
    )
    summary_characters: int = _setting(
        120, _whole(20, 1_000), "About how long a summary is; it ends with a sentence where it can."
    )
    search_shard_bytes: int = _setting(
        16_384,
        _whole(1_024, 1_000_000),
        "About how large a file of the search index is: larger ones are fewer, smaller ones make a search load less.",
    )
    executor: str = _setting(
        "processes",
        _executor,
        "Who does the work: `processes` (one for each core), `serial`, or the address of a Dask scheduler"
        " (`tcp://…`, with `pip install newsarchive[dask]`). An environment variable of this name wins.",
    )
    profile: bool = _setting(
        False, _truth, "Say at the end of a build where the time went: for each stage, and the slowest articles."
    )
    lunr_path: str = _setting(
        "node_modules/lunr/lunr.min.js",
        _text,
        "lunr.js, which answers searches in the browser: what `npm ci` put there. Without it the site has no search.",
    )


SETTINGS: tuple[Field[Any], ...] = fields(Settings)

# Names that settings had before 0.1.0, without the prefix. They are refused with the new name: several resemble another
# setting more than their own successor.
RENAMED = {
    "BUILD_PROFILE": "PROFILE",
    "EARLIER_ARTICLES": "RELATED_ARTICLES",
    "FEED_ARTICLES": "FEED_MAX_ITEMS",
    "MAX_DEPTH": "MAX_HTML_DEPTH",
    "MAX_LOSS": "WARN_REMOVED_PERCENT",
    "PICTURES": "IMAGES",
    "PICTURE_BYTES": "IMAGE_BYTES",
    "REPETITION": "REMOVE_REPEATED",
    "SHARED_PICTURE_MINIMUM": "SHARED_IMAGE_MINIMUM",
}

_EXECUTOR = PREFIX + "EXECUTOR"


def setting_name(setting: Field[Any]) -> str:
    """Return the name of a setting in `pelicanconf.py`, like "NEWSARCHIVE_PER_PAGE"."""
    return PREFIX + setting.name.upper()


def read_settings(given: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Settings:
    """Return the checked settings out of everything that `pelicanconf.py` gives. NEWSARCHIVE_EXECUTOR in `environment`
    wins: how many workers to use depends on the machine, not on the site.

    Raises ConfigurationError with every problem: unknown names (with a suggestion) and values that do not fit.
    """
    if executor := (environment or {}).get(_EXECUTOR):
        given = {**given, _EXECUTOR: executor}
    diagnostics = [*_unknown_names(given), *_unfit_values(given)]
    if diagnostics:
        raise ConfigurationError(diagnostics)
    values = {setting.name: given[setting_name(setting)] for setting in SETTINGS if setting_name(setting) in given}
    if "article_extensions" in values:
        values["article_extensions"] = tuple(extension.lower() for extension in values["article_extensions"])
    return Settings(**values)


def _unknown_names(given: Mapping[str, Any]) -> Iterator[Diagnostic]:
    known = [setting.name.upper() for setting in SETTINGS]
    for name in sorted(given):
        own = name.removeprefix(PREFIX)
        if name.startswith(PREFIX) and own not in known:
            near = [RENAMED[own]] if own in RENAMED else difflib.get_close_matches(own, known, n=1)
            hint = f"did you mean {PREFIX}{near[0]}?" if near else "delete it; docs/settings.md lists all settings"
            yield Diagnostic("setting", name, "there is no such setting", hint)


def _unfit_values(given: Mapping[str, Any]) -> Iterator[Diagnostic]:
    for setting in SETTINGS:
        name = setting_name(setting)
        if name in given and (wanted := setting.metadata["check"](given[name])):
            yield Diagnostic("setting", name, f"{given[name]!r} is not {wanted}", f"the default is {setting.default!r}")


def settings_table() -> str:
    """Return all settings as a Markdown table, for docs/settings.md. A test compares the two."""
    rows = [f"| `{setting_name(each)}` | `{each.default!r}` | {each.metadata['help']} |" for each in SETTINGS]
    return "\n".join(["| setting | default | what it does |", "| --- | --- | --- |", *rows]) + "\n"
