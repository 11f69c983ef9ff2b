"""Every argument of every command, with its help and its default: `--help` and docs/commands.md are made of them.

A name means the same wherever it is used. Names that were changed are refused with the new one: see `RENAMED_OPTIONS`.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from newsarchive.config import BuildConfig, load_config
from newsarchive.images.manifest import OUTCOMES, STORED
from newsarchive.scaffold import Identity
from newsarchive.verify.budgets import Budgets

RENAMED_OPTIONS: Mapping[str, str] = {
    "--at-once": "--concurrency",
    "--attempts": "--retries",
    "--budget": "--max-total",
    "--instead": "--resolve",
    "--patience": "--retry-delay",
}

_UNITS = {"": 1, "K": 1_000, "M": 1_000_000, "G": 1_000_000_000}


def parse_size(text: str) -> int:
    """Return a number of bytes (or of pixels) like 500K, 20 MB or 1.5G; units are powers of 1,000."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?([KMG]?)B?", text, re.IGNORECASE)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no size — write it like 500K, 20M or 1.5G")
    return int(float(found[1]) * _UNITS[found[2].upper()])


def format_size(size: int) -> str:
    """Return a size as `parse_size` reads it."""
    unit = next((unit for unit in "GMK" if size and size % _UNITS[unit] == 0), "")
    return f"{size // _UNITS[unit]}{unit}"


def _seconds(text: str) -> float:
    try:
        if (value := float(text)) >= 0:
            return value
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds — write it like 0.5")


