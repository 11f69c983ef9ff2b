"""The index as files: scripts that call one function, because `file://` allows nothing else (no fetch, no modules).

Every file of a segment names the segment's id, a hash of all it holds, so that a page which still has an old manifest
notices; a segment that did not change is the same to the byte.
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
from newsarchive.index.shards import Shard, pack_terms, unpack_terms
from newsarchive.index.term_vectors import FIELDS
from newsarchive.models import Article

FOLDER = "search"
MANIFEST = f"{FOLDER}/manifest.js"
CHARACTERS_FILE = f"{FOLDER}/characters.js"

DOCUMENTS_PER_CHUNK = 8
"""A page of results loads about as many chunks as it has results: small ones, but not a file for each article."""

BOOSTS = (4, 1, 1)
"""What a word counts in each field. From 1 to 8 for titles, recall@10 moves by .004 (benchmarks/search.py)."""

_ID_LENGTH = 12

_MAX_SUMMARY_CHARACTERS = 90

File = tuple[str, str]
"""Path and text."""

FilePart = tuple[str, int, str]
"""Kind and number of a file, and what it hands over, as JSON."""


@dataclass(frozen=True, slots=True)
class DocumentColumns:
    """What the files of a segment show of its articles, oldest first."""

    stored_fields: Sequence[Sequence[str]]  # as `_document` gives them
    facets: Sequence[tuple[str, str]]  # (section, source)
    days: Sequence[int]  # day 1 is 0001-01-01, 0 is none


def document_columns(articles: Sequence[Article]) -> DocumentColumns:
    """Plain values: they can be sent to another process, at less cost than articles."""
    return DocumentColumns(
        [_stored_fields(article) for article in articles],
        [(article.categories[0] if article.categories else "", article.publication) for article in articles],
        [article.date.toordinal() if article.date else 0 for article in articles],
    )


def segment_files(
    name: str, documents: DocumentColumns, lengths: NDArray[np.int64], shards: Iterable[Shard]
) -> tuple[dict[str, Any], list[File]]:
    """What the manifest says of a segment, and its files. `lengths`: tokens in each field (rows) of each document."""
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


def segment_paths(manifest_entry: Mapping[str, Any]) -> list[str]:
    """The paths of a segment's files, from what the manifest says of it."""
    counts = {
        "columns": 1,
        "terms": len(list(unpack_terms(manifest_entry["shards"]))),
        "documents": -(-manifest_entry["documents"] // DOCUMENTS_PER_CHUNK),
    }
    return [
        f"{FOLDER}/{manifest_entry['name']}/{kind}-{number}.js"
        for kind, count in counts.items()
        for number in range(count)
    ]


def manifest_file(segments: Sequence[Mapping[str, Any]]) -> File:
    """What is loaded first: everything that says which other files a search needs."""
    manifest = {
        "build": _hash([_json(segments)]),
        "fields": FIELDS,
        "boosts": BOOSTS,
        "levels": LEVELS,
        "chunk": DOCUMENTS_PER_CHUNK,
        "segments": segments,
    }
    return MANIFEST, _script(f'"","manifest",0,{_json(manifest)}')


def characters_file() -> File:
    """The tokeniser's table for the browser."""
    return CHARACTERS_FILE, f"newsarchive.readCharacters({_json(read_table())});\n"


def _shard_parts(shards: Sequence[Shard]) -> Iterator[FilePart]:
    for number, shard in enumerate(shards):
        yield "terms", number, f'{_json(shard.terms)},"{shard.postings}"'  # the alphabet needs no escaping


def _chunk_parts(stored_fields: Sequence[Sequence[str]]) -> Iterator[FilePart]:
    for begin in range(0, len(stored_fields), DOCUMENTS_PER_CHUNK):
        yield "documents", begin // DOCUMENTS_PER_CHUNK, _json(stored_fields[begin : begin + DOCUMENTS_PER_CHUNK])


def _stored_fields(article: Article) -> list[str]:
    """Title, address without its ending, date and time in the site's zone, summary, lead image."""
    return [
        article.title,
        article.url.removesuffix(".html"),
        article.date.replace(tzinfo=None).isoformat(" ", "minutes") if article.date else "",
        "" if article.summary == article.title else _shorten(article.summary),
        article.lead.url if article.lead else "",
    ]


def _shorten(summary: str) -> str:
    """As much as a result shows."""
    return summary if len(summary) <= _MAX_SUMMARY_CHARACTERS else summary[: _MAX_SUMMARY_CHARACTERS - 1] + "…"


def _columns(documents: DocumentColumns, levels: NDArray[np.intp]) -> dict[str, Any]:
    """What is known of all documents at once, to weigh, filter and count them."""
    distinct = sorted(set(documents.facets))
    ordinal_of = {facet: number for number, facet in enumerate(distinct)}
    gaps = np.diff(np.array([0, *documents.days], np.int64))
    return {
        "lengths": ["".join(map(ALPHABET.__getitem__, field_levels)) for field_levels in levels.tolist()],
        "places": distinct,  # (section, source)
        "place": encode_numbers(np.array([ordinal_of[facet] for facet in documents.facets], np.uint32)),
        "days": encode_numbers(gaps.astype(np.uint32)),  # since the document before
    }


def _script(arguments: str) -> str:
    return f"newsarchive.receive({arguments});\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _hash(texts: Iterable[str]) -> str:
    sums = hashlib.blake2b(digest_size=16)
    for text in texts:
        sums.update(text.encode("utf-8", "replace") + b"\n")
    return sums.hexdigest()[:_ID_LENGTH]
