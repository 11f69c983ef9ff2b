"""Verify that a built site can be published. Reads only the output folder, not the build that wrote it.

names and sizes → pages (links, policy, inline code, data) → style sheets → feeds, sitemap, catalogue → search

`content` checks scraped files instead, without a site.
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
    """The size of a site, and every problem found in it."""

    files: int
    pages: int
    articles: int
    bytes: int
    diagnostics: Sequence[Diagnostic]  # in the order of the checks


def verify_site(
    output: Path,
    budgets: Budgets | None = None,
    allowed_hosts: Sequence[str] = (),
    skipped: Sequence[str] = (),
    workers: int = 1,
    progress: Progress | None = None,
) -> SiteReport:
    """Run every check on the site in `output` and return a report.

    - `budgets`: the largest sizes to accept.
    - `allowed_hosts`: hosts that pages may load files from, besides the site itself.
    - `skipped`: glob patterns of HTML files that are not pages of the archive, such as a search engine's proof of
      ownership.
    - `workers`: the number of processes that check pages.

    Raises NoSiteError if there is no site, and RefusedFile if its home page cannot be read.
    """
    site = read_site(output, allowed_hosts, skipped)
    diagnostics = [*check_portable_names(site), *check_budgets(site, budgets or Budgets())]
    reports = list(check_pages(site, workers, progress or Progress()))
    diagnostics += [diagnostic for report in reports for diagnostic in report.diagnostics]
    diagnostics += _until_refused(_check_fragments(site, reports))
    diagnostics += [
        diagnostic for path in site.ending(".css") for diagnostic in _until_refused(check_stylesheet(path, site))
    ]
    articles = {report.path for report in reports if report.is_article}
    for check in (check_feeds(site), check_sitemap(site), check_catalog(site, articles), check_search(site)):
        diagnostics += _until_refused(check)
    return SiteReport(len(site.sizes), len(reports), len(articles), sum(site.sizes.values()), diagnostics)


def _until_refused(check: Iterator[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield what a check finds. A file that it cannot read ends the check with that file's diagnostic."""
    try:
        yield from check
    except RefusedFile as refused:
        yield refused.diagnostic


def _check_fragments(site: Site, reports: Sequence[PageReport]) -> Iterator[Diagnostic]:
    """Check links with a fragment into other pages. Only pages that such a link leads to are parsed again."""
    wanted = [(report.path, page, fragment) for report in reports for page, fragment in report.fragments]
    ids = {page: ids_of(site, page) for page in {page for _, page, _ in wanted}}
    for path, page, fragment in wanted:
        if fragment not in ids[page]:
            yield Diagnostic(
                "link", path, f"{page}#{fragment}: the page has no such id", "link to the page, or add the id"
            )