def _count(text: str) -> int:
    """Return a whole number from 0."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number — write it like 4")
    return int(text)


def _positive(text: str) -> int:
    if (value := _count(text)) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is less than 1 — write it like 4")
    return value


_BUDGETS, _IDENTITY = Budgets(), Identity()

# Keywords of `ArgumentParser.add_argument`. The help of an option ends with its default; `shown` replaces that text.
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    # The site
    "--settings": {
        "type": Path,
        "metavar": "FILE",
        "shown": "pelicanconf.py, if there is one",
        "help": "settings file of the site",
    },
    "--content": {"type": Path, "metavar": "FOLDER", "shown": "PATH of the settings", "help": "content folder"},
    "--cache": {"type": Path, "metavar": "FOLDER", "shown": "CACHE_PATH of the settings", "help": "cache folder"},
    "--output": {"type": Path, "metavar": "FOLDER", "shown": "OUTPUT_PATH of the settings", "help": "output folder"},
    "content": {"nargs": "?", "type": Path, "shown": "PATH of the settings", "help": "content folder"},
    "output": {"nargs": "?", "type": Path, "shown": "OUTPUT_PATH of the settings", "help": "output folder"},
    "built": {"type": Path, "metavar": "OUTPUT", "help": "folder of a built site"},
    "--json": {"action": "store_true", "help": "print one JSON object"},
    "--workers": {"type": _positive, "default": os.cpu_count() or 1, "shown": "one per core", "help": "processes"},
    # explain, rules new
    "file": {"type": Path, "help": "an article in the content folder"},
    "--html": {"type": Path, "metavar": "OUT.html", "help": "write a page with both versions side by side"},
    # why
    "page": {"help": "a file of the output, such as index.html"},
    "source": {"help": "name of the source, as the categories of its articles give it"},
    # check-content
    "--format": {
        "choices": ("text", "github", "json"),
        "default": "text",
        "help": "text, annotations of GitHub, or JSON",
    },
    "--fail-on": {
        "choices": ("error", "warning", "never"),
        "default": "error",
        "help": "what to end with exit status 1 for",
    },
    "--files-from": {
        "metavar": "FILE",
        "help": "report only files named in FILE (- is stdin), separated by NUL or line breaks",
    },
    # search
    "query": {"help": 'words, "a phrase", -word, word*, title: source: section: tag: date: (docs/search.md)'},
    "--limit": {"type": _count, "metavar": "N", "default": 10, "help": "hits to show; 0 is all"},
    # check-site
    "--allow": {"metavar": "HOST", "action": "append", "default": [], "help": "a host that pages may fetch from"},
    "--skip": {"metavar": "GLOB", "action": "append", "default": [], "help": "files that are no pages of the archive"},
    "--max-page": {"type": parse_size, "default": format_size(_BUDGETS.page), "help": "largest size of a page"},
    "--max-index": {
        "type": parse_size,
        "default": format_size(_BUDGETS.index),
        "help": "largest size of the search index",
    },
    "--max-site": {"type": parse_size, "default": format_size(_BUDGETS.site), "help": "largest size of the whole site"},
    # pack
    "--zip": {"type": Path, "metavar": "FILE", "shown": "archive.zip, without --zim", "help": "write a zip file"},
    "--zim": {
        "type": Path,
        "metavar": "FILE",
        "help": "write a ZIM file for Kiwix; needs: pip install 'newsarchive[zim]'",
    },
    # new, import
    "site": {"type": Path, "help": "folder of the site"},
    "hexo": {"type": Path, "metavar": "PATH", "help": "folder of the Hexo site"},
    "--name": {"default": _IDENTITY.name, "help": "name of the site"},
    "--subtitle": {"default": _IDENTITY.subtitle, "help": "the line under the name on the home page"},
    "--url": {"default": _IDENTITY.url, "help": "address where the site will be published"},
    "--language": {
        "default": _IDENTITY.language,
        "help": "language of the pages: zh-CN, zh-TW, en, or another that the theme has a catalogue for",
    },
    "--timezone": {"default": _IDENTITY.timezone, "help": "time zone that dates are shown in"},
    "--requirement": {
        "default": _IDENTITY.requirement,
        "shown": "the version that is running",
        "help": "what pip installs: name and version of this package, or its address",
    },
    # images: what to do
    "--report": {
        "action": "store_true",
        "help": "fetch nothing; report what is stored, what is not and why, QR codes, and images that sources repeat",
    },
    "--dry-run": {"action": "store_true", "help": "fetch nothing; print how many images of which hosts would be"},
    "--from-folder": {"type": Path, "metavar": "FOLDER", "help": "take images from files, and fetch nothing"},
    "--from-har": {"type": Path, "metavar": "FILE", "help": "take images that a browser recorded, and fetch nothing"},
    "--retry": {
        "action": "append",
        "default": [],
        "choices": (*(each for each in OUTCOMES if each != STORED), "all"),
        "metavar": "OUTCOME",
        "help": "fetch images again that ended as gone, refused, broken, too-large, failed, or all; may be repeated",
    },
    "--refresh": {"action": "store_true", "help": "fetch stored images again where their servers have newer ones"},
    # images: how hosts are asked
    "--delay": {"type": _seconds, "default": 0.5, "metavar": "S", "help": "seconds between two requests to one host"},
    "--per-host": {"type": _positive, "default": 2, "metavar": "N", "help": "concurrent requests to one host"},
    "--concurrency": {"type": _positive, "default": 16, "metavar": "N", "help": "concurrent requests to all hosts"},
    "--retries": {
        "type": _count,
        "default": 3,
        "metavar": "N",
        "help": "further requests for an image after a failure",
    },
    "--retry-delay": {
        "type": _seconds,
        "default": 2.0,
        "metavar": "S",
        "help": "seconds before the first retry, doubled for each further one",
    },
    "--timeout": {"type": _seconds, "default": 60.0, "metavar": "S", "help": "seconds for one request"},
    "--contact": {"default": "", "metavar": "TEXT", "help": "put into the user agent: where to complain"},
    # images: limits
    "--max-bytes": {"type": parse_size, "default": "20M", "metavar": "SIZE", "help": "largest size of an image"},
    "--max-pixels": {"type": parse_size, "default": "50M", "metavar": "COUNT", "help": "most pixels of an image"},
    "--max-total": {
        "type": parse_size,
        "default": "5G",
        "metavar": "SIZE",
        "help": "largest size of all images together; fetching ends before it is exceeded",
    },
    "--allow-address": {
        "action": "append",
        "default": [],
        "metavar": "IP[/BITS][:PORT]",
        "help": "machines to ask although they are not on the public Internet",
    },
    "--resolve": {
        "action": "append",
        "default": [],
        "metavar": "HOSTS=IP:PORT",
        "help": "ask a server by plain HTTP instead of hosts (a pattern like *.example.org): a mirror, a test",
    },
}


def add_options(parser: Any, *names: str) -> None:
    """Declare arguments of the table for a command."""
    for name in names:
        keywords = dict(OPTIONS[name])
        if keywords.get("type") is parse_size:
            keywords.setdefault("metavar", "SIZE")
        if shown := default_text(name):
            keywords["help"] += f" (default: {shown})"
        keywords.pop("shown", None)
        parser.add_argument(name, **keywords)


def default_text(name: str) -> str:
    """Return the default of an argument as help and documentation show it; "" if it has none."""
    keywords = OPTIONS[name]
    shown = keywords.get("shown", keywords.get("default"))
    return "" if shown is None or shown == [] else str(shown)


def load_site(given: argparse.Namespace) -> BuildConfig:
    """Return the configuration of the site that --settings, and folders given beside it, name."""
    config = load_config(given.settings, content=getattr(given, "content", None))
    folders = {name: getattr(given, name, None) for name in ("output", "cache")}
    return replace(config, **{name: folder for name, folder in folders.items() if folder is not None})
