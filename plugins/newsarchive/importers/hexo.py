"""Hexo: the posts of a Hexo site become the content of an archive, and what its `_config.yml` says, its settings."""

from __future__ import annotations

import filecmp
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from newsarchive.diagnostics import Diagnostic, NewsArchiveError
from newsarchive.scaffold import Identity

CONFIG = "_config.yml"

# Hexo's own examples: nobody's address.
_NOBODYS = {"example.com", "yoursite.com", "example.org", ""}

_TRADITIONAL = {"zh-tw", "zh-hk", "zh-mo", "zh-hant"}


class HexoError(NewsArchiveError):
    """A folder that holds no Hexo site."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What happened to the files: copied, there already with the same bytes, or in the way with others; and what was
    left, because it is no post."""

    copied: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def read_identity(hexo: Path) -> Identity:
    """Name, subtitle, address, language and zone out of `_config.yml`. Raises HexoError."""
    try:
        config = yaml.load((hexo / CONFIG).read_text("utf-8-sig"), yaml.BaseLoader)
    except OSError:
        raise HexoError(f"{hexo}: there is no {CONFIG} — name the folder of a Hexo site") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
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


def import_posts(hexo: Path, content: Path, extensions: tuple[str, ...] = ("md", "markdown")) -> ImportReport:
    """Copy every post, byte for byte, below `content`, in the folders it stood in. Nothing there is overwritten."""
    posts = hexo / "source" / "_posts"
    if not posts.is_dir():
        raise HexoError(f"{posts}: there is no such folder — name the folder of a Hexo site")
    done = ImportReport()
    for path in sorted(posts.rglob("*")):
        relative = path.relative_to(posts)
        if path.is_symlink() or (path.is_file() and path.suffix[1:].lower() not in extensions):
            done.skipped.append(relative.as_posix())
        elif path.is_file():
            _copy(path, content / relative, relative.as_posix(), done)
    domain = hexo / "source" / "CNAME"
    if domain.is_file():
        _copy(domain, content / "CNAME", "CNAME", done)
    return done


def _copy(source: Path, target: Path, name: str, done: ImportReport) -> None:
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        done.copied.append(name)
    elif filecmp.cmp(source, target, shallow=False):
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
