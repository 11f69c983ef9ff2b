"""A published site's index: its manifest, its shards and what is known of all documents, read from the files."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from newsarchive.diagnostics import NewsArchiveError
from newsarchive.index.files import FOLDER, MANIFEST
from newsarchive.index.integer_coding import ALPHABET, NumberReader
from newsarchive.index.merge_postings import utf16
from newsarchive.index.shards import unpack_terms

_CALL = re.compile(r"newsarchive\.receive\((.*)\);\n", re.DOTALL)


class NoIndexError(NewsArchiveError):
    """A folder that holds no site with a search, or files of two builds."""


@dataclass(frozen=True, slots=True)
class FieldPosting:
    """Documents that hold a term in one field, ascending, and how often each does."""

    documents: list[int]
    counts: list[int]


Posting = tuple[FieldPosting, ...]
"""A term's postings, a field after the other."""


@dataclass(frozen=True, slots=True)
class PublishedSegment:
    """One segment's files; its documents are numbered from `base` in the archive."""

    folder: Path
    id: str
    base: int
    firsts: Sequence[str]
    _shards: dict[int, dict[str, Posting]] = field(default_factory=dict)

    def shard_of(self, term: str) -> int:
        """The shard that holds a term, if any does; -1 where the term comes before all."""
        return bisect_right(self.firsts, utf16(term), key=utf16) - 1

    def shards_beginning(self, prefix: str) -> set[int]:
        """The shards in which a term with the prefix may stand."""
        starting = {number for number, first in enumerate(self.firsts) if first.startswith(prefix)}
        return starting | {self.shard_of(prefix)}

    def shard(self, number: int, fields: int) -> dict[str, Posting]:
        """The terms of a shard, with postings."""
        if number not in self._shards:
            packed, text = self.part("terms", number)
            self._shards[number] = dict(read_shard(packed, text, fields))
        return self._shards[number]

    def part(self, kind: str, number: int) -> list[Any]:
        """What one file holds. Raises NoIndexError when it is another build's."""
        identity, _, _, *data = _read(self.folder / f"{kind}-{number}.js")
        if identity != self.id:
            raise NoIndexError(f"{self.folder}: not of the same build as its manifest — build the site again")
        return data


@dataclass(frozen=True, slots=True)
class Published:
    """All that is known of the documents at once."""

    fields: Sequence[str]
    boosts: Sequence[float]
    k1: float
    b: float
    expansions: int  # a prefix of more words is searched as their sum
    chunk: int
    segments: Sequence[PublishedSegment]
    lengths: Sequence[Sequence[int]]  # of each field, of each document
    averages: Sequence[float]
    places: Sequence[tuple[str, str]]  # (section, source) of each document
    days: Sequence[int]

    @property
    def documents(self) -> int:
        """How many there are."""
        return len(self.days)

    def collect(
        self, shards: Callable[[PublishedSegment], Iterable[int]], is_wanted: Callable[[str], bool]
    ) -> dict[str, Posting]:
        """The postings of all wanted terms in the given shards of every segment, documents numbered in the archive."""
        found: dict[str, list[tuple[int, Posting]]] = {}
        for segment in self.segments:
            for number in sorted(set(shards(segment)) - {-1}):
                for term, posting in segment.shard(number, len(self.fields)).items():
                    if is_wanted(term):
                        found.setdefault(term, []).append((segment.base, posting))
        return {term: _join(parts, len(self.fields)) for term, parts in found.items()}

    def describe(self, document: int) -> list[str]:
        """Title, address, date, summary, lead image."""
        segment = next(each for each in reversed(self.segments) if each.base <= document)
        number, place = divmod(document - segment.base, self.chunk)
        (chunk,) = segment.part("documents", number)
        described: list[str] = chunk[place]
        return described


def open_published(output: Path) -> Published:
    """The index of the site in `output`. Raises NoIndexError when there is none."""
    _, _, _, manifest = _read(output / MANIFEST)
    fields, levels = manifest["fields"], manifest["levels"]
    segments: list[PublishedSegment] = []
    lengths: list[list[int]] = [[] for _ in fields]
    places: list[tuple[str, str]] = []
    days: list[int] = []
    for described in manifest["segments"]:
        folder = output / FOLDER / described["name"]
        segment = PublishedSegment(folder, described["id"], len(days), list(unpack_terms(described["shards"])))
        (columns,) = segment.part("columns", 0)
        segments.append(segment)
        for number, text in enumerate(columns["lengths"]):
            lengths[number] += [levels[ALPHABET.index(char)] for char in text]
        names = [(section, source) for section, source in columns["places"]]
        places += [names[number] for number in NumberReader(columns["place"]).rest()]
        day = 0
        days += [day := day + gap for gap in NumberReader(columns["days"]).rest()]
    totals = [sum(described["lengths"][number] for described in manifest["segments"]) for number in range(len(fields))]
    averages = [total / max(1, len(days)) for total in totals]
    boosts, k1, b = manifest["boosts"], manifest["k1"], manifest["b"]
    expansions, chunk = manifest["expansions"], manifest["chunk"]
    return Published(fields, boosts, k1, b, expansions, chunk, segments, lengths, averages, places, days)


def _read(path: Path) -> list[Any]:
    try:
        text = path.read_text("utf-8")
    except OSError:
        raise NoIndexError(
            f"{path}: there is no such file — name the folder of a built site that has a search"
        ) from None
    match = _CALL.fullmatch(text)
    if not match:
        raise NoIndexError(f"{path}: not a file of the search — build the site again")
    found: list[Any] = json.loads(f"[{match[1]}]")
    return found


def read_shard(packed: str, text: str, fields: int) -> Iterator[tuple[str, Posting]]:
    """Every term of a shard, and its postings."""
    reader = NumberReader(text)
    for term in unpack_terms(packed):
        head = reader.number()
        size: int | None = (head >> fields) + 1
        posting = []
        for number in range(fields):
            if not head >> number & 1:
                posting.append(FieldPosting([], []))
                continue
            posting.append(_read_field(reader, size if size is not None else reader.number() + 1))
            size = None
        yield term, tuple(posting)


def _read_field(reader: NumberReader, size: int) -> FieldPosting:
    documents, counts, document = [], [], -1
    for _ in range(size):
        mark = reader.mark()
        counts.append(1 if mark is None else mark + 2 if mark < 7 else reader.number() + 9)
        document += reader.number() + 1
        documents.append(document)
    return FieldPosting(documents, counts)


def _join(parts: Sequence[tuple[int, Posting]], fields: int) -> Posting:
    return tuple(
        FieldPosting(
            [document + base for base, posting in parts for document in posting[number].documents],
            [count for _, posting in parts for count in posting[number].counts],
        )
        for number in range(fields)
    )
