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
CHARACTERS = f"{FOLDER}/characters.js"

DOCUMENTS_PER_CHUNK = 8
"""A page of results loads about as many chunks as it has results: small ones, but not a file for each article."""

BOOSTS = (4, 1, 1)
"""What a word counts in each field. From 1 to 8 for titles, recall@10 moves by .004 (benchmarks/search.py)."""

K1, B = 1.2, 0.75
"""The constants of BM25 (Robertson and Zaragoza 2009), as lunr has them."""

MOST_EXPANSIONS = 100
"""A prefix of more words is searched as their sum: lunr joins sets word by word, which is quadratic."""

_CHARACTERS_FOR_ID = 12

_SUMMARY = 90

File = tuple[str, str]
"""Path and text."""

Part = tuple[str, int, str]
"""Kind and number of a file, and what it hands over, as JSON."""


@dataclass(frozen=True, slots=True)
class Documents:
    """What the files of a segment show of its articles, oldest first."""

    shown: Sequence[Sequence[str]]  # as `_document` gives them
    places: Sequence[tuple[str, str]]  # (section, source)
    days: Sequence[int]  # day 1 is 0001-01-01, 0 is none


def documents_of(articles: Sequence[Article]) -> Documents:
    """Plain values: they can be sent to another process, at less cost than articles."""
    return Documents(
        [_document(article) for article in articles],
        [(article.categories[0] if article.categories else "", article.publication) for article in articles],
        [article.date.toordinal() if article.date else 0 for article in articles],
    )


def segment_files(
    name: str, documents: Documents, lengths: NDArray[np.int64], shards: Iterable[Shard]
) -> tuple[dict[str, Any], list[File]]:
    """What the manifest says of a segment, and its files. `lengths`: tokens in each field (rows) of each document."""
    cut = list(shards)
    levels = quantize_lengths(lengths)
    parts: list[Part] = [
        ("columns", 0, _json(_columns(documents, levels))),
        *_shard_parts(cut),
        *_chunk_parts(documents.shown),
    ]
    identity = _hash(text for _, _, text in parts)
    files = [
        (f"{FOLDER}/{name}/{kind}-{number}.js", _script(f'"{identity}","{kind}",{number},{text}'))
        for kind, number, text in parts
    ]
    described = {
        "name": name,
        "id": identity,
        "documents": len(documents.shown),
        "lengths": np.array(LEVELS)[levels].sum(axis=1).tolist(),
        "shards": pack_terms([shard.first for shard in cut]),
    }
    return described, files


def segment_paths(described: Mapping[str, Any]) -> list[str]:
    """The paths of a segment's files, from what the manifest says of it."""
    counts = {
        "columns": 1,
        "terms": len(list(unpack_terms(described["shards"]))),
        "documents": -(-described["documents"] // DOCUMENTS_PER_CHUNK),
    }
    return [
        f"{FOLDER}/{described['name']}/{kind}-{number}.js" for kind, count in counts.items() for number in range(count)
    ]


def manifest_file(segments: Sequence[Mapping[str, Any]]) -> File:
    """The file that a search loads first: which other files there are, and the constants that it computes with.

    The browser and `newsarchive search` read the constants here, so that they cannot differ.
    """
    manifest = {
        "build": _hash([_json(segments)]),
        "fields": FIELDS,
        "boosts": BOOSTS,
        "k1": K1,
        "b": B,
        "expansions": MOST_EXPANSIONS,
        "levels": LEVELS,
        "chunk": DOCUMENTS_PER_CHUNK,
        "segments": segments,
    }
    return MANIFEST, _script(f'"","manifest",0,{_json(manifest)}')


def characters_file() -> File:
    """The tokeniser's table for the browser."""
    return CHARACTERS, f"newsarchive.readCharacters({_json(read_table())});\n"


def _shard_parts(shards: Sequence[Shard]) -> Iterator[Part]:
    for number, shard in enumerate(shards):
        yield "terms", number, f'{_json(shard.terms)},"{shard.postings}"'  # the alphabet needs no escaping


def _chunk_parts(shown: Sequence[Sequence[str]]) -> Iterator[Part]:
    for begin in range(0, len(shown), DOCUMENTS_PER_CHUNK):
        yield "documents", begin // DOCUMENTS_PER_CHUNK, _json(shown[begin : begin + DOCUMENTS_PER_CHUNK])


def _document(article: Article) -> list[str]:
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
    return summary if len(summary) <= _SUMMARY else summary[: _SUMMARY - 1] + "…"


def _columns(documents: Documents, levels: NDArray[np.intp]) -> dict[str, Any]:
    """What is known of all documents at once, to weigh, filter and count them."""
    distinct = sorted(set(documents.places))
    number_of = {place: number for number, place in enumerate(distinct)}
    gaps = np.diff(np.array([0, *documents.days], np.int64))
    return {
        "lengths": ["".join(map(ALPHABET.__getitem__, of_field)) for of_field in levels.tolist()],
        "places": distinct,  # (section, source)
        "place": encode_numbers(np.array([number_of[place] for place in documents.places], np.uint32)),
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
    return sums.hexdigest()[:_CHARACTERS_FOR_ID]
