"""The tools of these tests see what they are meant to see, in both browsers: else every silent page would look good."""

from __future__ import annotations

import struct
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin

import pytest

from .browsers import Browser, find_program
from .crawl import crawl, visit
from .server import Serve
from .sites import Site, kind_of

HEAD = '<!doctype html><html lang="en"><meta charset="utf-8"><title>page</title>'
RULES = "default-src 'none'; script-src 'self'; img-src 'self' https:"
POLICY = f'<meta http-equiv="Content-Security-Policy" content="{RULES}">'

# A page that does what no page of ours may do.
BAD_PAGE = """<h1>Bad</h1><h1>Worse</h1><p style="color: red" onclick="void 0">
<a href="missing.html">gone</a> <a href="good.html#nowhere">nowhere</a> <a href="good.html#here">here</a>
<a href="folder/">folder</a> <a href="/rooted.html">rooted</a> <a href="https://elsewhere.example/">elsewhere</a>
<img src="https://images.example/a.png"><script src="https://scripts.example/a.js"></script>
<script src="bad.js"></script>"""
BAD_SCRIPT = "console.warn('a warning'); setTimeout(() => { throw new Error('a mistake'); });"

GOOD_PAGE = """<h1 id="here">Good</h1><p><img src="https://images.example/b.png" alt=""> <input><button>Press</button>
<script src="good.js"></script>"""
GOOD_SCRIPT = """
var told = [];
var field = document.querySelector('input');
document.querySelector('button').addEventListener('click', function () {
  setTimeout(function () { told.push('pressed later'); }, 100);
});
['compositionstart', 'input', 'compositionend'].forEach(function (kind) {
  field.addEventListener(kind, function (event) { told.push(kind + (event.isComposing ? ' composing' : '')); });
});"""


