"""The second wall: a site whose cleaner lets everything through, and whose policy still lets nothing run.

What this policy cannot stop is the cleaner's, and not looked for here: a page that sends its reader on (``meta
refresh``), and a prefetch, which CSP 3 lets out where any directive would let it out, as `img-src https:` does.
"""

from __future__ import annotations

import json

import pytest

from conftest import PROJECT, build_site, write_attacks

from .browsers import Browser
from .looking import looking
from .sites import Site, kind_of

STEPS = {"chromium": 2, "firefox": 4}  # every second article, every fourth: what the policy says is the same on all

# Pelican's settings can replace any part of the program, here the cleaner by nothing at all.
SETTINGS = """
import sys
sys.path.insert(0, {project!r})
from pelicanconf import *
sys.path.insert(0, {plugins!r})
THEME, PLUGIN_PATHS = {theme!r}, [{plugins!r}]
from newsarchive.build import tasks
from newsarchive.models import CleanArticle, CleanHtml, Facts

def leave_as_it_is(raw, rules, max_depth, trace=None):
    html = CleanHtml(raw.body)
    return CleanArticle(raw, html, raw.body, Facts(), (), {{}}, blocks=(html,))

tasks.clean_article = leave_as_it_is
NEWSARCHIVE_EXECUTOR = "serial"
"""


@pytest.fixture(scope="module")
def uncleaned_site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The vectors as they are, on the pages of the real theme."""
    work = tmp_path_factory.mktemp("uncleaned")
    vectors = json.loads((PROJECT / "tests/browser/vectors.json").read_text("utf-8"))
    write_attacks(work / "content", [vector["payload"] for vector in vectors])
    given = {"project": str(PROJECT), "plugins": str(PROJECT / "plugins"), "theme": str(PROJECT / "theme")}
    (work / "settings.py").write_text(SETTINGS.format(**given), "utf-8")
    built = build_site(work / "content", work, "-s", str(work / "settings.py"))
    assert built.exit_code == 0, built.said
    return Site.on_disk(built.output)


def test_without_a_cleaner_the_policy_still_lets_nothing_run_and_nothing_out(
    browser: Browser, uncleaned_site: Site
) -> None:
    articles = [path for path in uncleaned_site.pages() if kind_of(path) == "article"][:: STEPS[browser.name]]

    with looking(browser, uncleaned_site) as look:
        seen = {path: [danger for danger in look(path) if _is_an_act(*danger)] for path in articles}
        held = sum((uncleaned_site.folder / path).read_text("utf-8").count("alert(") > 0 for path in articles)

    assert held > 20  # the attacks are on the pages
    assert {path: acts for path, acts in seen.items() if acts} == {}


def _is_an_act(kind: str, detail: str) -> bool:
    """True for what ran or went out, not for what merely stands there. A request for a document is a journey; Chromium
    calls a prefetch "other"."""
    return kind in {"ran", "dialog"} or (kind == "request" and not detail.startswith(("document ", "other https:")))
