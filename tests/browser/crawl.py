"""A crawl: from index.html along every internal link, breadth first, noting what each page does and holds."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .browsers import Browser
from .pages import Page, Request
from .sites import Site, kind_of

HERE = Path(__file__).parent
OUTSIDE = "https://outside.example/"


@dataclass(frozen=True)
class Visit:
    """One page as the crawl found it."""

    path: str
    complaints: list[str]
    leaks: list[Request]
    failures: list[str]
    strays: list[str]
    #: What ``facts.js`` answered.
    facts: dict[str, Any]
    #: The ways in which injected inline script ran, and whether a request to an outside host got out.
    injected: list[str]
    reached_outside: bool

    @property
    def kind(self) -> str:
        """The kind of page this is."""
        return kind_of(self.path)


@dataclass(frozen=True)
class Crawl:
    """All visits of one crawl, in their order."""

    site: Site
    visits: list[Visit]

    def faults_of_links(self) -> list[str]:
        """Name every internal link that leads nowhere, with the first page it stands on."""
        faults: dict[str, str] = {}
        for visit in self.visits:
            own_ids = frozenset(visit.facts["ids"])
            for url in visit.facts["links"] + visit.facts["parts"]:
                fault = self._fault(url, visit.path, own_ids)
                if fault:
                    faults.setdefault(url, f"{visit.path}: {url} {fault}")
        return list(faults.values())

    def _fault(self, url: str, path: str, own_ids: frozenset[str]) -> str | None:
        if not self.site.holds(url):
            return "leaves the site on this machine" if _is_on_this_machine(url) else None
        return self.site.fault_of_link(url, own_ids if self.site.path(url) == path else frozenset())


def crawl(browser: Browser, site: Site, *, limit: int, per_kind: int) -> Crawl:
    """Visit at most ``limit`` pages, and of each kind at most ``per_kind``: a few of every kind tell most."""
    visits: list[Visit] = []
    kinds: Counter[str] = Counter()
    queue, seen = deque(["index.html"]), {"index.html"}
    with browser.page(site) as page:
        while queue and len(visits) < limit:
            path = queue.popleft()
            if kinds[kind_of(path)] == per_kind:
                continue
            kinds[kind_of(path)] += 1
            visits.append(visit(page, path))
            found = [link for link in _pages_linked(visits[-1], site) if link not in seen]
            queue.extend(found)
            seen.update(found)
    return Crawl(site, visits)


def visit(page: Page, path: str) -> Visit:
    """Open one page, note what it did, then try to run script in it."""
    page.open(path)
    facts = page.evaluate((HERE / "facts.js").read_text("utf-8"))
    # Before the probe: what the policy says about the probe is not the page's fault.
    complaints, leaks, failures, strays = page.complaints(), page.leaks(), list(page.failures), page.strays()
    injected = page.evaluate((HERE / "probe.js").read_text("utf-8"), OUTSIDE)
    reached = any(request.url == OUTSIDE for request in page.outside)
    return Visit(path, complaints, leaks, failures, strays, facts, injected, reached)


def _pages_linked(visit: Visit, site: Site) -> list[str]:
    """List the pages that exist among the links of a visited page, each once, in their order."""
    paths = dict.fromkeys(site.path(url) for url in visit.facts["links"] if site.holds(url))
    return [path for path in paths if path.endswith(".html") and (site.folder / path).is_file()]


def _is_on_this_machine(url: str) -> bool:
    """Tell whether an address means this machine: a built page that links so works here and nowhere else."""
    return url.startswith(("file:", "http://127.0.0.1", "http://localhost"))