@pytest.fixture(scope="module")
def small_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page that is good, one that is bad, and the page for addresses that do not exist."""
    folder = tmp_path_factory.mktemp("small")
    files = {
        "good.js": GOOD_SCRIPT,
        "bad.js": BAD_SCRIPT,
        "good.html": HEAD + POLICY + GOOD_PAGE,
        "index.html": HEAD + BAD_PAGE,
        "open.html": HEAD,
        "404.html": HEAD + "<h1>Nothing here</h1>",
        "folder/page.html": HEAD,
        "stopped.html": HEAD + POLICY + "<script>1</script>",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def test_complaints_of_a_page_are_recorded(browser: Browser, address: Callable[[Path], Site], small_site: Path) -> None:
    with browser.page(address(small_site)) as page:
        bad = visit(page, "index.html")
        good = visit(page, "good.html")

    assert "console warning: a warning" in bad.complaints
    assert any(told.startswith("page error:") and "a mistake" in told for told in bad.complaints)
    assert good.complaints == []


def test_what_the_policy_stops_while_a_page_loads_is_a_complaint(browser: Browser, small_site: Path) -> None:
    with browser.page(Site.on_disk(small_site)) as page:
        page.open("stopped.html")

        assert ["Security Policy" in told or "settings blocked" in told for told in page.complaints()] == [True]


def test_requests_that_leave_the_site_are_recorded_and_images_are_answered(
    browser: Browser, address: Callable[[Path], Site], small_site: Path
) -> None:
    with browser.page(address(small_site)) as page:
        page.open("index.html")
        leaks = page.leaks()
        page.open("good.html")

        assert leaks == [("script", "https://scripts.example/a.js")]
        assert page.outside == [("image", "https://images.example/b.png")]
        assert page.evaluate("document.images[0].naturalWidth") == 1
        assert page.failures == []


def test_what_a_page_lacks_and_holds_is_found(
    browser: Browser, address: Callable[[Path], Site], small_site: Path
) -> None:
    found = crawl(browser, address(small_site), limit=9, per_kind=9)
    facts = found.visits[0].facts

    assert [visit.path for visit in found.visits] == ["index.html", "good.html"]
    assert facts["headings"] == 2
    assert facts["policies"] == []
    assert len(facts["inline"]) == 2
    assert [fault.rpartition("/")[2] for fault in found.faults_of_links()] == [
        "missing.html leads to a file that does not exist",
        "good.html#nowhere leads to a fragment that does not exist",
        " cannot open — spell out index.html",
        "rooted.html leaves the site on this machine",
    ]


def test_injected_script_runs_and_reaches_out_where_no_policy_stops_it(
    browser: Browser, address: Callable[[Path], Site], small_site: Path
) -> None:
    with browser.page(address(small_site)) as page:
        without_policy = visit(page, "open.html")
        under_policy = visit(page, "good.html")

    assert without_policy.injected == ["script element", "on-handler"]
    assert without_policy.reached_outside
    assert under_policy.injected == []
    assert not under_policy.reached_outside


def test_pages_on_disk_cannot_read_each_other(browser: Browser, small_site: Path) -> None:
    with browser.page(Site.on_disk(small_site)) as page:
        page.open("good.html")

        assert page.evaluate("fetch('good.js').then(() => 'read', () => 'refused')") == "refused"


def test_a_reader_can_be_played_with_keys_and_clicks(browser: Browser, small_site: Path) -> None:
    with browser.page(Site.on_disk(small_site)) as page:
        page.open("good.html")
        page.click("input")
        page.type("rain")
        page.press("Backspace")
        page.click("button")
        page.wait_until("told.includes('pressed later')")

        assert page.evaluate("field.value") == "rai"


def test_an_input_method_can_be_played(browser: Browser, small_site: Path) -> None:
    with browser.page(Site.on_disk(small_site)) as page:
        page.open("good.html")
        page.click("input")
        page.compose(["n", "ni"], "你")
        told = page.evaluate("told")

        assert page.evaluate("field.value") == "你"
        assert told[:3] == ["compositionstart", "input composing", "input composing"]
        assert "compositionend" in told


def test_a_screenshot_shows_the_viewport_and_leaves_no_trace(
    browser: Browser, sample_site: Path, tmp_path: Path
) -> None:
    with browser.page(Site.on_disk(sample_site)) as page:
        page.open("index.html")
        page.resize(390, 700)
        page.screenshot(tmp_path / "phone.png")

        assert page.complaints() == []
    assert struct.unpack(">II", (tmp_path / "phone.png").read_bytes()[16:24]) == (390, 700)


def test_links_of_a_page_are_full_addresses(browser: Browser, small_site: Path) -> None:
    site = Site.on_disk(small_site)
    with browser.page(site) as page:
        page.open("index.html?q=rain#top")

        assert page.links()[:2] == [site.url("missing.html"), site.url("good.html") + "#nowhere"]
        assert page.evaluate("location.search + location.hash") == "?q=rain#top"


def test_a_browser_that_is_not_installed_fails_with_the_command_that_installs_it() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"— apt-get install no-such-browser$"):
        find_program(("no-such-browser",))


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("good.html", 200, "text/html; charset=utf-8"),
        ("good.js", 200, "text/javascript; charset=utf-8"),
        ("nothing.html", 404, "text/html; charset=utf-8"),
        ("folder/", 404, "text/html; charset=utf-8"),
        ("/good.html", 404, "text/html; charset=utf-8"),
    ],
)
def test_the_server_answers_as_static_hosts_do(
    serve: Serve, small_site: Path, path: str, status: int, kind: str
) -> None:
    request = urllib.request.Request(urljoin(serve(small_site, "/repo/"), path))
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        answer = error

    with answer:
        assert (answer.status, answer.headers["Content-Type"]) == (status, kind)
        assert status == 200 or b"Nothing here" in answer.read()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("index.html", "index"),
        ("2022/07/27/index.html", "day"),
        ("2022/07/27/0a1b2c.html", "article"),
        ("2022/07/index.html", "month"),
        ("2022/index.html", "year"),
        ("sections/finance/page-3.html", "sections"),
        ("page-3.html", "page"),
    ],
)
def test_a_path_tells_the_kind_of_its_page(path: str, kind: str) -> None:
    assert kind_of(path) == kind
