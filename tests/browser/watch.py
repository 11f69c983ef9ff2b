"""A watch over one page for signs of an attack: script that ran, requests and journeys it caused, and dangerous DOM."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Error

from .pages import Page

HERE = Path(__file__).parent

# Our own scripts carry this name in the debugger. A secret one: a payload could otherwise pass for ours.
OUR_NAME = f"watch-{secrets.token_hex(8)}"


class Danger(NamedTuple):
    """A sign of an attack: its kind (ran, dialog, request, journey, or a kind of ``dangers.js``) and what was seen."""

    kind: str
    detail: str


class Watch:
    """Watches a page in Chromium through the DevTools protocol: V8 itself tells of every script it parses."""

    def __init__(self, page: Page) -> None:
        """Attach the debugger to the page."""
        self.page = page
        self._parsed: list[dict[str, Any]] = []
        self._session = page.tab.context.new_cdp_session(page.tab)
        self._session.on("Debugger.scriptParsed", self._note_script)
        self._session.send("Debugger.enable")
        # A payload that says "debugger" must not stop the page for ever.
        self._session.send("Debugger.setSkipAllPauses", {"skip": True})

    def look_at(self, path: str) -> list[Danger]:
        """Open a page, use it as a reader might, and list every danger seen; none is the answer of a good page."""
        self._parsed.clear()
        self.page.open(path)
        return list(dict.fromkeys([*self._dangers_in_dom(), *self._dangers_in_use(), *self._dangers_seen()]))

    def _note_script(self, script: dict[str, Any]) -> None:
        self._parsed.append(script)

    def _dangers_in_dom(self) -> list[Danger]:
        try:
            return [Danger(kind, detail) for kind, detail in self._run("dangers.js")]
        except Error as error:
            return [Danger("broken", error.message)]

    def _dangers_in_use(self) -> list[Danger]:
        try:
            self._run("use.js")
        except Error as error:
            return [Danger("broken", error.message)]
        return []

    def _dangers_seen(self) -> Iterator[Danger]:
        page = self.page
        yield from (Danger("ran", self._source(script)) for script in list(self._parsed) if self._is_foreign(script))
        yield from (Danger("dialog", dialog) for dialog in page.dialogs)
        yield from (Danger("request", f"{kind} {url}") for kind, url in page.leaks())
        yield from (Danger("journey", url) for url in page.strays())

    def _is_foreign(self, script: dict[str, Any]) -> bool:
        """Tell whether a script is neither a file of the site nor ours.

        The embedder's name counts, not the URL: a script chooses its own URL by a ``sourceURL`` comment. Scripts in
        isolated worlds are Playwright's.
        """
        if script["executionContextAuxData"]["type"] == "isolated" or script["url"] == OUR_NAME:
            return False
        origin = script.get("embedderName", "")
        if origin.startswith("chrome-error:"):  # Chromium's own page, in the place of a frame that a policy stopped
            return False
        return not (self.page.site.holds(origin) and self.page.site.path(origin).endswith(".js"))

    def _source(self, script: dict[str, Any]) -> str:
        try:
            found = self._session.send("Debugger.getScriptSource", {"scriptId": script["scriptId"]})
        except Error:
            return f"a script of {script['length']} characters at {script['url']}"
        return str(found["scriptSource"])[:160]

    def _run(self, file: str) -> Any:
        """Run one of our scripts in the page, policy or not, under our name."""
        expression = f"({(HERE / file).read_text('utf-8')})()\n//# sourceURL={OUR_NAME}"
        options = {"awaitPromise": True, "returnByValue": True}
        answer = self._session.send("Runtime.evaluate", {"expression": expression, **options})
        if "exceptionDetails" in answer:
            raise Error(str(answer["exceptionDetails"].get("exception", {}).get("description")))
        return answer["result"].get("value")
