"""Stage 3, describe: derive an article's title, date, tags, summary and address from its cleaned text.

Each function looks at one article, so no other article can change its result. Whatever compares articles (duplicates,
id collisions, related articles) belongs to `collect`.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

from newsarchive.cache.fingerprints import fingerprint_of_bytes
from newsarchive.config.settings import Settings
from newsarchive.describe.dates import parse_date
from newsarchive.describe.ids import article_id, article_url, fingerprint
from newsarchive.describe.languages import detect_language
from newsarchive.describe.lead_images import lead_candidates
from newsarchive.describe.summaries import count_words, reading_minutes, summarise
from newsarchive.describe.tags import add_keywords, explicit_tags
from newsarchive.describe.titles import plain_title, repair_title
from newsarchive.diagnostics import Diagnostic, RejectedFile
from newsarchive.models import Article, CleanArticle, Facts

__all__ = ["add_keywords", "describe_article"]


def describe_article(clean: CleanArticle, settings: Settings, zone: ZoneInfo) -> Article:
    """Return the article as pages show it, without keywords.

    `add_keywords` adds the keywords afterwards, because they are derived for many articles at once. Problems that do
    not prevent publication (no title, no date, a large share of the text removed) become diagnostics of the article.

    Raises RejectedFile if the file has no title, no text and no image.
    """
    raw = clean.raw
    diagnostics = [*raw.diagnostics, *clean.diagnostics]
    unrepaired = plain_title(raw.title)
    title = repair_title(unrepaired, clean.text, clean.facts.original_title) or _fallback_title(clean, diagnostics)
    date, date_problem = parse_date(raw.text("date"), zone)
    if date_problem:
        diagnostics.append(Diagnostic("date", raw.source, f"{date_problem}: published as undated", "add a date"))
    categories = tuple(name for each in raw.categories if (name := plain_title(each)))
    if clean.is_long_enough_to_judge and clean.removed_share * 100 > settings.warn_removed_percent:
        message = f"cleaning removed {clean.removed_share:.0%} of the text"
        diagnostics.append(Diagnostic("loss", raw.source, message, f"run newsarchive explain {raw.source}"))
    word_count = count_words(clean.text)
    own_id = article_id(raw.source)
    candidates = lead_candidates(clean)
    return Article(
        source=raw.source,
        id=own_id,
        title=title,
        title_as_found=unrepaired,
        date=date,
        categories=categories,
        tags=explicit_tags(clean, settings.tags_per_article),
        author=plain_title(raw.text("author")),
        facts=_facts_as_plain_text(clean.facts),
        summary=summarise(clean.text, settings.summary_characters),
        word_count=word_count,
        reading_minutes=reading_minutes(word_count),
        thumbnail=raw.text("thumbnail"),
        headimg=raw.text("headimg"),
        lead_candidates=candidates,
        fingerprint=fingerprint(title, clean.text, clean.images, date),
        language=detect_language(clean.text or title),
        has_image=bool(clean.images),
        body=fingerprint_of_bytes(clean.html.encode("utf-8", "surrogatepass")),
        removed=clean.removed,
        diagnostics=tuple(diagnostics),
        lead=next(iter(candidates), None),
        url=article_url(date, own_id),
    )


def _facts_as_plain_text(facts: Facts) -> Facts:
    """Return `facts` with every value normalised by `plain_title`.

    The values come from lines of the body, which may contain any HTML entity, or from patterns of rule files. A URL
    that is not an absolute http(s) address becomes "".
    """
    return Facts(
        original_title=plain_title(facts.original_title),
        byline=plain_title(facts.byline),
        editor=plain_title(facts.editor),
        origin=plain_title(facts.origin),
        original_url=facts.original_url if _HTTP_URL.match(facts.original_url) else "",
        tickers=facts.tickers,
    )


_HTTP_URL = re.compile(r"https?://[^\s\\]+\Z")


def _fallback_title(clean: CleanArticle, diagnostics: list[Diagnostic]) -> str:
    """Return the first line of the text (at most 80 characters), or the file name without its extension.

    Raises RejectedFile if there is neither text nor image.
    """
    first_line = clean.text.partition("\n")[0]
    if not first_line and not clean.images:
        raise RejectedFile(
            Diagnostic(
                "empty", clean.raw.source, "no title, no text and no image", "delete the file, or crawl it again"
            )
        )
    diagnostics.append(
        Diagnostic("title", clean.raw.source, "no title: taken from the text or file name", "add a title")
    )
    return plain_title(first_line)[:80] or plain_title(PurePosixPath(clean.raw.source).stem)
