"""Check the sizes of pages, of the search index and of the whole site against budgets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from newsarchive.diagnostics import Diagnostic
from newsarchive.verify.site import Site


@dataclass(frozen=True, slots=True)
class Budgets:
    """The largest sizes to accept, in bytes."""

    page: int = 2_000_000  # one HTML file
    index: int = 400_000_000  # all files in search/
    site: int = 1_000_000_000  # all files; GitHub Pages accepts as much


def check_budgets(site: Site, budgets: Budgets) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each budget that is exceeded."""
    for path in site.ending(".html"):
        if site.sizes[path] > budgets.page:
            yield Diagnostic(
                "size", path, _over(site.sizes[path], budgets.page), "split the article, or raise --max-page"
            )
    index = sum(size for path, size in site.sizes.items() if path.startswith("search/"))
    if index > budgets.index:
        yield Diagnostic("size", "search/", _over(index, budgets.index), "raise --max-index")
    total = sum(site.sizes.values())
    if total > budgets.site:
        hint = "publish it elsewhere than on GitHub Pages and raise --max-site, or archive the oldest years separately"
        yield Diagnostic("size", ".", _over(total, budgets.site), hint)


def _over(size: int, budget: int) -> str:
    return f"{size:,} bytes, over the budget of {budget:,}"
