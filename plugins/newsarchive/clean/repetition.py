"""What a source repeats around its articles: learnt from all of them, taken out of each.

A line or image that stands at the head or tail of several different articles of one source belongs to the source.
Only counting decides, never a share of all articles, so a verdict once reached stays when more articles come.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from newsarchive.clean.assemble import drop_blocks, drop_images, lines_of, text_of
from newsarchive.clean.boilerplate_patterns import find_pattern
from newsarchive.models import CleanArticle, CleanHtml

# Refrains, cast lists and legal notices repeat too, but hardly in three articles of different text.
_LEAST_ARTICLES = 3
_LEAST_OF_PROSE, _LONG = 8, 50
_LEAST_AT_HEAD = 4  # columns greet their readers, and a dateline may recur

# Where boilerplate stands, in blocks from either end.
_HEAD, _TAIL = 2, 8

_MOST_TEXT = 0.4  # what repeats for the most part is a form, and its filled-in lines are the article

# Han characters count twice. Lighter lines are names of people in credits; heavier ones are text.
_LIGHTEST, _HEAVIEST = 16, 600


_MARK = 8  # bytes of a fingerprint

_Counted = dict[str, dict[bytes, dict[bytes, str]]]  # by source and mark, the bodies it stands in, and a path of each


@dataclass(frozen=True, slots=True)
class ArticleFingerprints:
    """What one article shows of its source, as fingerprints: small enough to be kept for every article.

    `heads` and `tails` stand for the first and the last blocks in their order; None is a block that is no line.
    """

    publication: str
    body: bytes  # articles of equal title and text share it
    heads: tuple[bytes | None, ...]
    tails: tuple[bytes | None, ...]
    sentences: frozenset[bytes]  # those of `heads` and `tails` that may be prose
    images: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Repetition:
    """Per source: fingerprints of lines at the head, lines at the tail, and images anywhere that are its own."""

    heads: Mapping[str, frozenset[bytes]] = field(default_factory=dict)
    tails: Mapping[str, frozenset[bytes]] = field(default_factory=dict)
    images: Mapping[str, frozenset[bytes]] = field(default_factory=dict)

    def of(self, fingerprints: ArticleFingerprints) -> Repetition:
        """As much of it as concerns one article."""
        source = fingerprints.publication
        return Repetition(
            _only(source, self.heads, fingerprints.heads),
            _only(source, self.tails, fingerprints.tails),
            _only(source, self.images, fingerprints.images),
        )


def fingerprint_article(article: CleanArticle) -> ArticleFingerprints:
    """What an article shows of its source."""
    of_blocks = lines_of(article)
    lines = {place: of_blocks[place] for place in _places_at_ends(len(article.blocks))}
    marks = {place: _line_fingerprint(article.blocks[place], line) for place, line in lines.items()}
    return ArticleFingerprints(
        publication=article.raw.publication,
        body=_fingerprint(article.text + article.raw.title),
        heads=tuple(mark for place, mark in marks.items() if place < _HEAD),
        tails=tuple(mark for place, mark in marks.items() if place >= len(article.blocks) - _TAIL),
        sentences=frozenset(mark for place, mark in marks.items() if mark and _is_sentence(lines[place])),
        images=tuple(image_mark(image.url) for image in article.images),
    )


def learn_repetition(
    fingerprints: Mapping[str, ArticleFingerprints], cleaned: Callable[[str], CleanArticle]
) -> Repetition:
    """What recurs in the sources' articles. Articles of equal text count once, however many files they came in.

    `evidence` is told by the articles' paths; `cleaned` gives one by its path, and is asked for few.
    """
    heads: _Counted = defaultdict(lambda: defaultdict(dict))
    tails: _Counted = defaultdict(lambda: defaultdict(dict))
    images: _Counted = defaultdict(lambda: defaultdict(dict))
    sentences = set[bytes]()
    for path, shown in sorted(fingerprints.items()):
        sentences |= shown.sentences
        for counted, marks in ((heads, shown.heads), (tails, shown.tails), (images, shown.images)):
            of_source = counted[shown.publication]
            for mark in marks:
                if mark:
                    of_source[mark].setdefault(shown.body, path)

    def is_prose(mark: bytes, path: str) -> bool:
        return mark in sentences and not find_pattern(_line_of(cleaned(path), mark))

    return Repetition(
        _recurring(heads, _LEAST_AT_HEAD, is_prose),
        _recurring(tails, _LEAST_ARTICLES, is_prose),
        _recurring(images, _LEAST_ARTICLES, lambda _mark, _path: False),
    )


def learn_from(articles: Sequence[CleanArticle]) -> Repetition:
    """As `learn_repetition`, of articles that are all at hand."""
    by_path = {article.raw.source: article for article in articles}
    return learn_repetition(
        {path: fingerprint_article(article) for path, article in by_path.items()}, by_path.__getitem__
    )


def image_mark(address: str) -> bytes:
    """What stands for an image in what is known of a source."""
    return _fingerprint(address)


def with_images(known: Repetition, publication: str, addresses: Iterable[str]) -> Repetition:
    """What is known, and the images of a source that somebody knows by their looks."""
    marks = known.images.get(publication, frozenset()) | {image_mark(address) for address in addresses}
    return replace(known, images={**known.images, publication: marks}) if marks else known


def repeated_marks(fingerprints: ArticleFingerprints, known: Repetition) -> bytes:
    """What of an article is known to repeat, b"" when nothing is: while it stays the same, so does what
    `drop_repeated` makes of the article."""
    own = known.of(fingerprints)
    heads, tails, images = (
        sorted(kind.get(fingerprints.publication, ())) for kind in (own.heads, own.tails, own.images)
    )
    marks = [*heads, *tails, *images]
    return bytes((len(heads), len(tails))) + b"".join(marks) if marks else b""


def repetition_from_marks(encoded: bytes, publication: str) -> Repetition:
    """As much of what is known as a verdict on an article says: all that `drop_repeated` needs for it."""
    if not encoded:
        return Repetition()
    heads, tails = encoded[0], encoded[0] + encoded[1]
    marks = [encoded[at : at + _MARK] for at in range(2, len(encoded), _MARK)]
    kinds = (marks[:heads], marks[heads:tails], marks[tails:])
    return Repetition(*({publication: frozenset(kind)} for kind in kinds))


def drop_repeated(
    article: CleanArticle, known: Repetition, fingerprints: ArticleFingerprints | None = None
) -> CleanArticle:
    """`article` without what its source repeats; something always remains. `known` may be no more of it than concerns
    the article, and `evidence` what the article shows, if somebody has found it already."""
    source = article.raw.publication
    if known.heads.get(source) or known.tails.get(source):
        article = _drop_lines(article, known, fingerprints or fingerprint_article(article))
    return _drop_images(article, known.images.get(source, frozenset()))


def _drop_lines(article: CleanArticle, known: Repetition, fingerprints: ArticleFingerprints) -> CleanArticle:
    heads, tails = (kind.get(fingerprints.publication, frozenset()) for kind in (known.heads, known.tails))
    first_of_tail = len(article.blocks) - len(fingerprints.tails)
    places = {place for place, mark in enumerate(fingerprints.heads) if mark in heads}
    places |= {place for place, mark in enumerate(fingerprints.tails, first_of_tail) if mark in tails}
    _keep_headings_that_head(article, places)
    going = sum(len(text_of(article.blocks[place])) for place in places)
    if not places or going > len(article.text) * _MOST_TEXT:
        return article
    return drop_blocks(article, dict.fromkeys(places, "repeated line"))


def _drop_images(article: CleanArticle, known: frozenset[bytes]) -> CleanArticle:
    """Without the source's own images, unless there is nothing else."""
    if not known or not any(image_mark(image.url) in known for image in article.images):
        return article
    rest = drop_images(article, lambda url: image_mark(url) in known, "repeated image")
    return rest if rest.blocks else article


