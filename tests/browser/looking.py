"""A look at hostile pages in either browser: what ran, what was asked of other hosts, what dangerous DOM is there.

Chromium's debugger tells of every script (``watch.py``). Firefox has none for us: there dialogs, requests, journeys and
the DOM tell.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Error

from .browsers import Browser
from .pages import Page
from .sites import Site
from .watch import HERE, Danger, Watch

Look = Callable[[str], list[Danger]]

_POLICY = re.compile(rb'<meta http-equiv="Content-Security-Policy"[^>]*>')


@contextmanager
def looking(browser: Browser, site: Site) -> Iterator[Look]:
    """A function: the path of a page → every danger seen on it."""
    with browser.page(site) as page:
        yield Watch(page).look_at if browser.name == "chromium" else lambda path: _look(page, path)


def _look(page: Page, path: str) -> list[Danger]:
    found: list[Danger] = []
    page.open(path)
    try:
        found += [Danger(kind, detail) for kind, detail in page.evaluate((HERE / "dangers.js").read_text("utf-8"))]
        page.evaluate((HERE / "use.js").read_text("utf-8"))
    except Error as error:
        found.append(Danger("broken", error.message))
    found += [Danger("dialog", dialog) for dialog in page.dialogs]
    found += [Danger("request", f"{kind} {url}") for kind, url in page.leaks()]
    found += [Danger("journey", url) for url in page.strays()]
    return list(dict.fromkeys(found))


def without_policy(folder: Path, to: Path) -> Path:
    """A copy of a built site whose pages have no content security policy. Firefox has no switch for it."""
    shutil.copytree(folder, to)
    for page in to.rglob("*.html"):
        data, count = _POLICY.subn(b"", page.read_bytes())
        assert count == 1, f"{page}: {count} policies"
        page.write_bytes(data)
    return to
