"""An article's tags: what its front matter says, the shares it names, then keywords out of its words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from newsarchive.articles import CleanArticle
from newsarchive.describe.keywords import derive_keywords, is_whole_word
from newsarchive.describe.titles import plain_title

_LONGEST = 40


def choose_tags(clean: CleanArticle, title: str, limit: int) -> tuple[str, ...]:
    """At most `limit` tags, no two the same but for case or width."""
    given = clean.raw.metadata.get("tags", [])
    own = [plain_title(tag) for tag in ([given] if isinstance(given, str) else given)]
    shares = [
        plain_title(share.name)
        for share in clean.facts.tickers
        if share.name and is_whole_word(share.name, share.before, share.after)
    ]
    tags = _without_repeats(own + shares)
    if len(tags) < limit:
        # A source that names itself says nothing about the article.
        known = {tag_key(plain_title(name)) for name in (*clean.raw.categories, clean.raw.text("author"))}
        keywords = [word for word in derive_keywords(title, clean.text, limit) if tag_key(word) not in known]
        tags = _without_repeats([*tags, *keywords])
    return tuple(tags[:limit])


@lru_cache(maxsize=50_000)  # the same tags come again in every stage
def tag_key(tag: str) -> str:
    """What two spellings of one tag share."""
    return unicodedata.normalize("NFKC", tag).casefold()


def _without_repeats(tags: Iterable[str]) -> list[str]:
    seen: dict[str, str] = {}
    for tag in tags:
        if tag and len(tag) <= _LONGEST:
            seen.setdefault(tag_key(tag), tag)
    return list(seen.values())
