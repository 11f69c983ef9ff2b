"""Segment text into words, and classify each word by its suitability for a keyword.

The segmenter is rjieba (jieba's dictionary and hidden Markov model). The class and weight of a word depend on the word
alone, not on the article or the archive; `words.toml` holds the stop words and the weights of parts of speech. Offsets
are in characters.
"""

from __future__ import annotations

import math
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from enum import IntFlag
from functools import cache, lru_cache
from importlib import import_module
from itertools import accumulate, chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsarchive.describe.unicode_scripts import HAN

_CONTEXT_CHARACTERS = 30  # on each side of a word; farther characters do not change its segmentation
_LOWERCASE_FACTOR = 0.4  # a lower-case Latin word is hardly ever a name
_MIN_DICTIONARY_COUNT = 30  # occurrences; smaller counts are chance
_MAX_RARITY = math.log(60_101_967 / 30)  # natural logarithm; the counts of the dictionary add up to 60,101,967
_MAX_CACHED_WORDS = 1 << 16

# URLs, mail addresses, mentions, HTML entities, replaced characters, NT$99, the version in MySQL5.1.
_NOISE = re.compile(
    r"(?=[!-~])(?:(?:https?[:_]|www\.)[!-~]+|(?<![\w.+-])[\w.+-]++@[\w-]+\.\w[\w.]*|@\w{1,20}|&\w{1,8};|_"
    r"|[A-Za-z0-9-]{1,40}\.(?:com|org|net|cn)\b|[A-Z]{1,3}\$[\d.,]*|(?<=[A-Za-z])\d+\.\d[\d.]*)"
)

Offsets = NDArray[np.int64]


class TokenClass(IntFlag):
    """What a token may be in a multi-word term (flags)."""

    CAN_START = 1
    CAN_END = 2
    LATIN = 4
    PROPER_NOUN = 8  # a Latin name, or a word inside one
    BOUNDARY = 16  # never part of a term
    SPACE = 32


_CLASS_BITS, _LENGTH_BITS = 6, 20
_START_OR_END = TokenClass.CAN_START | TokenClass.CAN_END
_FIXED_POINT_ONE = 1 << 16  # fixed-point weights: integer sums are equal on every machine

UNKNOWN_WORD_WEIGHT = round(_MAX_RARITY * _FIXED_POINT_ONE)
"""The weight of a word that the dictionary does not have, in 1/65536."""


class Tokens(NamedTuple):
    """The tokens of a text except spaces, as parallel arrays of shape (tokens,), int64.

    - `starts`, `ends`: character offsets, end exclusive.
    - `weights`: part-of-speech weight × rarity, in 1/65536; 0 for a word that is only part of a keyword.
    - `classes`: `TokenClass` flags.
    """

    starts: Offsets
    ends: Offsets
    weights: Offsets
    classes: Offsets

    def has(self, token_class: TokenClass) -> NDArray[np.bool_]:
        """Return a boolean mask, shape (tokens,), of the tokens with any of the flags `token_class`."""
        found: NDArray[np.bool_] = (self.classes & int(token_class)) != 0
        return found


def segment_words(folded: str) -> Tokens:
    """Return the tokens of `folded`, a text that `fold` has normalised."""
    cut = _segmenter().cut(folded, True)
    features = _word_features()
    features.text = folded
    packed = np.fromiter(map(features.__getitem__, cut), np.int64, len(cut))
    lengths = packed >> _CLASS_BITS & ((1 << _LENGTH_BITS) - 1)
    ends = np.cumsum(lengths)
    is_word = (packed & int(TokenClass.SPACE)) == 0
    lengths, ends, packed = lengths[is_word], ends[is_word], packed[is_word]
    return Tokens(ends - lengths, ends, packed >> (_CLASS_BITS + _LENGTH_BITS), packed & ((1 << _CLASS_BITS) - 1))


def fold(text: str) -> str:
    """Normalise `text` to the dictionary's spelling without changing its length.

    Characters become simplified and half-width and lose their accents. Addresses, mentions, HTML entities and other
    noise become line breaks, so that offsets stay valid.
    """
    return _NOISE.sub(lambda noise: "\n" * len(noise[0]), _fold_characters(text))