def _keep_headings_that_head(article: CleanArticle, places: set[int]) -> None:
    """总结, 视频 and the like recur as headings of real sections: such a heading stays while what it heads stays."""
    for place in sorted(places, reverse=True):
        following = place + 1
        heads_something = following < len(article.blocks) and following not in places
        if re.match(r"<h[2-6]>", article.blocks[place]) and heads_something:
            places.discard(place)


def _places_at_ends(blocks: int) -> list[int]:
    """Where lines of the source can stand, first to last."""
    return sorted({*range(min(_HEAD, blocks)), *range(max(0, blocks - _TAIL), blocks)})


def _only(
    source: str, kind: Mapping[str, frozenset[bytes]], shown: Iterable[bytes | None]
) -> dict[str, frozenset[bytes]]:
    marks = kind.get(source, frozenset()).intersection(mark for mark in shown if mark)
    return {source: marks} if marks else {}


def _recurring(counted: _Counted, least: int, is_prose: Callable[[bytes, str], bool]) -> dict[str, frozenset[bytes]]:
    found = {
        source: frozenset(
            mark
            for mark, bodies in marks.items()
            if len(bodies) >= _LEAST_OF_PROSE
            or (len(bodies) >= least and not is_prose(mark, next(iter(bodies.values()))))
        )
        for source, marks in counted.items()
    }
    return {source: marks for source, marks in found.items() if marks}


def _is_sentence(line: str) -> bool:
    """Prose, unless it asks or licenses: the parts of a series may tell the same thing over again."""
    return len(line) > _LONG and line.endswith(("。", "！", "？", "."))


def _line_of(article: CleanArticle, mark: bytes) -> str:
    """The text that the mark stands for."""
    ends = (article.blocks[place] for place in _places_at_ends(len(article.blocks)))
    return next(line for block in ends if _line_fingerprint(block, line := text_of(block)) == mark)


def _line_fingerprint(block: CleanHtml, line: str) -> bytes | None:
    if block.startswith(("<pre", "<table")):
        return None
    text = "".join(_WORDS.findall(line)).replace("_", "")
    # Whatever it is made of, a line weighs no less than it has characters, and no more than twice that.
    if not _LIGHTEST <= len(text) <= _HEAVIEST // 2 and not _LIGHTEST <= _weight(text) <= _HEAVIEST:
        return None
    # With where it leads: link cards of different players and downloads share their words.
    return _fingerprint(" ".join((text, *_ADDRESS.findall(block))) if '="' in block else text)


def _weight(text: str) -> int:
    return 2 * len(text) - len(_HAN_LIKE.sub("", text))


_WORDS = re.compile(r"\w+")
_HAN_LIKE = re.compile("[\u2e80-\U0010ffff]+")
_ADDRESS = re.compile(r'(?:href|src)="([^"]*)"')


def _fingerprint(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "replace"), digest_size=_MARK).digest()
