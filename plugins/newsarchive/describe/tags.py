"""An article's tags: what its front matter says, the shares it names, then keywords out of its words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec.structs import replace

from newsarchive.describe.keywords import derive_keywords
from newsarchive.describe.titles import plain_title
from newsarchive.describe.word_segmentation import is_whole_word
from newsarchive.models import Article, CleanArticle

_LONGEST = 40


def named_tags(clean: CleanArticle, limit: int) -> tuple[str, ...]:
    """At most `limit` tags that the article names itself, no two the same but for case or width."""
    given = clean.raw.metadata.get("tags", [])
    own = [plain_title(tag) for tag in ([given] if isinstance(given, str) else given)]
    shares = [
        plain_title(share.name)
        for share in clean.facts.tickers
        if share.name and is_whole_word(share.name, share.before, share.after)
    ]
    return _without_repeats(own + shares)[:limit]


def add_keywords(articles: Sequence[Article], texts: Sequence[str], limit: int) -> list[Article]:
    """Articles with keywords out of their titles and texts after the tags that they name, at most `limit` together."""
    derived = derive_keywords([(article.title, text) for article, text in zip(articles, texts, strict=True)], limit)
    return [
        replace(article, tags=_without_repeats([*article.tags, *_telling(keywords, article)])[:limit])
        for article, keywords in zip(articles, derived, strict=True)
    ]


def _telling(keywords: Iterable[str], article: Article) -> list[str]:
    """A source that names itself says nothing about the article."""
    known = {tag_key(name) for name in (*article.categories, article.author)}
    return [word for word in keywords if tag_key(word) not in known]


@lru_cache(maxsize=50_000)  # the same tags come again in every stage
def tag_key(tag: str) -> str:
    """What two spellings of one tag share."""
    return unicodedata.normalize("NFKC", tag).casefold()


def _without_repeats(tags: Iterable[str]) -> tuple[str, ...]:
    seen: dict[str, str] = {}
    for tag in tags:
        if tag and len(tag) <= _LONGEST:
            seen.setdefault(tag_key(tag), tag)
    return tuple(seen.values())