def _fold_characters(text: str) -> str:
    """Map each character through the folding table: `str.translate`, but 20 times as fast on many articles at once."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    table = np.frombuffer(_folding_table().encode("utf-32-le"), "<u4")
    folded = np.where(codes < len(table), table[codes % len(table)], codes)
    return folded.tobytes().decode("utf-32-le")


def is_whole_word(word: str, before: str, after: str) -> bool:
    """Return True if the segmenter cuts `word`, between `before` and `after`, into one or more whole words.

    新城市 in 国际创新城市中 is not a whole word; 招商银行 in 突破；招商银行北京分行 is. At most 30 characters of
    context are used on each side, and the dictionary alone: the model for unknown words cuts through 8 of 344 correct
    links (such as 赣锋锂业) and rejects no false one.
    """
    start = len(before[-_CONTEXT_CHARACTERS:])
    sentence = (before[-_CONTEXT_CHARACTERS:] + word + after[:_CONTEXT_CHARACTERS]).translate(_folding_table())
    cuts = {0, *accumulate(map(len, _segmenter().cut(sentence, False)))}
    return bool(word) and {start, start + len(word)} <= cuts


def is_stop_word(text: str) -> bool:
    """Return True if `text` is in any list of `words.toml`: such a word is no keyword by itself."""
    return text in _stop_words()


class _WordFeatures(dict[str, int]):
    """Cache: word → weight, length and class, packed into one integer.

    The low 6 bits hold the class, the next 20 the length, the others the weight.

    An article looks up about 450 words. Tagging a word's part of speech takes longer than segmentation and depends on
    the word only, so each is tagged once.
    """

    text = ""  # the current text, context for words that are not cached yet

    def __missing__(self, word: str) -> int:
        if len(self) >= _MAX_CACHED_WORDS:
            self.clear()
        weight, classes = _classify(word, self.text)
        number = (round(weight * _FIXED_POINT_ONE) << _LENGTH_BITS | len(word)) << _CLASS_BITS | int(classes)
        return self.setdefault(word, number)


def _classify(word: str, text: str) -> tuple[float, TokenClass]:
    """Return the weight and the class of `word`; `text` is a text that contains it."""
    if word == " ":
        return 0.0, TokenClass.SPACE
    return _classify_han(word, _pos_tag(word, text)) if _HAN.search(word) else _classify_latin(word)


def _pos_tag(word: str, text: str) -> str:
    """Return the segmenter's part-of-speech tag of `word`, "x" if it has none.

    The segmenter cuts some words only in context, so if the word alone does not come out whole, the lines of `text`
    with the word are tagged.
    """
    for line in chain([word], _lines_containing(word, text)):
        if pos := _pos_tags(line).get(word):
            return pos
    return "x"  # jieba's tag for words that its dictionary does not have


def _lines_containing(word: str, text: str) -> Iterator[str]:
    """Yield the lines of `text` that contain `word`."""
    at = text.find(word)
    while at >= 0:
        end = text.find("\n", at) % (len(text) + 1)  # find returns −1 on the last line: then the end of the text
        yield text[text.rfind("\n", 0, at) + 1 : end]
        at = text.find(word, end)


@lru_cache(maxsize=64)  # a line may contain several of the words looked for
def _pos_tags(line: str) -> dict[str, str]:
    """Return the part-of-speech tag of each word of `line`."""
    return dict(_segmenter().tag(line))


_HAN = re.compile(f"[{HAN}々]")


def _classify_han(text: str, pos: str) -> tuple[float, TokenClass]:
    """Return weight and class of a word with Han: weight of its part of speech × log inverse frequency."""
    lists = _word_lists()
    if text in lists["generic_words"] or (len(text) == 1 and pos in lists["single_character_pos"]):
        return 0.0, _START_OR_END
    if text in lists["stop_words"] or len(text) == 1 or pos not in lists["pos_weights"]:
        return 0.0, TokenClass.BOUNDARY
    rarity = _MAX_RARITY - math.log1p(_segmenter().suggest_freq(text) / _MIN_DICTIONARY_COUNT)
    return lists["pos_weights"][pos] * rarity, TokenClass.CAN_END if pos == "v" else _START_OR_END


def _classify_latin(text: str) -> tuple[float, TokenClass]:
    """Return weight and class of a word without Han characters: proper nouns in full, lower-case words at 0.4."""
    lists = _word_lists()
    if text in lists["latin_connectors"]:
        return 0.0, _CONNECTOR
    if _NUMBER.fullmatch(text):
        return 0.0, _NUMBER_SUFFIX
    if not _LATIN_WORD.fullmatch(text) or text.lower() in lists["english_stop_words"]:
        return 0.0, TokenClass.BOUNDARY
    if text != text.lower() or text[0].isdigit():
        return _MAX_RARITY, _PROPER_NOUN
    return _MAX_RARITY * _LOWERCASE_FACTOR, _LOWERCASE_WORD


# Combined here once, because `|` on flags takes longer than all other work for a word.
_CONNECTOR = TokenClass.LATIN | TokenClass.PROPER_NOUN
_NUMBER_SUFFIX = _CONNECTOR | TokenClass.CAN_END
_PROPER_NOUN = _CONNECTOR | _START_OR_END
_LOWERCASE_WORD = TokenClass.LATIN | _START_OR_END
_NUMBER = re.compile(r"\d{1,4}(\.\d{1,2})?")
_LATIN_WORD = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9+#&.'-]+")


@cache
def _word_features() -> _WordFeatures:
    """Return the cache of word features of this process."""
    return _WordFeatures()


@cache
def _folding_table() -> str:
    """Return a string of 65,536 characters, in which the character at index c is the folded form of code point c.

    Latin letters lose their accents (NFKD), traditional Han become simplified (OpenCC t2s, one character to one),
    full-width letters and digits become ASCII.
    """
    codes = (*range(0xC0, 0x250), *range(0x3400, 0x4DC0), *range(0x4E00, 0xA000), *range(0xFF10, 0xFF5B))
    plain = "\n".join(unicodedata.normalize("NFKD", chr(code))[0] for code in codes)
    simplified = import_module("opencc").OpenCC("t2s").convert(plain).split("\n")
    table = {code: char for code, char in zip(codes, simplified, strict=True) if len(char) == 1}
    table |= dict.fromkeys(range(0xD800, 0xE000), "\n")  # lone surrogates, which UTF-8 cannot encode
    return "".join(table.get(code) or chr(code) for code in range(1 << 16))


@cache
def _word_lists() -> dict[str, Any]:
    """Load `words.toml`: word lists as frozensets, part-of-speech weights as a dict."""
    lists = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
    return {name: table if isinstance(table, dict) else frozenset(table.split()) for name, table in lists.items()}


@cache
def _stop_words() -> frozenset[str]:
    """Return the words of all lists."""
    return frozenset().union(*_word_lists().values())


@cache
def _segmenter() -> Any:
    """Import rjieba on first use: loading its dictionary takes 0.1 s and 25 MB."""
    return import_module("rjieba")
