"""Hexo: the posts of a Hexo site become the content of an archive, and what its `_config.yml` says, its settings."""

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
from newsarchive.scaffold import Identity

CONFIG = "_config.yml"
_POSTS, _DRAFTS, _DOMAIN = "source/_posts", "source/_drafts", "source/CNAME"

_MOST_CONFIG = 1_000_000  # bytes
_MOST_DOMAIN = 1_000

_ENDINGS = ("md", "markdown")

# Hexo's own examples: nobody's address.
_NOBODYS = {"example.com", "yoursite.com", "example.org", ""}

_TRADITIONAL = {"zh-tw", "zh-hk", "zh-mo", "zh-hant"}


class HexoError(NewsArchiveError):
    """A folder that holds no Hexo site."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What happened to the files: copied, there already with the same bytes, or in the way with others; what was
    left, because it is no post; what its author withholds; and what is not read (links, pipes, what is too large)."""

    copied: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    withheld: list[Diagnostic] = field(default_factory=list)
    refused: list[Diagnostic] = field(default_factory=list)


def read_identity(hexo: Path) -> Identity:
    """Name, subtitle, address, language and zone out of `_config.yml`. Raises HexoError."""
    try:
        config = yaml.load(read_file(hexo, CONFIG, _MOST_CONFIG).decode("utf-8-sig"), yaml.BaseLoader)
    except RefusedFile as refused:
        if not isinstance(refused.__cause__, FileNotFoundError | NotADirectoryError):
            raise HexoError(str(refused)) from None
        raise HexoError(f"{hexo}: there is no {CONFIG} — name the folder of a Hexo site") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        told = " ".join(str(error).split())
        raise HexoError(f"{hexo / CONFIG}: cannot be read: {told} — repair it") from None
    if not isinstance(config, dict):
        raise HexoError(f"{hexo / CONFIG}: holds no settings — name the folder of a Hexo site")
    plain = Identity()
    return Identity(
        name=_text(config, "title") or plain.name,
        subtitle=_text(config, "subtitle"),
        url=address_of(_text(config, "url"), _text(config, "root")),
        language=language_of(_text(config, "language")) or plain.language,
        timezone=_text(config, "timezone") or plain.timezone,
    )


def _text(config: Mapping[str, object], key: str) -> str:
    """A setting as text; of a list (languages), the first."""
    value = config.get(key)
    if isinstance(value, list):
        value = value[0] if value else ""
    return " ".join(value.split()) if isinstance(value, str) else ""


def address_of(url: str, root: str) -> str:
    """The site's address. Hexo wants the path of `root` in `url` too, which many forget."""
    url, root = url.rstrip("/"), root.strip("/")
    if (urlsplit(url).hostname or "") in _NOBODYS:
        return ""
    return url if not root or urlsplit(url).path.strip("/") == root else f"{url}/{root}"


def language_of(tag: str) -> str:
    """The catalogue for a language; English where there is none."""
    tag = tag.lower().replace("_", "-")
    if not tag or tag == "default":
        return ""
    if tag in _TRADITIONAL:
        return "zh-TW"
    return "zh-CN" if tag.partition("-")[0] == "zh" else "en"


def import_posts(hexo: Path, content: Path) -> ImportReport:
    """Copy every post that its author publishes, byte for byte, below `content`, in the folders it stood in. Nothing
    there is overwritten. No link is followed, so that nothing from outside of the Hexo site is published."""
    if not (hexo / _POSTS).is_dir():
        raise HexoError(f"{hexo / _POSTS}: there is no such folder — name the folder of a Hexo site")
    done = ImportReport()
    for path in _list(hexo, _POSTS, done):
        name = path.removeprefix(f"{_POSTS}/")
        if not _is_post(name):
            done.skipped.append(name)
        elif (data := _read(hexo, path, Settings().max_file_bytes, done)) is not None:
            if reason := why_withheld(name, data):
                done.withheld.append(_withheld(hexo / path, content / name, reason))
            else:
                _put(content / name, data, name, done)
    drafts = [path for path in _list(hexo, _DRAFTS, done) if _is_post(path)]
    done.withheld.extend(
        _withheld(hexo / path, content / path.removeprefix(f"{_DRAFTS}/"), "it is a draft") for path in drafts
    )
    if os.path.lexists(hexo / _DOMAIN) and (data := _read(hexo, _DOMAIN, _MOST_DOMAIN, done)) is not None:
        _put(content / "CNAME", data, "CNAME", done)
    return done


