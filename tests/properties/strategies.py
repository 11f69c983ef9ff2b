"""What properties are tried on: hostile texts, articles, moments, file trees."""

from __future__ import annotations

import string
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st

from newsarchive.describe.ids import article_id, article_url, fingerprint
from newsarchive.models import Article, Facts

# The same examples in every run, and no folder of them: a property that fails here fails everywhere.
property_test = settings(max_examples=100, deadline=None, derandomize=True, database=None)
quick_property_test = settings(property_test, max_examples=400)
slow_property_test = settings(property_test, max_examples=25)

ZONE = ZoneInfo("Asia/Shanghai")

# What titles, names and addresses are made of, and what breaks them: marks, joiners, bidi, quotes, braces, slashes.
TELLING = (
    "北京新闻“”‘’：，。！？（）【】《》 abcXYZ0189_-–—/\\:*?<>|[]{}()\"'`&;#%@=+~.,!\t\n\r\0\x1b\x85\u00a0\u3000"
    "\u0300\u0301\u0489\u200b\u200d\u200e\u202e\u2066\u2028\ufeff\u3164éßİıſﬁＡ１²½👍👨\U000e0041\ufffd"
)

hostile_text = st.text(st.sampled_from(TELLING) | st.characters(exclude_categories=["Cs"]), max_size=80)

# No surrogates: decoding lets none through.
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)

sentences = st.lists(
    st.text("北京市新闻abc123“”", min_size=1, max_size=30).flatmap(
        lambda words: st.sampled_from(["。", "！", "？", ". ", "，", "\n", " ", ""]).map(lambda end: words + end)
    ),
    max_size=40,
).map("".join)


def moments_since(first: datetime) -> st.SearchStrategy[datetime]:
    """Whole seconds in Shanghai, from `first` to the end of what news can have."""
    return st.datetimes(first, datetime(2100, 12, 31)).map(lambda moment: moment.replace(microsecond=0, tzinfo=ZONE))


names = st.text(string.ascii_lowercase + "北京", min_size=1, max_size=6)


def article(source: str, **given: Any) -> Article:
    """An article of the collect stage with everything left out that is not given."""
    facts: dict[str, Any] = {
        "id": article_id(source),
        "title": "标题",
        "title_as_found": "标题",
        "date": None,
        "categories": (),
        "tags": (),
        "author": "",
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
    text = given.pop("text", "")
    facts |= given
    facts.setdefault("url", article_url(facts["date"], facts["id"]))
    return Article(source, fingerprint=fingerprint(facts["title"], text, (), facts["date"]), **facts)


@st.composite
def archives(draw: st.DrawFn, most: int = 12) -> list[Article]:
    """Articles of few titles, texts and days, so that many of them are duplicates."""
    few = st.sampled_from
    return [
        article(
            f"{number}.md",
            title=draw(few(["甲", "乙"])),
            text=draw(few(["早报", "同一篇文章，长到不会有第二篇一样的。" * 3])),
            date=draw(st.none() | few([datetime(2021, 10, day, tzinfo=ZONE) for day in (10, 11)])),
            categories=draw(few([(), ("财经",), ("财经", "晨报"), ("科技", "晨报", "要闻")])),
            tags=draw(few([(), ("AI",), ("ai", "芯片")])),
        )
        for number in range(draw(st.integers(0, most)))
    ]
