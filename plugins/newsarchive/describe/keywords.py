"""Keywords of one article, for its tags, out of its title and text alone.

A word's rarity is its frequency in the segmenter's own dictionary, never in the archive: a new article cannot change
what another is tagged with. The method is TF-IDF over words and the names they form, filtered by part of speech; a name
takes over from words that hardly stand without it (C-value: Frantzi, Ananiadou, Mima 2000), as 量子计算 does from 量子.
"""

from __future__ import annotations

import math
import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib import import_module
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

# Precision .74, recall .56 (`benchmarks/keywords.py`); in brackets, what they are with another number.
_BODY, _TITLE, _CONTEXT = 800, 300, 30  # characters read (of the body 400: .67, .51; 1,500: .73, .54; all: .71, .54)
_TITLE_FACTOR, _DAMPING = 2.5, 0.9  # (1: .63, .60); tf^0.9 (tf^0.5: .64, .55)
_WORST_TO_BEST = 0.2  # a tag is a claim, so not as many as asked for (0: .63, .61)
_TAKE_OVER, _COMPARED = 0.6, 20  # of the word's occurrences (never: .71, .54); among the best (50: no better)
_NAME_WORDS, _NAME_CHARACTERS = 3, 8  # at most (1: .62, .47); characters, where one is Han
_WORK, _LOWER_CASE = 2.0, 0.4  # 《a work》 is what an article is about; a Latin word in lower case is nobody's name
_RARE, _RAREST = 30, math.log(60_101_967 / 30)  # times in the dictionary (less is chance), of the sum of its times

_NOISE = re.compile(  # addresses, people addressed, entities, lost characters, NT$99, the version in MySQL5.1
    r"(?=[!-~])(?:(?:https?[:_]|www\.)[!-~]+|(?<![\w.+-])[\w.+-]++@[\w-]+\.\w[\w.]*|@\w{1,20}|&\w{1,8};|_"
    r"|[A-Za-z0-9-]{1,40}\.(?:com|org|net|cn)\b|[A-Z]{1,3}\$[\d.,]*|(?<=[A-Za-z])\d+\.\d[\d.]*)"
)
_QUOTED = re.compile("《([^《》\n]{2,20})》|[「“]([^《》「」“”，。：；、的了是\n]{2,12})[」”]")


class _Kind(NamedTuple):  # what a word can do for a keyword
    key: str  # its spelling in lower case and the singular
    weight: float  # 0: it can only be a part of one
    opens: bool = True
    closes: bool = True
    latin: bool = False
    proper: bool = False  # a Latin name, or what stands in one


class _Candidate(NamedTuple):  # a word or a name; the least one is the best
    cost: float  # its score, below 0
    start: int  # where it first stands
    times: int
    text: str


_Word = tuple[int, int, _Kind]  # start, end
_Place = tuple[int, int, float, bool]  # start, end, weight, whether one will do: for a word, or a Latin name


def derive_keywords(title: str, text: str, limit: int) -> tuple[str, ...]:
    """At most `limit` keywords, best first, each spelled as it first stands in `title` or `text`."""
    title = title[:_TITLE]
    body = f"\n{text[: _BODY + len(title)]}\n".replace(f"\n{title}\n", "\n", 1)  # many bodies repeat it
    found = title + body[:_BODY]
    folded = _NOISE.sub(lambda noise: "\n" * len(noise[0]), found.translate(_folding_table()))
    lower = folded.lower()  # as long: folding leaves no İ, the one letter that grows
    places = _find_words(folded, lower) | _find_quoted(lower)
    best = _select(_weigh(lower, places.values(), len(title)), limit)
    return tuple(found[one.start : one.start + len(one.text)] for one in best)


def is_whole_word(word: str, before: str, after: str) -> bool:
    """True when `word`, standing between `before` and `after` in a sentence, is cut as one or more whole words by the
    segmenter (新城市 in 国际创新城市中 is not; 招商银行 in 突破；招商银行北京分行 is). By the dictionary alone: guessed
    words cut through 8 of 344 true links (赣锋锂业), and show no false one.
    """
    start = len(before[-_CONTEXT:])
    sentence = (before[-_CONTEXT:] + word + after[:_CONTEXT]).translate(_folding_table())
    cuts = {0, *accumulate(map(len, _segmenter().cut(sentence, False)))}
    return bool(word) and {start, start + len(word)} <= cuts


def _find_words(folded: str, lower: str) -> dict[str, list[_Place]]:
    """Words, and names that begin with each of them, by their spelling in lower case and the singular. The innermost
    loop of a build: 450 words an article."""
    places = defaultdict[str, list[_Place]](list)
    for run in _runs(folded):
        for first, (start, end, kind) in enumerate(run):
            key, best, opens, _, is_latin, once = kind
            if best:
                places[key].append((start, end, best, True))
            if not opens:
                continue
            for _, last, (_, weight, _, closes, latin, proper) in run[first + 1 : first + _NAME_WORDS]:
                if last - start > _NAME_CHARACTERS and not (is_latin and latin):
                    break
                best, once = (best if best > weight else weight), once and proper
                if best and closes:
                    places[lower[start:last].removesuffix("s")].append((start, last, best, once))
    return {key: found for key, found in places.items() if len(found) > 1 or found[0][3]}


