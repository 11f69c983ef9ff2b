"""What a source repeats around its articles: learnt from all of them, taken out of each.

A line or picture that stands at the head or tail of several different articles of one source belongs to the source.
Only counting decides, never a share of all articles, so a verdict once reached stays when more articles come.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from hashlib import blake2b

from newsarchive.articles import CleanArticle, CleanHtml
from newsarchive.clean.cues import find_cue
from newsarchive.clean.seal import pictures_of, text_of, without_blocks, without_pictures

# Refrains, cast lists and legal notices repeat too, but hardly in three articles of different text.
_LEAST_ARTICLES = 3
_LEAST_OF_PROSE, _LONG = 8, 50
_LEAST_AT_HEAD = 4  # columns greet their readers, and a dateline may recur

# Where boilerplate stands, in blocks from either end.
_HEAD, _TAIL = 2, 8

_MOST_TEXT = 0.4  # what repeats for the most part is a form, and its filled-in lines are the article

# Han characters count twice. Lighter lines are names of people in credits; heavier ones are text.
_LIGHTEST, _HEAVIEST = 16, 600


@dataclass(frozen=True, slots=True)
class Repetition:
    """Per source: fingerprints of lines at the head, lines at the tail, and pictures anywhere that are its own."""

    heads: Mapping[str, frozenset[bytes]] = field(default_factory=dict)
    tails: Mapping[str, frozenset[bytes]] = field(default_factory=dict)
    pictures: Mapping[str, frozenset[bytes]] = field(default_factory=dict)


def learn_repetition(articles: Iterable[CleanArticle]) -> Repetition:
    """What recurs in the sources' articles. Articles of equal text count once, however many files they came in."""
    heads: dict[str, dict[bytes, set[bytes]]] = defaultdict(lambda: defaultdict(set))
    tails: dict[str, dict[bytes, set[bytes]]] = defaultdict(lambda: defaultdict(set))
    pictures: dict[str, dict[bytes, set[bytes]]] = defaultdict(lambda: defaultdict(set))
    prose: set[bytes] = set()
    for article in articles:
        source, body = article.raw.publication, _fingerprint(article.text + article.raw.title)
        for place, block in enumerate(article.blocks):
            if line := _line_fingerprint(block):
                if _is_prose(text_of(block)):
                    prose.add(line)
                if place < _HEAD:
                    heads[source][line].add(body)
                if place >= len(article.blocks) - _TAIL:
                    tails[source][line].add(body)
            for picture in pictures_of(block):
                pictures[source][_fingerprint(picture.url)].add(body)
    return Repetition(
        _recurring(heads, _LEAST_AT_HEAD, prose),
        _recurring(tails, _LEAST_ARTICLES, prose),
        _recurring(pictures, _LEAST_ARTICLES),
    )


def drop_repeated(article: CleanArticle, known: Repetition) -> CleanArticle:
    """`article` without what its source repeats; something always remains."""
    source = article.raw.publication
    article = _drop_lines(article, known.heads.get(source, frozenset()), known.tails.get(source, frozenset()))
    return _drop_pictures(article, known.pictures.get(source, frozenset()))


def _drop_lines(article: CleanArticle, heads: frozenset[bytes], tails: frozenset[bytes]) -> CleanArticle:
    marks = [_line_fingerprint(block) for block in article.blocks] if heads or tails else []
    tail = len(marks) - _TAIL
    places = {
        place: "repeated line"
        for place, mark in enumerate(marks)
        if (place < _HEAD and mark in heads) or (place >= tail and mark in tails)
    }
    _keep_headings_that_head(article, places)
    going = sum(len(text_of(article.blocks[place])) for place in places)
    return article if going > len(article.text) * _MOST_TEXT else without_blocks(article, places)


def _drop_pictures(article: CleanArticle, known: frozenset[bytes]) -> CleanArticle:
    """Without the source's own pictures, unless there is nothing else."""
    if not any(_fingerprint(picture.url) in known for picture in article.pictures):
        return article
    rest = without_pictures(article, lambda url: _fingerprint(url) in known, "repeated picture")
    return rest if rest.blocks else article


def _keep_headings_that_head(article: CleanArticle, places: dict[int, str]) -> None:
    """总结, 视频 and the like recur as headings of real sections: such a heading stays while what it heads stays."""
    for place in sorted(places, reverse=True):
        following = place + 1
        heads_something = following < len(article.blocks) and following not in places
        if re.match(r"<h[2-6]>", article.blocks[place]) and heads_something:
            del places[place]


def _recurring(
    counted: Mapping[str, Mapping[bytes, set[bytes]]], least: int, prose: Set[bytes] = frozenset()
) -> dict[str, frozenset[bytes]]:
    return {
        source: frozenset(
            mark for mark, bodies in marks.items() if len(bodies) >= (_LEAST_OF_PROSE if mark in prose else least)
        )
        for source, marks in counted.items()
    }


def _is_prose(text: str) -> bool:
    """Sentences, and none that ask or license: the parts of a series may tell the same thing over again."""
    return len(text) > _LONG and text.endswith(("。", "！", "？", ".")) and not find_cue(text)


def _line_fingerprint(block: CleanHtml) -> bytes | None:
    if block.startswith(("<pre", "<table")):
        return None
    text = re.sub(r"[\W_]+", "", text_of(block))
    weight = sum(2 if char > "\u2e7f" else 1 for char in text)
    if not _LIGHTEST <= weight <= _HEAVIEST:
        return None
    # With where it leads: link cards of different players and downloads share their words.
    return _fingerprint(" ".join((text, *re.findall(r'(?:href|src)="([^"]*)"', block))))


def _fingerprint(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
