"""A built site at one address: what is inside it, which kind of page a path is, and where its links lead on disk."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urldefrag, urlsplit

from bs4 import BeautifulSoup

# The order decides: a day's index.html would otherwise count as an article.
KINDS = (
    ("day", re.compile(r"\d{4}/\d\d/\d\d/index\.html")),
    ("article", re.compile(r"\d{4}/\d\d/\d\d/[^/]+\.html")),
    ("month", re.compile(r"\d{4}/\d\d/[^/]+\.html")),
    ("year", re.compile(r"\d{4}/[^/]+\.html")),
)


def kind_of(path: str) -> str:
    """Name the kind of page a path holds: by its date, else by its first folder, else by its name without numbers."""
    for kind, pattern in KINDS:
        if pattern.fullmatch(path):
            return kind
    head, slash, _ = path.partition("/")
    return head if slash else re.sub(r"[-_]?\d*\.html$", "", head)


@dataclass(frozen=True)
class Site:
    """A folder of built pages and the address (ending in a slash) under which a browser finds it."""

    folder: Path
    base: str

    @classmethod
    def on_disk(cls, folder: Path) -> Site:
        """Address the folder as a reader does who unpacked it: ``file://``."""
        return cls(folder, folder.resolve().as_uri() + "/")

    def url(self, path: str) -> str:
        """Address a path of the site."""
        return self.base + quote(path)

    def holds(self, url: str) -> bool:
        """Tell whether an address stays inside the site (and below its prefix)."""
        return url.startswith(self.base)

    def path(self, url: str) -> str:
        """Take the path out of an address the site holds, without query and fragment."""
        return unquote(urlsplit(url[len(self.base) :]).path)

    def pages(self) -> list[str]:
        """List the paths of all pages, sorted."""
        return sorted(page.relative_to(self.folder).as_posix() for page in self.folder.rglob("*.html"))

    def largest(self, kind: str, count: int) -> list[str]:
        """Pick the largest pages of a kind: the ones most likely to break a layout."""
        found = [path for path in self.pages() if kind_of(path) == kind]
        return sorted(found, key=lambda path: -(self.folder / path).stat().st_size)[:count]

    def fault_of_link(self, url: str, own_ids: frozenset[str] = frozenset()) -> str | None:
        """Say what is wrong with an internal link, or None.

        ``own_ids`` are the ids that the linking page has in the browser: a link within a page may lead to an element
        which a script made and no file holds.
        """
        address, fragment = urldefrag(url)
        file = self.folder / self.path(address)
        if file.is_dir():
            return "leads to a folder, which file:// cannot open — spell out index.html"
        if not file.is_file():
            return "leads to a file that does not exist"
        if fragment and unquote(fragment) not in own_ids | _ids_in(file):
            return "leads to a fragment that does not exist"
        return None


@functools.cache
def _ids_in(file: Path) -> frozenset[str]:
    """Read the places of a page that a fragment can name."""
    page = BeautifulSoup(file.read_bytes(), "html.parser")
    named = [element.get("id") or element.get("name") for element in page.select("[id], a[name]")]
    return frozenset(str(name) for name in named)