def _find_quoted(lower: str) -> dict[str, list[_Place]]:
    """Titles of works in 《》; what stands in other quotation marks, if it stands there twice."""
    places: dict[str, list[_Place]] = {}
    for work, other in _QUOTED.findall(lower):
        text = (work or other).strip(" ！!？?…")
        times = lower.count(text) if re.search("[\u3400-\u9fff]{2}|[a-z]{3}", text) and text.isprintable() else 0
        if times >= (1 if work else 2) and not any(text in words for words in _words().values()):
            start = lower.find(text)
            places[text] = [(start, start + len(text), _RAREST * (_WORK if work else 1), True)] * times
    return places


def _weigh(lower: str, words: Iterable[list[_Place]], title_end: int) -> list[_Candidate]:
    """The best of the words and names, best first."""
    weighed = []
    for places in words:
        start, end, weight, _ = places[0]
        times = len(places)
        if times > 1:
            weight = sum([place[2] for place in places]) * times ** (_DAMPING - 1)
        weighed.append((-weight * (_TITLE_FACTOR if start < title_end else 1), start, times, lower[start:end]))
    return [_Candidate(*each) for each in sorted(weighed)[:_COMPARED]]


def _runs(folded: str) -> Iterator[list[_Word]]:
    """Words that stand side by side, with one space between them where one is Latin."""
    run, end, run_end, is_latin = list[_Word](), 0, 0, False
    for text, part in _segmenter().tag(folded):
        start, end = end, end + len(text)
        kind = _judge(text, part)
        if kind is None:
            if run and text != " ":
                yield run
                run = []
            continue
        if run and start - run_end > (is_latin or kind.latin):
            yield run
            run = []
        if kind.opens or kind.weight or (run and is_latin):
            run.append((start, end, kind))
            run_end, is_latin = end, kind.latin
    yield run


@lru_cache(maxsize=1 << 16)
def _judge(text: str, part: str) -> _Kind | None:
    """What a word of this part of speech can do for a keyword; None when it ends a run."""
    words = _words()
    key = text.lower().removesuffix("s")
    if re.search("[\u3400-\u9fff々]", text):
        if text in words["general"] or (len(text) == 1 and part in words["syllables"]):
            return _Kind(key, 0.0)
        if text in words["never"] or len(text) == 1 or part not in words["weights"]:
            return None
        rarity = _RAREST - math.log1p(_segmenter().suggest_freq(text) / _RARE)
        return _Kind(key, words["weights"][part] * rarity, opens=part != "v")
    if re.fullmatch(r"\d{1,4}(\.\d{1,2})?", text) or text in words["inside"]:
        return _Kind(key, 0.0, opens=False, closes=text not in words["inside"], latin=True, proper=True)
    if not re.fullmatch(r"(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9+#&.'-]+", text) or text.lower() in words["english"]:
        return None
    proper = text != text.lower() or text[0].isdigit()
    return _Kind(key, _RAREST * (1 if proper else _LOWER_CASE), latin=True, proper=proper)


def _select(best: list[_Candidate], limit: int) -> list[_Candidate]:
    """At most `limit` of the best, best first, without those that repeat a better one or stand only inside others."""
    for name in sorted(best, key=lambda one: -len(one.text)):
        own = [one for one in best if one.text in name.text and _TAKE_OVER * one.times <= name.times]
        own = [one for one in own if _within(one.text, name.text)]
        if name in own and len(own) > 1:
            best = [one for one in best if one not in own] + [name._replace(cost=min(own).cost)]
    chosen: list[_Candidate] = []
    for one in sorted(best):
        if len(chosen) >= limit or one.cost > _WORST_TO_BEST * (chosen or [one])[0].cost:
            break
        around = [name for name in best if one.text in name.text and name.text != one.text]
        names = sum(name.times for name in around if _within(one.text, name.text))
        if names < one.times and not any(_overlap(one.text, other.text) for other in chosen):
            chosen.append(one)
    return chosen


def _within(part: str, whole: str) -> bool:
    """True when `part` stands in `whole`, as a word of its own if it is Latin."""
    return part in whole and not (part.isascii() and re.search("[a-z0-9]\0|\0[a-z0-9]", whole.replace(part, "\0")))


def _overlap(one: str, other: str) -> bool:
    """True when one stands in the other, or begins with the end of it as 能源项目 does with that of 化石能源."""
    if _within(one, other) or _within(other, one):
        return True
    if one.isascii() or other.isascii():
        return False
    return any(one.endswith(other[:size]) or one.startswith(other[-size:]) for size in range(2, len(one)))


@cache
def _folding_table() -> dict[int, str]:
    """Character for character, as the dictionary spells it: simplified (OpenCC's t2s), half-width, without accents."""
    codes = (*range(0xC0, 0x250), *range(0x3400, 0x4DC0), *range(0x4E00, 0xA000), *range(0xFF10, 0xFF5B))
    plain = "\n".join(unicodedata.normalize("NFKD", chr(code))[0] for code in codes)
    simplified = import_module("opencc").OpenCC("t2s").convert(plain).split("\n")
    table = {code: char for code, char in zip(codes, simplified, strict=True) if len(char) == 1}
    return table | dict.fromkeys(range(0xD800, 0xE000), "\n")  # lone surrogates, which no encoder takes


@cache
def _words() -> dict[str, Any]:
    tables = tomllib.loads(Path(__file__).with_name("keywords.toml").read_text("utf-8"))
    return {name: table if isinstance(table, dict) else frozenset(table.split()) for name, table in tables.items()}


@cache
def _segmenter() -> Any:
    return import_module("rjieba")  # only now: it loads its dictionary (0.1 s, 25 MB)
