"""Import a Hexo site: copy its posts into the content folder, and settings from its `_config.yml`.

Themes, plugins and pages are not imported. Posts are copied byte for byte: the build reads Hexo's front matter.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import yaml

from newsarchive.config.settings import Settings
from newsarchive.diagnostics import Diagnostic, NewsArchiveError, RejectedFile
from newsarchive.fs.atomic_files import create_file, read_or_empty
from newsarchive.fs.untrusted_files import RefusedFile, list_files, read_file
from newsarchive.read.decode import decode
from newsarchive.read.front_matter import split_front_matter
from newsarchive.read.visibility import find_withheld
from newsarchive.scaffold import Identity

CONFIG = "_config.yml"
_POSTS, _DRAFTS, _DOMAIN = "source/_posts", "source/_drafts", "source/CNAME"

_MAX_CONFIG = 1_000_000  # bytes
_MAX_DOMAIN = 1_000  # bytes

_POST_EXTENSIONS = ("md", "markdown")

# The hosts in Hexo's example configurations.
_PLACEHOLDER_HOSTS = {"example.com", "yoursite.com", "example.org", ""}

_TRADITIONAL_CHINESE = {"zh-tw", "zh-hk", "zh-mo", "zh-hant"}


class HexoError(NewsArchiveError):
    """The folder contains no Hexo site, or its configuration cannot be read."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What happened to each file of a Hexo site. Names are relative to its folder of posts."""

    copied: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)  # exist with the same bytes
    diagnostics: list[Diagnostic] = field(default_factory=list)  # exist with other bytes, and are not overwritten
    skipped: list[str] = field(default_factory=list)  # are not posts
    withheld: list[Diagnostic] = field(default_factory=list)  # the author does not publish them
    refused: list[Diagnostic] = field(default_factory=list)  # are not read: links, pipes, files that are too large


def read_identity(hexo: Path) -> Identity:
    """Return name, subtitle, address, language and time zone from `_config.yml`. Raises HexoError."""
    try:
        config = yaml.load(read_file(hexo, CONFIG, _MAX_CONFIG).decode("utf-8-sig"), yaml.BaseLoader)
    except RefusedFile as refused:
        if not isinstance(refused.__cause__, FileNotFoundError | NotADirectoryError):
            raise HexoError(str(refused)) from None
        raise HexoError(f"{hexo}: there is no {CONFIG} — name the folder of a Hexo site") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise HexoError(f"{hexo / CONFIG}: cannot be read: {reason} — correct it") from None
    if not isinstance(config, dict):
        raise HexoError(f"{hexo / CONFIG}: contains no settings — name the folder of a Hexo site")
    defaults = Identity()
    return Identity(
        name=_text(config, "title") or defaults.name,
        subtitle=_text(config, "subtitle"),
        url=address_of(_text(config, "url"), _text(config, "root")),
        language=language_of(_text(config, "language")) or defaults.language,
        timezone=_text(config, "timezone") or defaults.timezone,
    )


def _text(config: Mapping[str, object], key: str) -> str:
    """Return a setting as text in one line; the first of a list (of languages); "" for other types."""
    value = config.get(key)
    if isinstance(value, list):
        value = value[0] if value else ""
    return " ".join(value.split()) if isinstance(value, str) else ""


def address_of(url: str, root: str) -> str:
    """Return the site's address, without a slash at the end; "" for Hexo's placeholders.

    Hexo expects the path of `root` in `url` too. Many sites omit it there.

    >>> address_of("https://a.example", "/news/")
    'https://a.example/news'
    """
    url, root = url.rstrip("/"), root.strip("/")
    if (urlsplit(url).hostname or "") in _PLACEHOLDER_HOSTS:
        return ""
    return url if not root or urlsplit(url).path.strip("/") == root else f"{url}/{root}"


def language_of(tag: str) -> str:
    """Return the language of the theme for Hexo's language tag; English for an unknown one, "" for the default.

    >>> language_of("zh-Hant")
    'zh-TW'
    """
    tag = tag.lower().replace("_", "-")
    if not tag or tag == "default":
        return ""
    if tag in _TRADITIONAL_CHINESE:
        return "zh-TW"
    return "zh-CN" if tag.partition("-")[0] == "zh" else "en"


