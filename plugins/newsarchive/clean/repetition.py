"""Remove what a source repeats around its articles: learnt from all of them, removed from each.

A line or image at the head or tail of several different articles of one source belongs to the source. The idea is that
of template detection by shared blocks (Lin and Ho, *Discovering Informative Content Blocks from Web Documents*, 2002).
Only the number of articles decides, never their share, so a decision stays when more articles come.

Lines and images are compared by *marks*: fingerprints of 8 bytes. This is not the removal of duplicate articles, which
is in `collect`.
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

# In how many articles of different text a line must occur. Refrains, cast lists and legal notices repeat too, but
# hardly in three.
_MIN_ARTICLES = 3
_MIN_ARTICLES_FOR_PROSE, _MIN_PROSE_LENGTH = 8, 50
_MIN_ARTICLES_AT_HEAD = 4  # more: columns greet their readers, and datelines recur

# How many blocks at either end are compared.
_HEAD_BLOCKS, _TAIL_BLOCKS = 2, 8

_MAX_TEXT_SHARE = 0.4  # an article that repeats more is a form: the lines filled in are the article

# Limits of `_weight`. Lighter lines are names of people in credits; heavier ones are text.
_MIN_WEIGHT, _MAX_WEIGHT = 16, 600


_MARK_LENGTH = 8  # bytes

_Occurrences = dict[str, dict[bytes, dict[bytes, str]]]  # source → mark → bodies with it → a path of each


@dataclass(frozen=True, slots=True)
class ArticleFingerprints:
    """The marks of one article: small enough to keep for every article.

    `heads` and `tails` are the marks of the first and last blocks, in order; None is a block that is no line.
    """

    publication: str
    body: bytes  # equal for articles of equal title and text
    heads: tuple[bytes | None, ...]
    tails: tuple[bytes | None, ...]
    sentences: frozenset[bytes]  # those of `heads` and `tails` that may be prose
    images: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Repetition:
    """By source: the marks of its repeated lines at the head and at the tail, and of its repeated images."""

    heads: Mapping[str, frozenset[bytes]] = field(default_factory=dict)
    tails: Mapping[str, frozenset[bytes]] = field(default_factory=dict)
    images: Mapping[str, frozenset[bytes]] = field(default_factory=dict)

    def of(self, fingerprints: ArticleFingerprints) -> Repetition:
        """Return the part of it that concerns one article."""
        source = fingerprints.publication
        return Repetition(
            _marks_in_article(source, self.heads, fingerprints.heads),
            _marks_in_article(source, self.tails, fingerprints.tails),
            _marks_in_article(source, self.images, fingerprints.images),
        )


def fingerprint_article(article: CleanArticle) -> ArticleFingerprints:
    """Return the marks of one article."""
    of_blocks = lines_of(article)
    lines = {index: of_blocks[index] for index in _indices_at_ends(len(article.blocks))}
    marks = {index: _line_mark(article.blocks[index], line) for index, line in lines.items()}
    return ArticleFingerprints(
        publication=article.raw.publication,
        body=_fingerprint(article.text + article.raw.title),
        heads=tuple(mark for index, mark in marks.items() if index < _HEAD_BLOCKS),
        tails=tuple(mark for index, mark in marks.items() if index >= len(article.blocks) - _TAIL_BLOCKS),
        sentences=frozenset(mark for index, mark in marks.items() if mark and _is_sentence(lines[index])),
        images=tuple(image_mark(image.url) for image in article.images),
    )


def learn_repetition(
    fingerprints: Mapping[str, ArticleFingerprints], cleaned: Callable[[str], CleanArticle]
) -> Repetition:
    """Return what repeats in the articles of each source.

    `fingerprints` maps the paths of articles to their marks. `cleaned` returns an article by its path; it is called for
    few. Articles of equal text count once, however many files hold them.
    """
    heads: _Occurrences = defaultdict(lambda: defaultdict(dict))
    tails: _Occurrences = defaultdict(lambda: defaultdict(dict))
    images: _Occurrences = defaultdict(lambda: defaultdict(dict))
    sentences = set[bytes]()
    for path, of_article in sorted(fingerprints.items()):
        sentences |= of_article.sentences
        for occurrences, marks in ((heads, of_article.heads), (tails, of_article.tails), (images, of_article.images)):
            of_source = occurrences[of_article.publication]
            for mark in marks:
                if mark:
                    of_source[mark].setdefault(of_article.body, path)

    def is_prose(mark: bytes, path: str) -> bool:
        return mark in sentences and not find_pattern(_line_of(cleaned(path), mark))

    return Repetition(
        _recurring(heads, _MIN_ARTICLES_AT_HEAD, is_prose),
        _recurring(tails, _MIN_ARTICLES, is_prose),
        _recurring(images, _MIN_ARTICLES, lambda _mark, _path: False),
    )


def learn_from(articles: Sequence[CleanArticle]) -> Repetition:
    """Return what repeats in `articles`, as `learn_repetition` does."""
    by_path = {article.raw.source: article for article in articles}
    return learn_repetition(
        {path: fingerprint_article(article) for path, article in by_path.items()}, by_path.__getitem__
    )


def image_mark(address: str) -> bytes:
    """Return the mark of an image, by its address."""
    return _fingerprint(address)


def with_images(known: Repetition, publication: str, addresses: Iterable[str]) -> Repetition:
    """Return `known` with more images of a source, such as those found by their pixels (`images.repeated_images`)."""
    marks = known.images.get(publication, frozenset()) | {image_mark(address) for address in addresses}
    return replace(known, images={**known.images, publication: marks}) if marks else known


def repeated_marks(fingerprints: ArticleFingerprints, known: Repetition) -> bytes:
    """Return the marks of an article that repeat, encoded as bytes; b"" if there are none.

    While they stay the same, `drop_repeated` returns the same for the article. The first two bytes are the numbers of
    heads and tails; the marks follow.
    """
    own = known.of(fingerprints)
    heads, tails, images = (
        sorted(kind.get(fingerprints.publication, ())) for kind in (own.heads, own.tails, own.images)
    )
    marks = [*heads, *tails, *images]
    return bytes((len(heads), len(tails))) + b"".join(marks) if marks else b""


def repetition_from_marks(encoded: bytes, publication: str) -> Repetition:
    """Return the Repetition that `repeated_marks` encoded: all that `drop_repeated` needs for that article."""
    if not encoded:
        return Repetition()
    heads, tails = encoded[0], encoded[0] + encoded[1]
    marks = [encoded[at : at + _MARK_LENGTH] for at in range(2, len(encoded), _MARK_LENGTH)]
    kinds = (marks[:heads], marks[heads:tails], marks[tails:])
    return Repetition(*({publication: frozenset(kind)} for kind in kinds))


def drop_repeated(
    article: CleanArticle, known: Repetition, fingerprints: ArticleFingerprints | None = None
) -> CleanArticle:
    """Return `article` without what its source repeats; something always remains.

    `known` may be only the part that concerns the article. `fingerprints` saves time if you have them already.
    """
    source = article.raw.publication
    if known.heads.get(source) or known.tails.get(source):
        article = _drop_lines(article, known, fingerprints or fingerprint_article(article))
    return _drop_images(article, known.images.get(source, frozenset()))


def _drop_lines(article: CleanArticle, known: Repetition, fingerprints: ArticleFingerprints) -> CleanArticle:
    """Drop repeated lines, unless they are most of the text."""
    heads, tails = (kind.get(fingerprints.publication, frozenset()) for kind in (known.heads, known.tails))
    first_of_tail = len(article.blocks) - len(fingerprints.tails)
    indices = {index for index, mark in enumerate(fingerprints.heads) if mark in heads}
    indices |= {index for index, mark in enumerate(fingerprints.tails, first_of_tail) if mark in tails}
    _keep_section_headings(article, indices)
    removed_length = sum(len(text_of(article.blocks[index])) for index in indices)
    if not indices or removed_length > len(article.text) * _MAX_TEXT_SHARE:
        return article
    return drop_blocks(article, dict.fromkeys(indices, "repeated line"))


def _drop_images(article: CleanArticle, known: frozenset[bytes]) -> CleanArticle:
    """Drop repeated images, unless nothing else would remain."""
    if not known or not any(image_mark(image.url) in known for image in article.images):
        return article
    remaining = drop_images(article, lambda url: image_mark(url) in known, "repeated image")
    return remaining if remaining.blocks else article


def _keep_section_headings(article: CleanArticle, indices: set[int]) -> None:
    """Remove from `indices` each heading whose section stays.

    总结 (summary), 视频 (video) and the like are headings of real sections in many articles.
    """
    for index in sorted(indices, reverse=True):
        following = index + 1
        section_stays = following < len(article.blocks) and following not in indices
        if re.match(r"<h[2-6]>", article.blocks[index]) and section_stays:
            indices.discard(index)


def _indices_at_ends(blocks: int) -> list[int]:
    """Return the indices of blocks at which a source's lines can be, in order."""
    return sorted({*range(min(_HEAD_BLOCKS, blocks)), *range(max(0, blocks - _TAIL_BLOCKS), blocks)})


