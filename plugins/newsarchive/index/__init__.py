"""Stage 6, index: turn the archive into the files of the search index, as (path, text) pairs.

Nothing is written here; docs/search.md describes the format. `count_article_terms` makes the term vector of each
article as bytes, which a cache may keep as long as the article is unchanged. `index_segments` makes the files from the
vectors, one segment after another, and skips segments whose inputs equal those of an earlier build.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from newsarchive.collect import Archive
from newsarchive.config.settings import Settings
from newsarchive.index.files import (
    DocumentColumns,
    File,
    characters_file,
    document_columns,
    manifest_file,
    segment_files,
    segment_paths,
)
from newsarchive.index.merge_postings import merge_terms, plan_term_ranges, split_tasks
from newsarchive.index.segments import Segment, split_segments
from newsarchive.index.shards import split_shards
from newsarchive.index.term_vectors import TermVectors
from newsarchive.index.terms import count_article_terms, count_duplicate_categories
from newsarchive.models import Article

__all__ = ["IndexedSegment", "SegmentRecord", "common_files", "count_articles", "index_archive", "index_segments"]

LoadTerms = Callable[[Sequence[Article]], Sequence[bytes]]
ArticleDigest = Callable[[Article], bytes]

FORMAT_VERSION = 1
"""Increase it whenever equal articles give different files."""


@dataclass(frozen=True, slots=True)
class SegmentRecord:
    """What a later build must know about a segment: the digest of its inputs and its entry in the manifest."""

    digest: str
    manifest_entry: Mapping[str, Any]  # JSON values only

    @property
    def name(self) -> str:
        """Return the name of the segment and of its folder."""
        return str(self.manifest_entry["name"])

    @property
    def paths(self) -> list[str]:
        """Return the paths of the segment's files."""
        return segment_paths(self.manifest_entry)


@dataclass(frozen=True, slots=True)
class IndexedSegment:
    """A segment's record and its files; `files` is None if the files of the earlier build are up to date."""

    record: SegmentRecord
    files: Sequence[File] | None = field(repr=False)


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


Map = Callable[[Callable[[SegmentTask], BuiltSegment], Iterable[SegmentTask]], Iterator[BuiltSegment]]
"""A function like the builtin `map`: results come in the order of the tasks. It may run them in other processes."""


def index_segments(
    articles: Sequence[Article],
    terms_of: LoadTerms,
    digest_of: ArticleDigest,
    settings: Settings,
    *,
    map: Map = map,
    remembered: Mapping[str, SegmentRecord] | None = None,
) -> Iterator[IndexedSegment]:
    """Yield every segment, oldest first.

    - `articles`: in the archive's order; their texts are not read.
    - `terms_of`: returns the term vectors (`count_article_terms`) of the given articles.
    - `digest_of`: returns a digest of an article, including its text.
    - `map`: called at once, so that it may start before the first segment is consumed.
    - `remembered`: the records of an earlier build by segment name.
    """
    known = remembered or {}
    segments = [(segment, _digest(segment, digest_of, settings)) for segment in split_segments(articles)]
    digests = {segment.name: digest for segment, digest in segments}
    kept = {name: record for name, record in known.items() if digests.get(name) == record.digest}
    changed = (_segment_task(segment, terms_of, settings) for segment, _ in segments if segment.name not in kept)
    return _reuse_or_build(digests, kept, map(build_segment, changed))


def _reuse_or_build(
    digests: Mapping[str, str], kept: Mapping[str, SegmentRecord], built: Iterator[BuiltSegment]
) -> Iterator[IndexedSegment]:
    """Yield the kept segments without files and the others with the files from `built`, in order."""
    for name, digest in digests.items():
        if name in kept:
            yield IndexedSegment(kept[name], None)
        else:
            manifest_entry, files = next(built)
            yield IndexedSegment(SegmentRecord(digest, manifest_entry), files)
            del files


def common_files(records: Iterable[SegmentRecord]) -> list[File]:
    """Return the files that all segments share; `records` must hold every segment's record."""
    return [characters_file(), manifest_file([record.manifest_entry for record in records])]


def index_archive(archive: Archive, texts: Mapping[str, str], settings: Settings) -> Iterator[File]:
    """Yield every file of the index in a fixed order; `texts` maps each article's path to its body text."""

    def terms_of(articles: Sequence[Article]) -> Sequence[bytes]:
        return count_article_terms(articles, (texts[article.source] for article in articles))

    records = []
    for segment in index_segments(archive.articles, terms_of, lambda _: b"", settings):
        records.append(segment.record)
        yield from segment.files or ()
    yield from common_files(records)


def _segment_task(segment: Segment, terms_of: LoadTerms, settings: Settings) -> SegmentTask:
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


def _digest(segment: Segment, digest_of: ArticleDigest, settings: Settings) -> str:
    """Return the digest of everything that a segment's files are made from."""
    digest = hashlib.blake2b(
        f"{FORMAT_VERSION} {settings.search_shard_bytes} {segment.share}\n".encode(), digest_size=16
    )
    digest.update(b"".join(map(digest_of, segment.articles)))
    return digest.hexdigest()
