"""One page in one browser: what happens on it is recorded, and what leaves the site is answered here, never outside."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import ConsoleMessage, Dialog, Error, Frame, Response, Route
from playwright.sync_api import Page as Tab
from playwright.sync_api import Request as TabRequest

from .sites import Site

# A transparent image of one pixel, the answer to every outside image: a failed one would be a console error.
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNgYGBgAAAABQABXvMqOgAAAABJRU5ErkJggg=="
)

# What Chromium and Firefox call a request that was cancelled because the reader went on to the next page.
CANCELLED = ("net::ERR_ABORTED", "NS_BINDING_ABORTED")

# Other tests may have the cores for a while. A page that is ready never waits for this.
TIMEOUT_MS = 60_000

# A frame and a task more than "loaded": what scripts queued has then run, and Firefox has reported what its policy
# stopped (without this, one report in four came too late; with it, none of hundreds).
SETTLE = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"

# Playwright's own way of waiting asks again by eval, which our policy forbids.
WAIT = """() => new Promise((done, fail) => {
  const end = performance.now() + %(limit)d;
  const look = () => {
    if (%(script)s) done();
    else if (performance.now() < end) requestAnimationFrame(look);
    else fail(new Error('waited in vain'));
  };
  look();
})"""

# Enters text into an element as an input method does; given by the browser, because each has its own way.
Composer = Callable[[Tab, Sequence[str], str], None]


class Message(NamedTuple):
    """A line of the browser's console: its kind (log, warning, error, …) and its text."""

    kind: str
    text: str


class Request(NamedTuple):
    """A request: what it is for (document, script, image, …) and its address."""

    kind: str
    url: str

    def is_image(self) -> bool:
        """Tell whether this is the one thing a page may fetch from elsewhere: an image, over https."""
        return self.kind == "image" and self.url.startswith("https:")


class Page:
    """A tab bound to a site. Every ``open`` starts the records anew."""

    def __init__(self, tab: Tab, site: Site, composer: Composer) -> None:
        """Listen to the tab and stand between it and the network."""
        self.tab = tab
        self.site = site
        self._composer = composer
        self._opened = ""
        self._forget()
        self._listen()
        tab.context.route(lambda url: not _is_local(url, site), self._answer_outside)

    def open(self, path: str) -> None:
        """Go to a path of the site (it may carry ``?query`` and ``#fragment``) and wait until it has loaded."""
        self._forget()
        place, mark, rest = path.partition("?") if "?" in path else path.partition("#")
        self._opened = self.site.url(place)
        self.tab.goto(self._opened + mark + rest, wait_until="load")

    def links(self) -> list[str]:
        """List the full addresses of all links of the page, in their order, each once."""
        found: list[str] = self.evaluate("() => [...document.querySelectorAll('a[href]')].map((link) => link.href)")
        return list(dict.fromkeys(found))

    def evaluate(self, script: str, argument: object = None) -> Any:
        """Run JavaScript in the page (an expression, or a function of one argument) and give its JSON value."""
        return self.tab.evaluate(script, argument)

    def wait_until(self, script: str) -> None:
        """Wait until a JavaScript expression is true."""
        self.tab.evaluate(WAIT % {"script": script, "limit": TIMEOUT_MS})

    def resize(self, width: int, height: int = 900) -> None:
        """Set the size of the viewport in CSS pixels."""
        self.tab.set_viewport_size({"width": width, "height": height})

    def screenshot(self, path: Path) -> None:
        """Write what the viewport shows to a PNG file."""
        before = len(self.errors)
        self.tab.screenshot(path=path, caret="initial")
        # In Firefox Playwright forces a repaint by an inline style, which our policy reports: not the page's doing.
        del self.errors[before:]

    def click(self, selector: str) -> None:
        """Click the one element that a CSS selector finds."""
        self.tab.click(selector)

    def press(self, key: str) -> None:
        """Press a key on what has the focus, by its name: ``Tab``, ``Escape``, ``Control+K``."""
        self.tab.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type text, key by key, into what has the focus."""
        self.tab.keyboard.type(text)

    def compose(self, steps: Sequence[str], text: str) -> None:
        """Enter text through an input method into what has the focus: the steps (``n``, ``ni``), then the text (你)."""
        self._composer(self.tab, steps, text)

    def complaints(self) -> list[str]:
        """List what a good page never causes: console warnings and errors, and errors of scripts."""
        self.tab.evaluate(SETTLE)
        told = [f"console {kind}: {text}" for kind, text in self.console if kind in ("warning", "error")]
        return told + [f"page error: {error}" for error in self.errors]

    def leaks(self) -> list[Request]:
        """List the requests that left the site and are no images."""
        return [request for request in self.outside if not request.is_image()]

    def strays(self) -> list[str]:
        """List where the tab went besides the page that was opened; a new query or fragment is no journey."""
        return [url for url in self.journey if url.partition("#")[0].partition("?")[0] != self._opened]

    def _forget_words(self) -> None:
        self.console: list[Message] = []
        self.errors: list[str] = []

    def _forget(self) -> None:
        self._forget_words()
        self.requests: list[Request] = []
        #: Requests that would have reached another host: those that the page's own policy stopped are not among them.
        self.outside: list[Request] = []
        #: Requests inside the site that failed, or were answered with a status of 400 or more.
        self.failures: list[str] = []
        self.dialogs: list[str] = []
        #: Addresses the tab went to, the opened one first; windows and downloads that the page opened follow it.
        self.journey: list[str] = []

    def _listen(self) -> None:
        tab = self.tab
        tab.on("console", self._note_message)
        tab.on("pageerror", lambda error: self.errors.append(str(error)))
        tab.on("crash", lambda _: self.errors.append("the page crashed"))
        tab.on("request", lambda request: self.requests.append(Request(request.resource_type, request.url)))
        tab.on("requestfailed", self._note_failure)
        tab.on("response", self._note_response)
        tab.on("websocket", lambda socket: self.outside.append(Request("websocket", socket.url)))
        tab.on("framenavigated", self._note_journey)
        tab.on("popup", self._close_window)
        tab.on("download", lambda download: self.journey.append(download.url))
        tab.on("dialog", self._dismiss)

    def _note_message(self, message: ConsoleMessage) -> None:
        self.console.append(Message(message.type, message.text))

    def _note_failure(self, request: TabRequest) -> None:
        if self.site.holds(request.url) and request.failure not in CANCELLED:
            self.failures.append(f"{request.failure} {request.url}")

    def _note_response(self, response: Response) -> None:
        if response.status >= 400:
            self.failures.append(f"{response.status} {response.url}")

    def _note_journey(self, frame: Frame) -> None:
        if frame != self.tab.main_frame:
            return
        if not self.journey:
            # The page that was opened takes over: what came until now are late words of the one before it.
            self._forget_words()
        self.journey.append(frame.url)

    def _close_window(self, window: Tab) -> None:
        self.journey.append(window.url)
        window.close()

    def _dismiss(self, dialog: Dialog) -> None:
        self.dialogs.append(f"{dialog.type}: {dialog.message}")
        dialog.dismiss()

    def _answer_outside(self, route: Route) -> None:
        request = Request(route.request.resource_type, route.request.url)
        self.outside.append(request)
        try:
            if request.is_image():
                route.fulfill(content_type="image/png", body=PIXEL)
            else:
                route.abort()
        except Error:
            # The page went on before the answer was given: there is nobody left to answer.
            return


def _is_local(url: str, site: Site) -> bool:
    """Tell whether an address needs no answer from us: the site itself, or data within the page."""
    return site.holds(url) or url.startswith(("data:", "blob:", "about:"))
