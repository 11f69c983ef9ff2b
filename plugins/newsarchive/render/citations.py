"""How articles are cited: in words on their pages, and as BibTeX in a file beside them, one for each day.

In a file, because an entry says again what its page says already, and would be a tenth of a page.
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
    """The citation in words."""
    title = f"《{article.title}》" if _HAN.search(article.title) else f"“{article.title}”"
    words = [article.facts.byline, title, article.publication, _day(article), _address(article, site)]
    return ". ".join(filter(None, words))


def bibliographies(archive: Archive, site: Site) -> Iterator[File]:
    """The file of each day, as BibTeX."""
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
    """The original's where it is known, else the page's where the site has one."""
    return article.facts.original_url or (f"{site.url}/{article.url}" if site.url else "")


_BRACED = re.compile(r"[{}\\]")
_COMMANDS = re.compile(r"[\\{}$&#^_%~]")
_TEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def _tex(value: str) -> str:
    """`value` with what TeX would read as commands escaped."""
    return _COMMANDS.sub(lambda match: _TEX.get(match[0], f"\\{match[0]}"), value)
