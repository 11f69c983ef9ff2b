"""An archive of several hundred articles, mixed from the sentences of our own samples, and its index on disk."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from conftest import PROJECT
from newsarchive.articles import Article
from newsarchive.build import gather
from newsarchive.cli import _plan
from newsarchive.collect import Archive, collect_archive
from newsarchive.describe.identity import article_id
from newsarchive.index import index_archive
from newsarchive.settings import Settings
from unit.making import SHANGHAI

SETTINGS = Settings(search_shard_bytes=2_048)  # small, so that a small archive has many shards


@cache
def sample_articles() -> tuple[Article, ...]:
    """The project's own samples."""
    return gather(_plan(PROJECT / "content")).archive.articles


@cache
def mixed_archive(count: int = 300) -> Archive:
    """The samples and `count` articles mixed from them, over four years and without a date."""
    samples = sample_articles()
    dice = random.Random(11)
    sentences = [s for article in samples for s in re.split(r"(?<=[。！？.])|\n", article.text) if s.strip()]
    mixed = [_mix(number, samples, sentences, dice) for number in range(count)]
    return collect_archive([*samples, *mixed], SETTINGS)


def _mix(number: int, samples: tuple[Article, ...], sentences: list[str], dice: random.Random) -> Article:
    model = dice.choice(samples)
    date = datetime(2019, 1, 1, tzinfo=SHANGHAI) + timedelta(hours=dice.randrange(4 * 365 * 24))
    return replace(
        model,
        source=f"mixed/{number}.md",
        id=article_id(f"mixed/{number}.md"),
        title=f"{dice.choice(samples).title[:12]}{dice.choice(sentences)[:10]} {number}",
        date=None if number % 50 == 0 else date,
        text="\n".join(dice.choice(sentences) for _ in range(dice.randrange(1, 25))),
    )


def write_index(archive: Archive, output: Path, settings: Settings = SETTINGS) -> Path:
    """The files of the archive's search, as a build writes them."""
    for path, text in index_archive(archive, settings):
        file = output / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return output


def fields_of(article: Article) -> tuple[str, str, str]:
    """The texts that are indexed."""
    names = [name for path in (article.categories, *article.also_in) for name in path]
    return article.title, article.text, "\n".join(dict.fromkeys([*names, article.publication, *article.tags]))
