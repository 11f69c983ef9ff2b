"""Create the repository of a new archive. It depends on the installed package and does not contain its code."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from newsarchive import __version__
from newsarchive.diagnostics import NewsArchiveError

TEMPLATE = Path(__file__).parent / "site"
"""The files of a new site.

A name that begins with `dot-` begins with `.` in the new site; git would act on a .gitignore here. A file whose name
ends with `.in` has @PLACEHOLDERS@, and loses the `.in`.
"""


class ScaffoldError(NewsArchiveError):
    """The folder cannot become a new site, because it is not empty."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The settings of a new site that differ from site to site.

    `requirement` is the requirement specifier (PEP 508) by which pip installs this package.
    """

    name: str = "新闻档案"
    subtitle: str = ""
    url: str = ""
    language: str = "zh-CN"
    timezone: str = "Asia/Shanghai"
    requirement: str = f"newsarchive=={__version__}"


def scaffold_site(target: Path, identity: Identity) -> list[str]:
    """Write a new site into the folder `target`; return the paths of its files.

    Raises ScaffoldError if `target` exists and is not an empty folder: nothing is overwritten.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ScaffoldError(f"{target}: exists already — name a new or an empty folder")
    values = placeholders(target.resolve().name, identity)
    written = []
    for source in sorted(path for path in TEMPLATE.rglob("*") if path.is_file()):
        path = _path_in_site(source)
        text = source.read_text("utf-8")
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(fill_in(text, values) if source.suffix == ".in" else text, "utf-8", newline="\n")
        written.append(path)
    return written


def _path_in_site(source: Path) -> str:
    parts = source.relative_to(TEMPLATE).parts
    return "/".join(re.sub("^dot-", ".", part) for part in parts).removesuffix(".in")


def placeholders(folder: str, identity: Identity) -> Mapping[str, str]:
    """Return the value of each placeholder.

    Values are quoted strings of Python and TOML, except TITLE: a JSON string is valid in both. `folder` is the name of
    the new site's folder.
    """
    slug = re.sub("[^a-z0-9]+", "-", folder.lower()).strip("-") or "archive"
    quoted = {
        "NAME": identity.name,
        "SUBTITLE": identity.subtitle,
        "URL": identity.url or "https://example.org",
        "LANGUAGE": identity.language,
        "TIMEZONE": identity.timezone,
        "REQUIREMENT": identity.requirement,
        "PROJECT": slug,
    }
    return {key: json.dumps(value, ensure_ascii=False) for key, value in quoted.items()} | {"TITLE": identity.name}


def fill_in(text: str, values: Mapping[str, str]) -> str:
    """Replace each @PLACEHOLDER@ in `text`, in one pass: a placeholder in a value is not replaced."""
    return re.sub("@([A-Z]+)@", lambda match: values[match[1]], text)