def _list(hexo: Path, folder: str, done: ImportReport) -> list[str]:
    listing = list_files(hexo, folder)
    done.refused.extend(listing.diagnostics)
    return list(listing.sizes)


def _is_post(name: str) -> bool:
    return PurePosixPath(name).suffix[1:].lower() in _ENDINGS


def _read(hexo: Path, path: str, most: int, done: ImportReport) -> bytes | None:
    """What a file holds; None for one that is refused."""
    try:
        return read_file(hexo, path, most)
    except RefusedFile as refused:
        done.refused.append(refused.diagnostic)
        return None


def why_withheld(name: str, data: bytes) -> str:
    """Why the author does not publish a post, or not to everyone; "" for one that is published."""
    if any(part.startswith(("_", ".")) for part in name.split("/")):
        return "Hexo publishes nothing whose name begins with _ or ."
    try:
        text, _ = decode(data, name)
    except RejectedFile:  # no text, so no article either
        return ""
    metadata: Mapping[str, object] = split_front_matter(text, name).metadata
    if not metadata:  # as JSON, or without a first fence
        head, *body = _END_OF_HEAD.split(text.lstrip("-;\n"), maxsplit=1)
        metadata = {match[1].lower(): match[2].strip("\"' ,") for match in _LINE.finditer(head if body else "")}
    for key, value in metadata.items():
        if key == "published" and value and _says_no(value):
            return "published: false"
        if key == "draft" and not _says_no(value):
            return "draft: true"
        if key == "password" and value:
            return "it has a password"
    return ""


_END_OF_HEAD = re.compile(r"^(?:-{3,}|;{3,})[ \t]*$", re.MULTILINE)
_LINE = re.compile(r"""^[ \t]*["']?(published|draft|password)["']?[ \t]*:(.*)$""", re.MULTILINE | re.IGNORECASE)


def _says_no(value: object) -> bool:
    return str(value).lower() in {"false", "no", "off", "n", "0", "null", "~", ""}


def _withheld(post: Path, target: Path, reason: str) -> Diagnostic:
    hint = "publish it in Hexo and import it again, if it is to be in the archive"
    if target.exists():
        hint = f"delete {target}, which is there from an earlier import"
    return Diagnostic("withheld", str(post), f"is withheld by its author: {reason}", hint)


def _put(target: Path, data: bytes, name: str, done: ImportReport) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if not os.path.lexists(target) and create_file(str(target), data):
        done.copied.append(name)
    elif read_or_empty(str(target)) == data:
        done.unchanged.append(name)
    else:
        problem = Diagnostic(
            "exists", str(target), "is there already, with another text", "move one of the two elsewhere"
        )
        done.diagnostics.append(problem)


def apply_identity(site: Path, identity: Identity) -> list[str]:
    """Write name, subtitle, language, zone and address into the settings of a site; returns the settings changed."""
    wanted = {
        "pelicanconf.py": {
            "SITENAME": identity.name,
            "SITESUBTITLE": identity.subtitle,
            "DEFAULT_LANG": identity.language,
            "TIMEZONE": identity.timezone,
        },
        "publishconf.py": {"SITEURL": identity.url} if identity.url else {},
    }
    return [name for file, values in wanted.items() for name in _settle(site / file, values)]


def _settle(file: Path, values: Mapping[str, str]) -> Iterator[str]:
    text = file.read_text("utf-8") if file.is_file() else ""
    for name, value in values.items():
        line = re.compile(rf"^{name} = .*$", re.MULTILINE)
        if line.search(text):
            before, after = line.split(text, maxsplit=1)  # not `sub`: a backslash in a name means nothing
            text = f"{before}{name} = {json.dumps(value, ensure_ascii=False)}{after}"
            yield name
    if text:
        file.write_text(text, "utf-8", newline="\n")
