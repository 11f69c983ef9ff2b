"""Stage 3, describe: what a clean article is called, when it appeared, what it is about, and where its page lives.

Everything here looks at one article alone: no other article can change the outcome.
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
from newsarchive.describe.tags import add_keywords, named_tags
from newsarchive.describe.titles import plain_title, repair_title
from newsarchive.diagnostics import Diagnostic, RejectedFile
from newsarchive.models import Article, CleanArticle, Facts

__all__ = ["add_keywords", "describe_article"]


def describe_article(clean: CleanArticle, settings: Settings, zone: ZoneInfo) -> Article:
    """The article as pages show it, but for its keywords: those are found in many at once (`add_keywords`).

    Raises RejectedFile for a file with neither title nor text nor image."""
    raw = clean.raw
    diagnostics = [*raw.diagnostics, *clean.diagnostics]
    as_found = plain_title(raw.title)
    title = repair_title(as_found, clean.text, clean.facts.original_title) or _title_without_one(clean, diagnostics)
    date, date_problem = parse_date(raw.text("date"), zone)
    if date_problem:
        diagnostics.append(Diagnostic("date", raw.source, f"{date_problem}: published as undated", "give it a date"))
    categories = tuple(name for each in raw.categories if (name := plain_title(each)))
    if clean.is_long_enough_to_judge and clean.removed_share * 100 > settings.warn_removed_percent:
        lost = f"cleaning took out {clean.removed_share:.0%} of the text"
        diagnostics.append(Diagnostic("loss", raw.source, lost, f"look at it: newsarchive explain {raw.source}"))
    words = count_words(clean.text)
    own_id = article_id(raw.source)
    candidates = lead_candidates(clean)
    return Article(
        source=raw.source,
        id=own_id,
        title=title,
        title_as_found=as_found,
        date=date,
        categories=categories,
        tags=named_tags(clean, settings.tags_per_article),
        author=plain_title(raw.text("author")),
        facts=_plain_facts(clean.facts),
        summary=summarise(clean.text, settings.summary_characters),
        word_count=words,
        reading_minutes=reading_minutes(words),
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


def _plain_facts(facts: Facts) -> Facts:
    """`facts` as plain as a title: lines of a body, where entities may say anything, or patterns of rules gave them."""
    return Facts(
        original_title=plain_title(facts.original_title),
        byline=plain_title(facts.byline),
        editor=plain_title(facts.editor),
        origin=plain_title(facts.origin),
        original_url=facts.original_url if _ADDRESS.match(facts.original_url) else "",
        tickers=facts.tickers,
    )


_ADDRESS = re.compile(r"https?://[^\s\\]+\Z")


def _title_without_one(clean: CleanArticle, diagnostics: list[Diagnostic]) -> str:
    """The first line of the text, or the file's name."""
    first_line = clean.text.partition("\n")[0]
    if not first_line and not clean.images:
        raise RejectedFile(
            Diagnostic("empty", clean.raw.source, "neither title nor text nor image", "delete it, or crawl it again")
        )
    diagnostics.append(
        Diagnostic("title", clean.raw.source, "no title: taken from the text or file name", "give it a title")
    )
    return plain_title(first_line)[:80] or plain_title(PurePosixPath(clean.raw.source).stem)
