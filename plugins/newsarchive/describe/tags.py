"""Tags of an article: those of its front matter, the listed companies it names, and keywords from its text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec.structs import replace

from newsarchive.describe.keywords import derive_keywords
from newsarchive.describe.titles import plain_title
from newsarchive.describe.word_segmentation import is_whole_word
from newsarchive.models import Article, CleanArticle

_MAX_TAG_LENGTH = 40


def explicit_tags(clean: CleanArticle, limit: int) -> tuple[str, ...]:
    """Return at most `limit` tags that the article states itself, without duplicates.

    The front matter's tags come first, then the names of stocks that the body links. A stock name counts only where the
    word segmenter sees it as whole words. Two tags are equal if `tag_key` is.
    """
    front_matter = clean.raw.metadata.get("tags", [])
    own = [plain_title(tag) for tag in ([front_matter] if isinstance(front_matter, str) else front_matter)]
    stock_names = [
        plain_title(ticker.name)
        for ticker in clean.facts.tickers
        if ticker.name and is_whole_word(ticker.name, ticker.before, ticker.after)
    ]
    return _deduplicate(own + stock_names)[:limit]


def add_keywords(articles: Sequence[Article], texts: Sequence[str], limit: int) -> list[Article]:
    """Return `articles` with keywords from their titles and `texts` appended to their tags, at most `limit` tags each.

    `texts` holds the plain text of each article's body, in the same order.
    """
    derived = derive_keywords([(article.title, text) for article, text in zip(articles, texts, strict=True)], limit)
    return [
        replace(article, tags=_deduplicate([*article.tags, *_without_source_names(keywords, article)])[:limit])
        for article, keywords in zip(articles, derived, strict=True)
    ]


def _without_source_names(keywords: Iterable[str], article: Article) -> list[str]:
    """Drop keywords that name the article's categories or author: they describe the source, not the article."""
    source_names = {tag_key(name) for name in (*article.categories, article.author)}
    return [word for word in keywords if tag_key(word) not in source_names]


@lru_cache(maxsize=50_000)  # every stage looks up the same tags
def tag_key(tag: str) -> str:
    """Return what equal tags share: the tag in NFKC, case-folded."""
    return unicodedata.normalize("NFKC", tag).casefold()


def _deduplicate(tags: Iterable[str]) -> tuple[str, ...]:
    """Return the tags of 1 to 40 characters, each once, in order, in their first spelling."""
    seen: dict[str, str] = {}
    for tag in tags:
        if tag and len(tag) <= _MAX_TAG_LENGTH:
            seen.setdefault(tag_key(tag), tag)
    return tuple(seen.values())
