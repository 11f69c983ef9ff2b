"""The two browsers: where they are, how they are started, and that nothing they do reaches a network.

Playwright drives both. Chromium it speaks to as usual; Firefox, through the channel ``moz-firefox``, by WebDriver BiDi,
the standard protocol of the stock browser. So no driver program and no patched browser is needed, and one class serves
both: what differs between them is how they start and how an input method is simulated.

The version counts. Playwright 1.65 begins with a command (``emulation.setMediaFeaturesOverride``) that Firefox ESR 153
does not know; 1.58 sends Chromium's requests for 127.0.0.1 to the proxy too. 1.60, 1.62 and 1.64 pass all tests here.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser as Engine
from playwright.sync_api import Playwright, ProxySettings

from .composition import compose_by_events, compose_in_chromium
from .pages import TIMEOUT_MS, Composer, Page
from .sites import Site

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
FIREFOX_NAMES = ("firefox-esr", "firefox")

CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# A port that nobody listens on. Whatever is not 127.0.0.1 goes there and dies: Chromium asks for updates and accounts
# in spite of all its flags (seen with 156; Firefox with Playwright's preferences was silent for a minute).
DEAD_END: ProxySettings = {"server": "http://127.0.0.1:1", "bypass": "127.0.0.1"}

# Playwright lets pages on file:// read each other's files; readers' browsers do not, and ours must show what they see.
FIREFOX_PREFERENCES: dict[str, str | float | bool] = {"security.fileuri.strict_origin_policy": True}


@dataclass(frozen=True)
class Browser:
    """A running browser that opens pages of a site."""

    name: str
    engine: Engine
    composer: Composer

    @contextmanager
    def page(self, site: Site, *, width: int = 1280, bypass_csp: bool = False) -> Iterator[Page]:
        """Open an empty page in a fresh profile, bound to a site; it is closed at the end of the ``with`` block.

        ``bypass_csp`` switches the content security policy off, to see what holds without it (Chromium only: Firefox
        has no such switch and keeps the policy).
        """
        context = self.engine.new_context(
            viewport={"width": width, "height": 900}, bypass_csp=bypass_csp, accept_downloads=False
        )
        context.set_default_timeout(TIMEOUT_MS)
        try:
            yield Page(context.new_page(), site, self.composer)
        finally:
            context.close()


def find_program(names: tuple[str, ...]) -> str:
    """Find a browser on this machine; a missing one fails the test, because a skipped one would never be noticed."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        looked = ", ".join(names)
        pytest.fail(f"no browser found (looked for {looked}) — apt-get install {names[0]}", pytrace=False)
    return found


def start_chromium(playwright: Playwright) -> Browser:
    """Start Chromium without a window."""
    program = find_program(CHROMIUM_NAMES)
    engine = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS, proxy=DEAD_END)
    return Browser("chromium", engine, compose_in_chromium)


def start_firefox(playwright: Playwright) -> Browser:
    """Start the stock Firefox without a window, spoken to by WebDriver BiDi."""
    program = find_program(FIREFOX_NAMES)
    engine = playwright.firefox.launch(
        channel="moz-firefox",
        executable_path=program,
        firefox_user_prefs=FIREFOX_PREFERENCES,
        proxy=DEAD_END,
    )
    return Browser("firefox", engine, compose_by_events)
