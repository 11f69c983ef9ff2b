"""Structured data of article pages (schema.org/NewsArticle)."""

from __future__ import annotations

from typing import Any

from newsarchive.models import Article


def news_article(article: Article) -> dict[str, Any]:
    """Return the article as JSON-LD, without its address: the canonical link has that."""
    facts = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "datePublished": article.date.isoformat(timespec="seconds") if article.date else "",
        "author": {"@type": "Person", "name": article.facts.byline} if article.facts.byline else "",
        "publisher": {"@type": "Organization", "name": article.publication} if article.publication else "",
        "isBasedOn": article.facts.original_url,
    }
    return {key: value for key, value in facts.items() if value}
