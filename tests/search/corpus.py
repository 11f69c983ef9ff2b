"""An archive of several hundred articles, mixed from the sentences of our own samples, and its index on disk."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from msgspec.structs import replace

from collecting import gather, index_files, text_of_body
from conftest import SAMPLE
from newsarchive.build.collect_site import CollectedSite
from newsarchive.collect import Archive, collect_archive
from newsarchive.config.settings import Settings
from newsarchive.describe.ids import article_id
from newsarchive.models import Article
from unit.factories import SHANGHAI

SETTINGS = Settings(search_shard_bytes=2_048)  # small, so that a small archive has many shards


@cache
def sample_articles() -> tuple[Article, ...]:
    """The project's own samples."""
    return _samples().archive.articles


@cache
def _samples() -> CollectedSite:
    return gather(SAMPLE)


@cache
def mixed_archive(count: int = 300) -> Archive:
    """The samples and `count` articles mixed from them, over four years and without a date."""
    samples = sample_articles()
    dice = random.Random(11)
    mixed = [_mix(number, samples, dice) for number in range(count)]
    return collect_archive([*samples, *mixed], SETTINGS)


@cache
def mixed_texts() -> dict[str, str]:
    """The texts of the mixed archive's articles, by path."""
    mixed = [article.source for article in mixed_archive().articles if article.source.startswith("mixed/")]
    return {**_sample_texts(), **{source: _text(source) for source in mixed}}


@cache
def _sample_texts() -> dict[str, str]:
    return {source: text_of_body(html) for source, html in _samples().bodies.items()}


@cache
def _sentences() -> list[str]:
    texts = [_sample_texts()[article.source] for article in sample_articles()]
    return [s for text in texts for s in re.split(r"(?<=[。！？.])|\n", text) if s.strip()]


def _text(source: str) -> str:
    """A text for the mixed article at `source`."""
    dice = random.Random(source)
    return "\n".join(dice.choice(_sentences()) for _ in range(dice.randrange(1, 25)))


def _mix(number: int, samples: tuple[Article, ...], dice: random.Random) -> Article:
    model = dice.choice(samples)
    date = datetime(2019, 1, 1, tzinfo=SHANGHAI) + timedelta(hours=dice.randrange(4 * 365 * 24))
    return replace(
        model,
        source=f"mixed/{number}.md",
        id=article_id(f"mixed/{number}.md"),
        title=f"{dice.choice(samples).title[:12]}{dice.choice(_sentences())[:10]} {number}",
        date=None if number % 50 == 0 else date,
        fingerprint=f"mixed {number}".encode(),
    )


def write_index(archive: Archive, texts: Mapping[str, str], output: Path, settings: Settings = SETTINGS) -> Path:
    """The files of the archive's search, as a build writes them."""
    for path, text in index_files(archive, texts, settings):
        file = output / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return output


def fields_of(article: Article, texts: Mapping[str, str]) -> tuple[str, str, str]:
    """The texts of an article that are indexed; `texts` are those of bodies, by path."""
    names = [name for path in (article.categories, *article.also_in) for name in path]
    return (
        article.title,
        texts[article.source],
        "\n".join(dict.fromkeys([*names, article.publication, *article.tags])),
    )
