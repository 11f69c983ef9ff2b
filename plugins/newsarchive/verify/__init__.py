"""Verify: is a finished site fit to go out? Reads the output folder alone; knows nothing of the build that wrote it.

names and sizes → pages (links, policy, inline code, data) → style sheets → feeds, sitemap, catalogue → search
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsarchive.diagnostics import Diagnostic
from newsarchive.fs.untrusted_files import RefusedFile
from newsarchive.parallel.progress import Progress
from newsarchive.verify.budgets import Budgets, check_budgets
from newsarchive.verify.catalog import check_catalog
from newsarchive.verify.feeds import check_feeds
from newsarchive.verify.page_workers import check_pages
from newsarchive.verify.pages import PageReport, ids_of
from newsarchive.verify.portable_names import check_portable_names
from newsarchive.verify.search_files import check_search
from newsarchive.verify.site import Site, read_site
from newsarchive.verify.sitemap import check_sitemap
from newsarchive.verify.stylesheets import check_stylesheet

__all__ = ["Budgets", "SiteReport", "verify_site"]


@dataclass(frozen=True, slots=True)
class SiteReport:
    """What was looked at, and everything wrong with it."""

    files: int
    pages: int
    articles: int
    bytes: int
    diagnostics: Sequence[Diagnostic]


def verify_site(
    output: Path,
    budgets: Budgets | None = None,
    allowed_hosts: Sequence[str] = (),
    skipped: Sequence[str] = (),
    workers: int = 1,
    progress: Progress | None = None,
) -> SiteReport:
    """Look at everything in `output`.

    Pages may fetch from `allowed_hosts` beside their own site; files that match a glob in `skipped` are no pages of
    ours (what a search engine wants to find at the root, say). Raises NoSiteError when there is no site.
    """
    site = read_site(output, allowed_hosts, skipped)
    diagnostics = [*check_portable_names(site), *check_budgets(site, budgets or Budgets())]
    reports = list(check_pages(site, workers, progress or Progress()))
    diagnostics += [diagnostic for report in reports for diagnostic in report.diagnostics]
    diagnostics += _as_far_as_read(_check_fragments(site, reports))
    diagnostics += [
        diagnostic for path in site.ending(".css") for diagnostic in _as_far_as_read(check_stylesheet(path, site))
    ]
    articles = {report.path for report in reports if report.is_article}
    for check in (check_feeds(site), check_sitemap(site), check_catalog(site, articles), check_search(site)):
        diagnostics += _as_far_as_read(check)
    return SiteReport(len(site.sizes), len(reports), len(articles), sum(site.sizes.values()), diagnostics)


def _as_far_as_read(check: Iterator[Diagnostic]) -> Iterator[Diagnostic]:
    """What a check finds; a file that it needs and cannot read ends it, and is a problem."""
    try:
        yield from check
    except RefusedFile as refused:
        yield refused.diagnostic


def _check_fragments(site: Site, reports: Sequence[PageReport]) -> Iterator[Diagnostic]:
    """Links into the middle of another page: only the pages that are linked so are read again."""
    wanted = [(report.path, page, fragment) for report in reports for page, fragment in report.fragments]
    ids = {page: ids_of(site, page) for page in {page for _, page, _ in wanted}}
    for path, page, fragment in wanted:
        if fragment not in ids[page]:
            yield Diagnostic(
                "link", path, f"{page}#{fragment}: the page has no such place", "link to the page, or name it"
            )