def import_posts(hexo: Path, content: Path) -> ImportReport:
    """Copy every published post of the Hexo site in `hexo` into `content`, byte for byte, with its folders.

    Overwrites nothing. Follows no symbolic link, so that no file from outside of the Hexo site is published. Raises
    HexoError if there are no posts.
    """
    if not (hexo / _POSTS).is_dir():
        raise HexoError(f"{hexo / _POSTS}: there is no such folder — name the folder of a Hexo site")
    report = ImportReport()
    for path in _list(hexo, _POSTS, report):
        name = path.removeprefix(f"{_POSTS}/")
        if not _is_post(name):
            report.skipped.append(name)
        elif (data := _read(hexo, path, Settings().max_file_bytes, report)) is not None:
            if reason := _withheld_reason(name, data):
                report.withheld.append(_withheld(hexo / path, content / name, reason))
            else:
                _copy_post(content / name, data, name, report)
    drafts = [path for path in _list(hexo, _DRAFTS, report) if _is_post(path)]
    report.withheld.extend(
        _withheld(hexo / path, content / path.removeprefix(f"{_DRAFTS}/"), "it is a draft") for path in drafts
    )
    if os.path.lexists(hexo / _DOMAIN) and (data := _read(hexo, _DOMAIN, _MAX_DOMAIN, report)) is not None:
        _copy_post(content / "CNAME", data, "CNAME", report)
    return report


def _list(hexo: Path, folder: str, report: ImportReport) -> list[str]:
    listing = list_files(hexo, folder)
    report.refused.extend(listing.diagnostics)
    return list(listing.sizes)


def _is_post(name: str) -> bool:
    return PurePosixPath(name).suffix[1:].lower() in _POST_EXTENSIONS


def _read(hexo: Path, path: str, max_bytes: int, report: ImportReport) -> bytes | None:
    """Return the bytes of a file; None for a refused one, which is added to the report."""
    try:
        return read_file(hexo, path, max_bytes)
    except RefusedFile as refused:
        report.refused.append(refused.diagnostic)
        return None


def _withheld_reason(name: str, data: bytes) -> str:
    """Return why the author withholds a post: its name, or its front matter by `read.visibility`; "" if published."""
    if any(part.startswith(("_", ".")) for part in name.split("/")):
        return "Hexo publishes nothing whose name begins with _ or ."
    try:
        text, _ = decode(data, name)
    except RejectedFile:  # not text: the build rejects it
        return ""
    split = split_front_matter(text, name)
    diagnostic = find_withheld(split.metadata, text, name, is_valid=not split.diagnostics)
    if diagnostic is None:
        return ""
    return "it has a password" if diagnostic.message == "password" else diagnostic.message


def _withheld(post: Path, target: Path, reason: str) -> Diagnostic:
    hint = "publish it in Hexo and import it again, if it is to be in the archive"
    if target.exists():
        hint = f"delete {target}, which is there from an earlier import"
    return Diagnostic("withheld", str(post), f"is withheld by its author: {reason}", hint)


def _copy_post(target: Path, data: bytes, name: str, report: ImportReport) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if not os.path.lexists(target) and create_file(str(target), data):
        report.copied.append(name)
    elif read_or_empty(str(target)) == data:
        report.unchanged.append(name)
    else:
        diagnostic = Diagnostic(
            "exists", str(target), "is there already, with another text", "move one of the two elsewhere"
        )
        report.diagnostics.append(diagnostic)


def apply_identity(site: Path, identity: Identity) -> list[str]:
    """Write the identity into pelicanconf.py and publishconf.py of a site; return the names of the changed settings.

    Changes only settings that have a line `NAME = …`. Raises OSError.
    """
    wanted = {
        "pelicanconf.py": {
            "SITENAME": identity.name,
            "SITESUBTITLE": identity.subtitle,
            "DEFAULT_LANG": identity.language,
            "TIMEZONE": identity.timezone,
        },
        "publishconf.py": {"SITEURL": identity.url} if identity.url else {},
    }
    return [name for file, values in wanted.items() for name in _replace_settings(site / file, values)]


def _replace_settings(file: Path, values: Mapping[str, str]) -> Iterator[str]:
    """Set the settings in a file and yield the names of those that have a line there."""
    text = file.read_text("utf-8") if file.is_file() else ""
    for name, value in values.items():
        line = re.compile(rf"^{name} = .*$", re.MULTILINE)
        if line.search(text):
            before, after = line.split(text, maxsplit=1)  # not `re.sub`, which would interpret a backslash in the value
            text = f"{before}{name} = {json.dumps(value, ensure_ascii=False)}{after}"
            yield name
    if text:
        file.write_text(text, "utf-8", newline="\n")