def _marks_in_article(
    source: str, kind: Mapping[str, frozenset[bytes]], article_marks: Iterable[bytes | None]
) -> dict[str, frozenset[bytes]]:
    """Return the marks of `kind` that an article has."""
    marks = kind.get(source, frozenset()).intersection(mark for mark in article_marks if mark)
    return {source: marks} if marks else {}


def _recurring(
    occurrences: _Occurrences, min_articles: int, is_prose: Callable[[bytes, str], bool]
) -> dict[str, frozenset[bytes]]:
    """Return the marks that occur in enough different articles, by source."""
    found = {
        source: frozenset(
            mark
            for mark, bodies in marks.items()
            if len(bodies) >= _MIN_ARTICLES_FOR_PROSE
            or (len(bodies) >= min_articles and not is_prose(mark, next(iter(bodies.values()))))
        )
        for source, marks in occurrences.items()
    }
    return {source: marks for source, marks in found.items() if marks}


def _is_sentence(line: str) -> bool:
    """Return True for a long line that ends as a sentence does.

    The parts of a series can repeat such prose without being boilerplate. A line that matches a boilerplate pattern is
    no prose all the same; `learn_repetition` checks that.
    """
    return len(line) > _MIN_PROSE_LENGTH and line.endswith(("。", "！", "？", "."))


