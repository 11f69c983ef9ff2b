"""Fingerprints: short hashes that say whether what something was made from is still the same.

A fingerprint stands for every byte that could change an outcome, so that "the same fingerprint" means "the same
outcome", on any machine. (BLAKE2: RFC 7693.)
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

_SIZE = 16  # bytes: by chance two are the same once in 10^19 builds of 10 million files

_PACKAGE = Path(__file__).resolve().parents[1]

# What has a say in how an article or a page comes out, beside our own code.
_LIBRARIES = (
    "babel beautifulsoup4 charset-normalizer feedgenerator jinja2 markupsafe markdown msgspec nh3 numpy"
    " opencc-python-reimplemented opencc pelican pypinyin python-frontmatter pyyaml python-slugify rjieba selectolax"
).split()


def fingerprint(*parts: bytes | str) -> bytes:
    """One hash for `parts`, which are told apart: ("ab", "c") is not ("a", "bc")."""
    hashed = blake2b(digest_size=_SIZE)
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        hashed.update(len(data).to_bytes(8, "big"))
        hashed.update(data)
    return hashed.digest()


def fingerprint_of_bytes(data: bytes) -> bytes:
    """The hash of one piece of data."""
    return blake2b(data, digest_size=_SIZE).digest()


def fingerprint_of_files(paths: Iterable[Path]) -> bytes:
    """One hash for the names and the contents of files, in the order given; one that is gone counts as empty."""
    parts: list[bytes | str] = []
    for path in paths:
        parts += [path.name, path.read_bytes() if path.is_file() else b""]
    return fingerprint(*parts)


def fingerprint_of_rules(paths: Iterable[Path]) -> bytes:
    """One hash for rule files, and for the modules of the steps in Python that they name."""
    paths = list(paths)
    steps = {name for path in paths if path.is_file() for name in _STEP.findall(path.read_text("utf-8", "replace"))}
    return fingerprint(
        fingerprint_of_files(paths), fingerprint_of_files(filter(None, map(_module_file, sorted(steps))))
    )


_STEP = re.compile(r"[\"']([A-Za-z_][\w.]*):[A-Za-z_]\w*[\"']")


def _module_file(name: str) -> Path | None:
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec and spec.origin else None


@cache
def code_fingerprint() -> bytes:
    """The program itself: the package's code and tables (rule files aside), Python's version, the libraries'."""
    files = sorted(
        path
        for path in _PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.parent.name != "rules"
    )
    libraries = [f"{name} {_version(name)}" for name in _LIBRARIES]
    return fingerprint(fingerprint_of_files(files), "\n".join(libraries), sys.version)


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
