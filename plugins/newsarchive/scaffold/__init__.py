"""Scaffold: a repository for somebody's archive, which depends on the installed package instead of holding it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from newsarchive import __version__
from newsarchive.diagnostics import NewsArchiveError

TEMPLATE = Path(__file__).parent / "site"
"""The files of a new site. `dot-` at the head of a name stands for `.`, because git would obey such files here;
`.in` at its end marks a file whose @PLACEHOLDERS@ are filled in, and goes."""


class ScaffoldError(NewsArchiveError):
    """A folder that cannot become a site."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells one site from another. `requirement` is how pip is to find this package."""

    name: str = "新闻档案"
    subtitle: str = ""
    url: str = ""
    language: str = "zh-CN"
    timezone: str = "Asia/Shanghai"
    requirement: str = f"newsarchive=={__version__}"


def scaffold_site(target: Path, identity: Identity) -> list[str]:
    """Write a new site into `target`; returns the paths written. Raises ScaffoldError where something stands already:
    nothing is ever overwritten."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ScaffoldError(f"{target}: is there already — name a folder that is not, or an empty one")
    values = placeholders(target.resolve().name, identity)
    written = []
    for source in sorted(path for path in TEMPLATE.rglob("*") if path.is_file()):
        path = _path_in_site(source)
        text = source.read_text("utf-8")
        place = target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(fill_in(text, values) if source.suffix == ".in" else text, "utf-8", newline="\n")
        written.append(path)
    return written


def _path_in_site(source: Path) -> str:
    parts = source.relative_to(TEMPLATE).parts
    return "/".join(re.sub("^dot-", ".", part) for part in parts).removesuffix(".in")


def placeholders(folder: str, identity: Identity) -> Mapping[str, str]:
    """What stands for each placeholder: texts of Python and TOML with their quotes, which JSON's are in both."""
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
    """`text` with each @PLACEHOLDER@ replaced, in one pass: a value that holds another's mark stays as it is."""
    return re.sub("@([A-Z]+)@", lambda match: values[match[1]], text)
