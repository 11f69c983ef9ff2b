"""What a page tells machines about its article (schema.org/NewsArticle), and how the article is cited."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from newsarchive.articles import Article


@dataclass(frozen=True, slots=True)
class Citation:
    """How to cite an article: in words, and as a BibTeX entry."""

    text: str
    bibtex: str


def news_article(article: Article, address: str) -> dict[str, Any]:
    """The article as JSON-LD; `address` is its page's full address, or "" where the site has none."""
    facts = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "datePublished": article.date.isoformat(timespec="seconds") if article.date else "",
        "author": {"@type": "Person", "name": article.facts.byline} if article.facts.byline else "",
        "publisher": {"@type": "Organization", "name": article.publication} if article.publication else "",
        "image": article.lead.url if article.lead else "",
        "isBasedOn": article.facts.original_url,
        "url": address,
    }
    return {key: value for key, value in facts.items() if value}


def cite(article: Article, address: str) -> Citation:
    """The citation; it leads to the original where that is known, else to the page at `address`."""
    day = article.date.strftime("%Y-%m-%d") if article.date else ""
    address = article.facts.original_url or address
    parts = [article.facts.byline, f"《{article.title}》" if _is_han(article.title) else f"“{article.title}”"]
    words = [*parts, article.publication, day, address]
    fields = {
        "title": article.title,
        "author": article.facts.byline,
        "journal": article.publication,
        "date": day,
        "url": address,
    }
    lines = [f"{name}={{{_tex(value, name)}}}" for name, value in fields.items() if value]
    return Citation(". ".join(filter(None, words)), "@article{{{},\n{}}}".format(article.id, ",\n".join(lines)))


def _is_han(text: str) -> bool:
    return re.search("[\u3400-\u9fff]", text) is not None


_TEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def _tex(value: str, field: str) -> str:
    """`value` with what TeX would read as commands escaped; addresses are read to the letter."""
    if field == "url":
        return re.sub(r"[{}\\]", lambda match: f"%{ord(match[0]):02X}", value)
    return re.sub(r"[\\{}$&#^_%~]", lambda match: _TEX.get(match[0], f"\\{match[0]}"), value)
