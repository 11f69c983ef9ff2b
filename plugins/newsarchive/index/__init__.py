"""Stage 6, index: turn the archive into the files of the search index, as (path, text) pairs.

Nothing is written here; docs/search.md describes the format. `count_article_terms` makes the term vector of each
article as bytes, which a cache may keep as long as the article is unchanged. `index_segments` makes the files from the
vectors, one segment after another, and skips segments whose inputs equal those of an earlier build.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from newsarchive.config.settings import Settings
from newsarchive.index.files import (
    DocumentColumns,
    File,
    characters_file,
    document_columns,
    manifest_file,
    segment_files,
)
from newsarchive.index.merge_postings import merge_terms, plan_term_ranges, split_tasks
from newsarchive.index.segments import Segment, split_segments
from newsarchive.index.shards import split_shards
from newsarchive.index.term_vectors import TermVectors
from newsarchive.index.terms import count_duplicate_categories
from newsarchive.models import Article

__all__ = [
    "Segment",
    "SegmentTask",
    "build_segment",
    "common_files",
    "segment_digest",
    "segment_task",
    "split_segments",
]

LoadTerms = Callable[[Sequence[Article]], Sequence[bytes]]
ArticleDigest = Callable[[Article], bytes]

FORMAT_VERSION = 1
"""Increase it whenever equal articles give different files."""


@dataclass(frozen=True, slots=True)
class SegmentTask:
    """The inputs of one segment, as plain values that can be sent to another process."""

    name: str
    documents: DocumentColumns
    entries: Sequence[tuple[int, bytes]] = field(repr=False)  # (document number, term vector)
    shard_bytes: int


BuiltSegment = tuple[dict[str, Any], list[File]]
"""The segment's entry in the manifest, and its files."""


def build_segment(task: SegmentTask) -> BuiltSegment:
    """Return the manifest entry and the files of a segment.

    Postings are merged one range of the vocabulary at a time, which keeps the arrays small.
    """
    vectors = TermVectors.from_entries(task.entries)
    words, *bigrams = map(merge_terms, split_tasks(vectors, plan_term_ranges(vectors)))
    lengths = vectors.lengths(len(task.documents.stored_fields))
    return segment_files(task.name, task.documents, lengths, split_shards(words, bigrams, task.shard_bytes))


def common_files(manifest_entries: Sequence[Mapping[str, Any]]) -> list[File]:
    """Return the files that all segments share; the entries of all segments make the manifest."""
    return [characters_file(), manifest_file(manifest_entries)]


def segment_task(segment: Segment, terms_of: LoadTerms, settings: Settings) -> SegmentTask:
    """Return the task of a segment; its budget for a shard is its share of the setting, at least 512 bytes."""
    shard_bytes = max(512, int(settings.search_shard_bytes * segment.share))
    entries = tuple(_segment_entries(segment.articles, terms_of))
    return SegmentTask(segment.name, document_columns(segment.articles), entries, shard_bytes)


def _segment_entries(articles: Sequence[Article], terms_of: LoadTerms) -> Iterator[tuple[int, bytes]]:
    """Yield (document number, term vector).

    An article with merged duplicates has a second entry for the duplicates' categories, which are only known after
    `collect`. The entries of a document are added up.
    """
    for number, (article, terms) in enumerate(zip(articles, terms_of(articles), strict=True)):
        yield number, terms
        if article.also_in and (channels := count_duplicate_categories(article)):
            yield number, channels


def segment_digest(segment: Segment, digest_of: ArticleDigest, settings: Settings) -> bytes:
    """Return the digest of everything that a segment's files are made from."""
    digest = hashlib.blake2b(
        f"{FORMAT_VERSION} {settings.search_shard_bytes} {segment.share}\n".encode(), digest_size=16
    )
    digest.update(b"".join(map(digest_of, segment.articles)))
    return digest.digest()
