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
    Documents,
    File,
    characters_file,
    documents_of,
    manifest_file,
    segment_files,
    segment_paths,
)
from newsarchive.index.merge_postings import cut_tasks, merge_terms, plan_stretches
from newsarchive.index.segments import Segment, cut_segments
from newsarchive.index.shards import cut_shards
from newsarchive.index.term_vectors import PackedTerms
from newsarchive.index.terms import count_articles, count_channels
from newsarchive.models import Article

__all__ = ["IndexedSegment", "SegmentRecord", "common_files", "count_articles", "index_archive", "index_segments"]

TermsOf = Callable[[Sequence[Article]], Sequence[bytes]]
DigestOf = Callable[[Article], bytes]

FORMAT = 1
"""Goes up when the files of the same articles become others."""


@dataclass(frozen=True, slots=True)
class SegmentRecord:
    """What is to be remembered of a segment: a digest of all it was made from, and what the manifest says of it."""

    digest: str
    described: Mapping[str, Any]  # of JSON's types alone

    @property
    def name(self) -> str:
        """The segment's name, and its folder's."""
        return str(self.described["name"])

    @property
    def paths(self) -> list[str]:
        """Its files."""
        return list(segment_paths(self.described))


@dataclass(frozen=True, slots=True)
class IndexedSegment:
    """A segment's record, and its files; no files where the remembered ones are still right."""

    record: SegmentRecord
    files: Sequence[File] | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class SegmentTask:
    """A segment to be made: plain values, for any process."""

    name: str
    documents: Documents
    entries: Sequence[tuple[int, bytes]] = field(repr=False)  # (document, terms); those of a document add up
    shard_bytes: int


Made = tuple[dict[str, Any], list[File]]
"""What the manifest says of a segment, and its files."""


def make_segment(task: SegmentTask) -> Made:
    """A segment's files. Its terms are merged a stretch of the vocabulary after the other: arrays stay small."""
    packed = PackedTerms.of(task.entries)
    words, *pairs = map(merge_terms, cut_tasks(packed, plan_stretches(packed)))
    lengths = packed.lengths(len(task.documents.shown))
    return segment_files(task.name, task.documents, lengths, cut_shards(words, pairs, task.shard_bytes))


Map = Callable[[Callable[[SegmentTask], Made], Iterable[SegmentTask]], Iterator[Made]]
"""As the builtin `map`: what comes out stands in the order of what goes in. Another may work in other processes."""


def index_segments(
    articles: Sequence[Article],
    terms_of: TermsOf,
    digest_of: DigestOf,
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
    segments = [(segment, _digest(segment, digest_of, settings)) for segment in cut_segments(articles)]
    digests = {segment.name: digest for segment, digest in segments}
    kept = {name: record for name, record in known.items() if digests.get(name) == record.digest}
    changed = (_task(segment, terms_of, settings) for segment, _ in segments if segment.name not in kept)
    return _indexed(digests, kept, map(make_segment, changed))


def _indexed(
    digests: Mapping[str, str], kept: Mapping[str, SegmentRecord], made: Iterator[Made]
) -> Iterator[IndexedSegment]:
    for name, digest in digests.items():
        if name in kept:
            yield IndexedSegment(kept[name], None)
        else:
            described, files = next(made)
            yield IndexedSegment(SegmentRecord(digest, described), files)
            del files


def common_files(records: Iterable[SegmentRecord]) -> list[File]:
    """The files that all segments share, when the records of all of them are known."""
    return [characters_file(), manifest_file([record.described for record in records])]


def index_archive(archive: Archive, texts: Mapping[str, str], settings: Settings) -> Iterator[File]:
    """Every file of the index, in a fixed order; `texts` are those of the bodies, by their articles' paths."""

    def terms_of(articles: Sequence[Article]) -> Sequence[bytes]:
        return count_articles(articles, (texts[article.source] for article in articles))

    records = []
    for segment in index_segments(archive.articles, terms_of, lambda _: b"", settings):
        records.append(segment.record)
        yield from segment.files or ()
    yield from common_files(records)


def _task(segment: Segment, terms_of: TermsOf, settings: Settings) -> SegmentTask:
    shard_bytes = max(512, int(settings.search_shard_bytes * segment.share))
    entries = tuple(_entries(segment.articles, terms_of))
    return SegmentTask(segment.name, documents_of(segment.articles), entries, shard_bytes)


def _entries(articles: Sequence[Article], terms_of: TermsOf) -> Iterator[tuple[int, bytes]]:
    """(document, terms); the categories of an article's duplicates are known since it was collected, and come apart."""
    for number, (article, terms) in enumerate(zip(articles, terms_of(articles), strict=True)):
        yield number, terms
        if article.also_in and (channels := count_channels(article)):
            yield number, channels


def _digest(segment: Segment, digest_of: DigestOf, settings: Settings) -> str:
    """Of everything that a segment's files are made from."""
    digest = hashlib.blake2b(f"{FORMAT} {settings.search_shard_bytes} {segment.share}\n".encode(), digest_size=16)
    digest.update(b"".join(map(digest_of, segment.articles)))
    return digest.hexdigest()
