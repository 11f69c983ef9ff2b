"""Fingerprints: digests of everything that something is made from. Equal fingerprints mean equal results.

They are 16 bytes of BLAKE2b (RFC 7693), and the same on every machine. They find changes, not attacks: what reads a
cache checks it (`cache.database`). The order of arguments and of files counts.
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

# In bytes. Among 10 million files, two have one fingerprint by chance in one of 10^24 builds.
_SIZE = 16

_PACKAGE = Path(__file__).resolve().parents[1]

# The libraries that articles and pages depend on.
_LIBRARIES = (
    "babel beautifulsoup4 charset-normalizer feedgenerator jinja2 markupsafe markdown msgspec nh3 numpy"
    " opencc-python-reimplemented opencc pelican pypinyin python-frontmatter pyyaml python-slugify rjieba selectolax"
).split()


def fingerprint(*parts: bytes | str) -> bytes:
    """Return the digest of a sequence of parts: ("ab", "c") has another one than ("a", "bc").

    Text is encoded in UTF-8, with surrogates.
    """
    hashed = blake2b(digest_size=_SIZE)
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        hashed.update(len(data).to_bytes(8, "big"))
        hashed.update(data)
    return hashed.digest()


def fingerprint_of_bytes(data: bytes) -> bytes:
    """Return the digest of `data`. It is another one than `fingerprint(data)`."""
    return blake2b(data, digest_size=_SIZE).digest()


def fingerprint_of_files(paths: Iterable[Path]) -> bytes:
    """Return the digest of the names and contents of files, in the order given. A file that is missing counts as empty.

    Raises OSError for a file that cannot be read.
    """
    parts: list[bytes | str] = []
    for path in paths:
        parts += [path.name, path.read_bytes() if path.is_file() else b""]
    return fingerprint(*parts)


def fingerprint_of_rules(paths: Iterable[Path]) -> bytes:
    """Return the digest of rule files, and of the Python modules that their `steps` name. Raises OSError."""
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
    """Return the digest of the program: code and tables of the package, versions of Python and of the libraries.

    Rule files are left out: `fingerprint_of_rules` covers them.
    """
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
