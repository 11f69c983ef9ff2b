"""Read the search index of a published site: its manifest, its shards, and the columns of its documents.

The format is written by `index/files.py`; theme/static/js/search-index.js reads it in the browser.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from newsarchive.diagnostics import NewsArchiveError
from newsarchive.fs.untrusted_files import RefusedFile, read_file
from newsarchive.index.files import FOLDER, MANIFEST
from newsarchive.index.integer_coding import ALPHABET, NumberReader
from newsarchive.index.merge_postings import utf16_key
from newsarchive.index.shards import unpack_terms

_MAX_BYTES = 200_000_000  # of one file; the whole search of 100,000 articles has as many

_CALL = re.compile(r"newsarchive\.receive\((.*)\);\n", re.DOTALL)


class NoIndexError(NewsArchiveError):
    """The folder holds no site with a search index, or files of different builds."""


@dataclass(frozen=True, slots=True)
class FieldPosting:
    """The documents with a term in one field, ascending, and the term frequency in each."""

    documents: list[int]
    counts: list[int]


Posting = tuple[FieldPosting, ...]
"""The postings of a term in each field."""


@dataclass(frozen=True, slots=True)
class PublishedSegment:
    """The files of one segment.

    `first_document` is the archive's number of the segment's first document; `first_terms` are the first terms of its
    shards.
    """

    output: Path
    name: str
    id: str
    first_document: int
    first_terms: Sequence[str]
    _shards: dict[int, dict[str, Posting]] = field(default_factory=dict)

    def shard_for(self, term: str) -> int:
        """Return the number of the shard that may hold `term`, −1 if the term sorts before all shards."""
        return bisect_right(self.first_terms, utf16_key(term), key=utf16_key) - 1

    def shards_with_prefix(self, prefix: str) -> set[int]:
        """Return the numbers of the shards that may hold terms beginning with `prefix`, possibly −1."""
        matching = {number for number, first in enumerate(self.first_terms) if first.startswith(prefix)}
        return matching | {self.shard_for(prefix)}

    def shard(self, number: int, fields: int) -> dict[str, Posting]:
        """Return the terms of a shard with their postings; each shard is read once."""
        if number not in self._shards:
            packed, text = self.read_part("terms", number)
            self._shards[number] = dict(read_shard(packed, text, fields))
        return self._shards[number]

    def read_part(self, kind: str, number: int) -> list[Any]:
        """Return the data of one file of the segment.

        Raises NoIndexError if the file is missing or belongs to another build.
        """
        segment_id, _, _, *data = _read(self.output, f"{FOLDER}/{self.name}/{kind}-{number}.js")
        if segment_id != self.id:
            raise NoIndexError(
                f"{self.output / FOLDER / self.name}: not of the same build as its manifest — build the site again"
            )
        return data


@dataclass(frozen=True, slots=True)
class PublishedIndex:
    """The manifest and the columns of all documents.

    - `chunk`: documents per file of stored fields.
    - `lengths`: quantised number of tokens, by field and document; `averages`: their mean by field.
    - `facets`: (section, source) of each document.
    - `days`: proleptic Gregorian ordinal of each document's date, 0 if undated.
    """

    fields: Sequence[str]
    boosts: Sequence[float]
    k1: float
    b: float
    max_expansions: int
    chunk: int
    segments: Sequence[PublishedSegment]
    lengths: Sequence[Sequence[int]]
    averages: Sequence[float]
    facets: Sequence[tuple[str, str]]
    days: Sequence[int]

    @property
    def document_count(self) -> int:
        """Return the number of documents."""
        return len(self.days)

    def load_postings(
        self, shards: Callable[[PublishedSegment], Iterable[int]], is_wanted: Callable[[str], bool]
    ) -> dict[str, Posting]:
        """Return the postings of all terms that `is_wanted` accepts.

        `shards` returns the numbers of the shards to read in a segment; −1 is ignored. Documents are numbered in the
        archive.
        """
        found: dict[str, list[tuple[int, Posting]]] = {}
        for segment in self.segments:
            for number in sorted(set(shards(segment)) - {-1}):
                for term, posting in segment.shard(number, len(self.fields)).items():
                    if is_wanted(term):
                        found.setdefault(term, []).append((segment.first_document, posting))
        return {term: _concatenate(parts, len(self.fields)) for term, parts in found.items()}

    def stored_fields(self, document: int) -> list[str]:
        """Return title, address without `.html`, date, summary, and URL of the lead image of a document."""
        segment = next(each for each in reversed(self.segments) if each.first_document <= document)
        number, offset = divmod(document - segment.first_document, self.chunk)
        (chunk,) = segment.read_part("documents", number)
        fields: list[str] = chunk[offset]
        return fields


def open_published(output: Path) -> PublishedIndex:
    """Return the search index of the site in the folder `output`.

    Raises NoIndexError if there is none.
    """
    _, _, _, manifest = _read(output, MANIFEST)
    fields, levels = manifest["fields"], manifest["levels"]
    segments: list[PublishedSegment] = []
    lengths: list[list[int]] = [[] for _ in fields]
    facets: list[tuple[str, str]] = []
    days: list[int] = []
    for manifest_entry in manifest["segments"]:
        shards = list(unpack_terms(manifest_entry["shards"]))
        segment = PublishedSegment(output, manifest_entry["name"], manifest_entry["id"], len(days), shards)
        (columns,) = segment.read_part("columns", 0)
        segments.append(segment)
        for number, text in enumerate(columns["lengths"]):
            lengths[number] += [levels[ALPHABET.index(char)] for char in text]
        names = [(section, source) for section, source in columns["places"]]
        facets += [names[number] for number in NumberReader(columns["place"]).read_all()]
        day = 0
        days += [day := day + gap for gap in NumberReader(columns["days"]).read_all()]
    totals = [
        sum(manifest_entry["lengths"][number] for manifest_entry in manifest["segments"])
        for number in range(len(fields))
    ]
    averages = [total / max(1, len(days)) for total in totals]
    boosts, k1, b = manifest["boosts"], manifest["k1"], manifest["b"]
    max_expansions, chunk = manifest["max_expansions"], manifest["chunk"]
    return PublishedIndex(fields, boosts, k1, b, max_expansions, chunk, segments, lengths, averages, facets, days)


def _read(output: Path, path: str) -> list[Any]:
    """Return the arguments of the call in a script of the index, decoded from JSON.

    Raises NoIndexError if the file is missing, is refused, or is no such script.
    """
    location = output / path
    try:
        text = read_file(output, path, _MAX_BYTES).decode("utf-8")
    except RefusedFile as refused:
        if not isinstance(refused.__cause__, FileNotFoundError | NotADirectoryError):
            raise NoIndexError(str(refused)) from None
        raise NoIndexError(f"{location}: no such file — give the folder of a built site with a search index") from None
    match = _CALL.fullmatch(text)
    if not match:
        raise NoIndexError(f"{location}: not a search index file — build the site again")
    found: list[Any] = json.loads(f"[{match[1]}]")
    return found


def read_shard(packed: str, text: str, fields: int) -> Iterator[tuple[str, Posting]]:
    """Yield each term of a shard with its postings, decoded from `text` (format: `index/postings.py`)."""
    reader = NumberReader(text)
    for term in unpack_terms(packed):
        header = reader.read_number()
        size: int | None = (header >> fields) + 1
        posting = []
        for number in range(fields):
            if not header >> number & 1:
                posting.append(FieldPosting([], []))
                continue
            posting.append(_read_field(reader, size if size is not None else reader.read_number() + 1))
            size = None
        yield term, tuple(posting)


def _read_field(reader: NumberReader, size: int) -> FieldPosting:
    """Decode `size` postings of one field."""
    documents, counts, document = [], [], -1
    for _ in range(size):
        flag = reader.read_flag()
        counts.append(1 if flag is None else flag + 2 if flag < 7 else reader.read_number() + 9)
        document += reader.read_number() + 1
        documents.append(document)
    return FieldPosting(documents, counts)


def _concatenate(parts: Sequence[tuple[int, Posting]], fields: int) -> Posting:
    """Join a term's postings of several segments, given with the number of each segment's first document."""
    return tuple(
        FieldPosting(
            [document + first_document for first_document, posting in parts for document in posting[number].documents],
            [count for _, posting in parts for count in posting[number].counts],
        )
        for number in range(fields)
    )