def _line_of(article: CleanArticle, mark: bytes) -> str:
    """Return the text of the line with that mark."""
    ends = (article.blocks[index] for index in _indices_at_ends(len(article.blocks)))
    return next(line for block in ends if _line_mark(block, line := text_of(block)) == mark)


def _line_mark(block: CleanHtml, line: str) -> bytes | None:
    """Return the mark of a block's line; None for code, tables, and lines too short or too long to judge."""
    if block.startswith(("<pre", "<table")):
        return None
    text = "".join(_WORDS.findall(line)).replace("_", "")
    # The weight of a line is between one and two times its length, so the length alone settles most lines.
    if not _MIN_WEIGHT <= len(text) <= _MAX_WEIGHT // 2 and not _MIN_WEIGHT <= _weight(text) <= _MAX_WEIGHT:
        return None
    # Addresses count too: link cards of different players and downloads share their words.
    return _fingerprint(" ".join((text, *_ADDRESS.findall(block))) if '="' in block else text)


def _weight(text: str) -> int:
    """Return the length of a text, with Han and other East Asian characters (U+2E80 and above) counted twice."""
    return 2 * len(text) - len(_EAST_ASIAN.sub("", text))


_WORDS = re.compile(r"\w+")
_EAST_ASIAN = re.compile("[\u2e80-\U0010ffff]+")
_ADDRESS = re.compile(r'(?:href|src)="([^"]*)"')


def _fingerprint(text: str) -> bytes:
    """Return the 8-byte BLAKE2b digest of a text."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=_MARK_LENGTH).digest()
