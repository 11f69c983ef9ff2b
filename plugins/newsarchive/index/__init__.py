"""Stage 6, index: the archive → the search's files, as (path, text) pairs. Writes nothing (docs/search.md).

`count_articles` gives the terms of articles as bytes, which can be kept as long as the article is the same;
`index_segments` makes the files of them, a segment after the other, and leaves out what an earlier build made of the
same.
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
"""Goes up when the files of the same articles become others."""


@dataclass(frozen=True, slots=True)
class SegmentRecord:
    """What is to be remembered of a segment: a digest of all it was made from, and what the manifest says of it."""

    digest: str
    manifest_entry: Mapping[str, Any]  # of JSON's types alone

    @property
    def name(self) -> str:
        """The segment's name, and its folder's."""
        return str(self.manifest_entry["name"])

    @property
    def paths(self) -> list[str]:
        """Its files."""
        return segment_paths(self.manifest_entry)


@dataclass(frozen=True, slots=True)
class IndexedSegment:
    """A segment's record, and its files; no files where the remembered ones are still right."""

    record: SegmentRecord
    files: Sequence[File] | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class SegmentTask:
    """A segment to be made: plain values, for any process."""

    name: str
    documents: DocumentColumns
    entries: Sequence[tuple[int, bytes]] = field(repr=False)  # (document, terms); those of a document add up
    shard_bytes: int


BuiltSegment = tuple[dict[str, Any], list[File]]
"""What the manifest says of a segment, and its files."""


def build_segment(task: SegmentTask) -> BuiltSegment:
    """A segment's files. Its terms are merged a stretch of the vocabulary after the other: arrays stay small."""
    vectors = TermVectors.from_entries(task.entries)
    words, *bigrams = map(merge_terms, split_tasks(vectors, plan_term_ranges(vectors)))
    lengths = vectors.lengths(len(task.documents.stored_fields))
    return segment_files(task.name, task.documents, lengths, split_shards(words, bigrams, task.shard_bytes))


Map = Callable[[Callable[[SegmentTask], BuiltSegment], Iterable[SegmentTask]], Iterator[BuiltSegment]]
"""As the builtin `map`: what comes out stands in the order of what goes in. Another may work in other processes."""


def index_segments(
    articles: Sequence[Article],
    terms_of: LoadTerms,
    digest_of: ArticleDigest,
    settings: Settings,
    *,
    map: Map = map,
    remembered: Mapping[str, SegmentRecord] | None = None,
) -> Iterator[IndexedSegment]:
    """Every segment, the oldest first. `map` is asked at once, and may begin before the first segment is.

    `articles` are in the archive's order, and their texts are not looked at: `terms_of` gives what `count_articles`
    made of some of them, and `digest_of` a digest of an article, its text too. `remembered` holds an earlier build's
    records by name.
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
    for name, digest in digests.items():
        if name in kept:
            yield IndexedSegment(kept[name], None)
        else:
            manifest_entry, files = next(built)
            yield IndexedSegment(SegmentRecord(digest, manifest_entry), files)
            del files


def common_files(records: Iterable[SegmentRecord]) -> list[File]:
    """The files that all segments share, when the records of all of them are known."""
    return [characters_file(), manifest_file([record.manifest_entry for record in records])]


def index_archive(archive: Archive, texts: Mapping[str, str], settings: Settings) -> Iterator[File]:
    """Every file of the index, in a fixed order; `texts` are those of the bodies, by their articles' paths."""

    def terms_of(articles: Sequence[Article]) -> Sequence[bytes]:
        return count_article_terms(articles, (texts[article.source] for article in articles))

    records = []
    for segment in index_segments(archive.articles, terms_of, lambda _: b"", settings):
        records.append(segment.record)
        yield from segment.files or ()
    yield from common_files(records)


def _segment_task(segment: Segment, terms_of: LoadTerms, settings: Settings) -> SegmentTask:
    shard_bytes = max(512, int(settings.search_shard_bytes * segment.share))
    entries = tuple(_segment_entries(segment.articles, terms_of))
    return SegmentTask(segment.name, document_columns(segment.articles), entries, shard_bytes)


def _segment_entries(articles: Sequence[Article], terms_of: LoadTerms) -> Iterator[tuple[int, bytes]]:
    """(document, terms); the categories of an article's duplicates are known since it was collected, and come apart."""
    for number, (article, terms) in enumerate(zip(articles, terms_of(articles), strict=True)):
        yield number, terms
        if article.also_in and (channels := count_duplicate_categories(article)):
            yield number, channels


def _digest(segment: Segment, digest_of: ArticleDigest, settings: Settings) -> str:
    """Of everything that a segment's files are made from."""
    digest = hashlib.blake2b(
        f"{FORMAT_VERSION} {settings.search_shard_bytes} {segment.share}\n".encode(), digest_size=16
    )
    digest.update(b"".join(map(digest_of, segment.articles)))
    return digest.hexdigest()
