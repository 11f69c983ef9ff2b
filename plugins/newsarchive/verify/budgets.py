"""How large a page, the search and the whole site may be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from newsarchive.diagnostics import Diagnostic
from newsarchive.verify.site import Site


@dataclass(frozen=True, slots=True)
class Budgets:
    """In bytes. The site's is what GitHub Pages takes."""

    page: int = 2_000_000
    index: int = 400_000_000
    site: int = 1_000_000_000


def check_budgets(site: Site, budgets: Budgets) -> Iterator[Diagnostic]:
    """Everything that is too large."""
    for path in site.ending(".html"):
        if site.sizes[path] > budgets.page:
            yield Diagnostic(
                "size", path, _over(site.sizes[path], budgets.page), "split the article, or raise --max-page"
            )
    index = sum(size for path, size in site.sizes.items() if path.startswith("search/"))
    if index > budgets.index:
        yield Diagnostic("size", "search/", _over(index, budgets.index), "raise --max-index")
    whole = sum(site.sizes.values())
    if whole > budgets.site:
        repair = (
            "publish it elsewhere than on GitHub Pages and raise --max-site, or archive the oldest years separately"
        )
        yield Diagnostic("size", ".", _over(whole, budgets.site), repair)


def _over(size: int, budget: int) -> str:
    return f"{size:,} bytes, over the budget of {budget:,}"
