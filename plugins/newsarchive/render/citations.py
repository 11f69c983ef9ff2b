"""Citations: as a sentence on article pages, and as one BibTeX file for each day.

BibTeX has a file of its own because an entry repeats what its page says and would be a tenth of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from newsarchive.collect import Archive
from newsarchive.collect.archive import Day
from newsarchive.describe.unicode_scripts import HAN
from newsarchive.models import Article
from newsarchive.render.page import File
from newsarchive.render.site import Site

_HAN = re.compile(f"[{HAN}]")


def cite(article: Article, site: Site) -> str:
    """Return the citation as a sentence."""
    title = f"《{article.title}》" if _HAN.search(article.title) else f"“{article.title}”"
    words = [article.facts.byline, title, article.publication, _day(article), _address(article, site)]
    return ". ".join(filter(None, words))


def bibliographies(archive: Archive, site: Site) -> Iterator[File]:
    """Yield the BibTeX file of each day."""
    for day in archive.days:
        yield File(day.url.removesuffix("index.html") + "cite.bib", (day,), partial(_bibliography, day, site))


def _bibliography(day: Day, site: Site) -> str:
    return "\n".join(_entry(article, site) for article in day.articles)


def _entry(article: Article, site: Site) -> str:
    fields = {
        "title": _tex(article.title),
        "author": _tex(article.facts.byline),
        "journal": _tex(article.publication),
        "date": _day(article),
        "url": _BRACED.sub(lambda match: f"%{ord(match[0]):02X}", _address(article, site)),
    }
    lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value]
    return f"@article{{{article.id},\n{''.join(lines)}}}\n"


def _day(article: Article) -> str:
    return article.date.date().isoformat() if article.date else ""


def _address(article: Article, site: Site) -> str:
    """Return the original address if it is known, else the page's if the site has an address."""
    return article.facts.original_url or (f"{site.url}/{article.url}" if site.url else "")


_BRACED = re.compile(r"[{}\\]")
_COMMANDS = re.compile(r"[\\{}$&#^_%~]")
_TEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def _tex(value: str) -> str:
    """Escape what TeX would read as commands."""
    return _COMMANDS.sub(lambda match: _TEX.get(match[0], f"\\{match[0]}"), value)
