"""The files of the search index: scripts that call one function with their data.

Pages opened from `file://` can load neither JSON nor modules, only classic scripts. Every file of a segment contains
the segment's id, a hash of all its contents, so a page with an outdated manifest notices the mismatch. The files of an
unchanged segment are equal to the byte.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsarchive.index.characters import read_table
from newsarchive.index.integer_coding import ALPHABET, encode_numbers
from newsarchive.index.quantized_lengths import LEVELS, quantize_lengths
from newsarchive.index.shards import Shard, pack_terms
from newsarchive.index.term_vectors import FIELDS
from newsarchive.models import Article

FOLDER = "search"
MANIFEST = f"{FOLDER}/manifest.js"
CHARACTERS_FILE = f"{FOLDER}/characters.js"

DOCUMENTS_PER_CHUNK = 8
"""A results page loads about one chunk per hit, so chunks are small; one file per article would be too many."""

BOOSTS = (4, 1, 1)
"""Boost of each field. Recall@10 changes by .004 for title boosts from 1 to 8 (benchmarks/search.py)."""

K1, B = 1.2, 0.75
"""The parameters of BM25 (Robertson & Zaragoza 2009), with lunr's defaults."""

MAX_EXPANSIONS = 100
"""Prefixes with more expansions are searched as one summed term: lunr joins sets term by term, which is quadratic."""

_ID_LENGTH = 12

_MAX_SUMMARY_CHARACTERS = 90

File = tuple[str, str]
"""Path and text."""

FilePart = tuple[str, int, str]
"""Kind and number of a file, and the data it passes to the browser, as JSON."""


@dataclass(frozen=True, slots=True)
class DocumentColumns:
    """The stored fields and facets of a segment's documents, oldest first; parallel lists."""

    stored_fields: Sequence[Sequence[str]]  # see `_stored_fields`
    facets: Sequence[tuple[str, str]]  # (section, source)
    days: Sequence[int]  # proleptic Gregorian ordinal (day 1 is 0001-01-01), 0 for undated


def document_columns(articles: Sequence[Article]) -> DocumentColumns:
    """Return what a segment's files store about its articles.

    Plain values can be sent to another process at less cost than articles.
    """
    return DocumentColumns(
        [_stored_fields(article) for article in articles],
        [(article.categories[0] if article.categories else "", article.publication) for article in articles],
        [article.date.toordinal() if article.date else 0 for article in articles],
    )


def segment_files(
    name: str, documents: DocumentColumns, lengths: NDArray[np.int64], shards: Iterable[Shard]
) -> tuple[dict[str, Any], list[File]]:
    """Return a segment's entry in the manifest, and its files.

    `lengths` is int64, shape (fields, documents): the number of tokens.
    """
    all_shards = list(shards)
    levels = quantize_lengths(lengths)
    parts: list[FilePart] = [
        ("columns", 0, _json(_columns(documents, levels))),
        *_shard_parts(all_shards),
        *_chunk_parts(documents.stored_fields),
    ]
    segment_id = _hash(text for _, _, text in parts)
    files = [
        (f"{FOLDER}/{name}/{kind}-{number}.js", _script(f'"{segment_id}","{kind}",{number},{text}'))
        for kind, number, text in parts
    ]
    manifest_entry = {
        "name": name,
        "id": segment_id,
        "documents": len(documents.stored_fields),
        "lengths": np.array(LEVELS)[levels].sum(axis=1).tolist(),
        "shards": pack_terms([shard.first for shard in all_shards]),
    }
    return manifest_entry, files


def manifest_file(segments: Sequence[Mapping[str, Any]]) -> File:
    """Return the manifest: the file that is loaded first and says which other files a query needs."""
    manifest = {
        "build": _hash([_json(segments)]),
        "fields": FIELDS,
        "boosts": BOOSTS,
        "k1": K1,
        "b": B,
        "max_expansions": MAX_EXPANSIONS,
        "levels": LEVELS,
        "chunk": DOCUMENTS_PER_CHUNK,
        "segments": segments,
    }
    return MANIFEST, _script(f'"","manifest",0,{_json(manifest)}')


def characters_file() -> File:
    """Return the tokeniser's character table for the browser."""
    return CHARACTERS_FILE, f"newsarchive.readCharacters({_json(read_table())});\n"


def _shard_parts(shards: Sequence[Shard]) -> Iterator[FilePart]:
    for number, shard in enumerate(shards):
        yield "terms", number, f'{_json(shard.terms)},"{shard.postings}"'  # the postings' alphabet needs no escaping


def _chunk_parts(stored_fields: Sequence[Sequence[str]]) -> Iterator[FilePart]:
    for begin in range(0, len(stored_fields), DOCUMENTS_PER_CHUNK):
        yield "documents", begin // DOCUMENTS_PER_CHUNK, _json(stored_fields[begin : begin + DOCUMENTS_PER_CHUNK])


def _stored_fields(article: Article) -> list[str]:
    """Return title, address without `.html`, local date and time, summary, and URL of the lead image."""
    return [
        article.title,
        article.url.removesuffix(".html"),
        article.date.replace(tzinfo=None).isoformat(" ", "minutes") if article.date else "",
        "" if article.summary == article.title else _shorten(article.summary),
        article.lead.url if article.lead else "",
    ]


def _shorten(summary: str) -> str:
    """Cut the summary to the 90 characters that a result shows."""
    return summary if len(summary) <= _MAX_SUMMARY_CHARACTERS else summary[: _MAX_SUMMARY_CHARACTERS - 1] + "…"


def _columns(documents: DocumentColumns, levels: NDArray[np.intp]) -> dict[str, Any]:
    """Return what scoring, filtering and faceting need of all documents: lengths, section and source, days."""
    distinct = sorted(set(documents.facets))
    ordinal_of = {facet: number for number, facet in enumerate(distinct)}
    gaps = np.diff(np.array([0, *documents.days], np.int64))
    return {
        "lengths": ["".join(map(ALPHABET.__getitem__, field_levels)) for field_levels in levels.tolist()],
        "places": distinct,  # (section, source)
        "place": encode_numbers(np.array([ordinal_of[facet] for facet in documents.facets], np.uint32)),
        "days": encode_numbers(gaps.astype(np.uint32)),  # gap to the previous document
    }


def _script(arguments: str) -> str:
    return f"newsarchive.receive({arguments});\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _hash(texts: Iterable[str]) -> str:
    """Return 12 hexadecimal digits of the BLAKE2b hash of `texts`."""
    sums = hashlib.blake2b(digest_size=16)
    for text in texts:
        sums.update(text.encode("utf-8", "replace") + b"\n")
    return sums.hexdigest()[:_ID_LENGTH]
