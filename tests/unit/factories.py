"""What unit tests start from: articles with everything left out that a test does not speak of, and tables of cases."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from newsarchive.collect import Archive
from newsarchive.describe.ids import article_id, article_url, fingerprint
from newsarchive.models import (
    Article,
    Bodies,
    CleanArticle,
    CleanHtml,
    Facts,
    Image,
    Metadata,
    RawArticle,
    RawHtml,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
VECTORS = Path(__file__).resolve().parent.parent / "vectors"


def load_cases(table: str, part: str) -> list[Any]:
    """One part of tests/vectors/`table`.json as parameters, each case named by its title."""
    cases = json.loads((VECTORS / f"{table}.json").read_text("utf-8"))[part]
    return [pytest.param(case, id=case["title"]) for case in cases]


def moment(text: str) -> datetime:
    """A time in Shanghai, from `2021-10-10` or `2021-10-10 11:06`."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def make_article(source: str = "a.md", date: str = "2021-10-10", **given: Any) -> Article:
    """An article of the collect stage; an empty `date` is undated. `text` and `images` are those of its body."""
    facts: dict[str, Any] = {
        "id": article_id(source),
        "title": f"标题 {source}",
        "title_as_found": f"标题 {source}",
        "date": moment(date) if date else None,
        "categories": ("财经", "晨报", "要闻"),
        "tags": (),
        "author": "晨报",
        "facts": Facts(),
        "summary": "",
        "word_count": 0,
        "reading_minutes": 1,
        "thumbnail": "",
        "headimg": "",
        "lead_candidates": (),
        "language": "",
        "has_image": False,
        "body": b"",
    }
    text, images = given.pop("text", ""), given.pop("images", ())
    facts |= given
    facts.setdefault("url", article_url(facts["date"], facts["id"]))
    facts.setdefault("lead", next(iter(facts["lead_candidates"]), None))
    return Article(source, fingerprint=fingerprint(facts["title"], text, images, facts["date"]), **facts)


def make_clean_article(
    metadata: Metadata | None = None, text: str = "", images: tuple[Image, ...] = (), facts: Facts | None = None
) -> CleanArticle:
    """An article of the clean stage, at a/b.md."""
    metadata = metadata or {}
    raw = RawArticle("a/b.md", str(metadata.get("title", "")), metadata, RawHtml(""))
    removed: Mapping[str, int] = {}
    return CleanArticle(raw, CleanHtml(f"<p>{text}</p>"), text, facts or Facts(), images, removed)


def bodies_of(archive: Archive) -> Bodies:
    """An empty body for each article."""
    return {article.source: CleanHtml("") for article in archive.articles}
