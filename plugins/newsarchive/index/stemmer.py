"""The English stemmer of lunr.js, step by step, after Porter 1980 (tartarus.org/martin/PorterStemmer).

lunr.py has its own stemmer, which differs: in step 1c, so that `day`, `play` and `key` would find nothing, and in rare
cases (`eed`, a double y). Terms are stemmed here when indexed and in the browser when searched, so every word must get
the same stem.
"""

from __future__ import annotations

import re
from functools import lru_cache

_CONSONANT = "[^aeiou]"
_VOWEL = "[aeiouy]"
_CONSONANTS = f"{_CONSONANT}[^aeiouy]*"
_VOWELS = f"{_VOWEL}[aeiou]*"

# The measure m of a stem is the number of its vowel-consonant sequences, [C](VC)^m[V].
_MEASURE_OVER_0 = re.compile(f"(?:{_CONSONANTS})?{_VOWELS}{_CONSONANTS}")
_MEASURE_1 = re.compile(f"(?:{_CONSONANTS})?{_VOWELS}{_CONSONANTS}(?:{_VOWELS})?$")
_MEASURE_OVER_1 = re.compile(f"(?:{_CONSONANTS})?{_VOWELS}{_CONSONANTS}{_VOWELS}{_CONSONANTS}")
_HAS_VOWEL = re.compile(f"(?:{_CONSONANTS})?{_VOWEL}")
_ENDS_CVC = re.compile(f"{_CONSONANTS}{_VOWEL}[^aeiouwxy]$")
_DOUBLE_CONSONANT = re.compile(r"([^aeiouylsz])\1$")

_STEP_2_SUFFIXES = {
    **{"ational": "ate", "tional": "tion", "enci": "ence", "anci": "ance", "izer": "ize", "bli": "ble", "alli": "al"},
    **{"entli": "ent", "eli": "e", "ousli": "ous", "ization": "ize", "ation": "ate", "ator": "ate", "alism": "al"},
    **{"iveness": "ive", "fulness": "ful", "ousness": "ous", "aliti": "al", "iviti": "ive", "biliti": "ble"},
    "logi": "log",
}
_STEP_3_SUFFIXES = {"icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": ""}
_STEP_4_SUFFIXES = "al ance ence er ic able ible ant ement ment ent ou ism ate iti ous ive ize".split()


def _suffix_pattern(suffixes: list[str]) -> re.Pattern[str]:
    """Return a pattern with two groups: the stem, and one of the suffixes."""
    return re.compile(f"(.+?)({'|'.join(suffixes)})$")


_STEP_2_PATTERN, _STEP_3_PATTERN, _STEP_4_PATTERN = (
    _suffix_pattern(list(_STEP_2_SUFFIXES)),
    _suffix_pattern(list(_STEP_3_SUFFIXES)),
    _suffix_pattern(_STEP_4_SUFFIXES),
)


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Return the stem of a lower-case word; words with characters other than a–z are returned unchanged.

    >>> stem("running")
    'run'
    """
    if len(word) < 3 or not (word.isascii() and word.isalpha()):
        return word
    if word[0] != "y":
        return _apply_steps(word)
    return (
        "y" + _apply_steps("Y" + word[1:])[1:]
    )  # an initial y is a consonant; the patterns take capitals as consonants


def _apply_steps(word: str) -> str:
    """Return the stem of a word whose consonant y at the start, if any, is capitalised."""
    word = _step_1c(_step_1b(_step_1a(word)))
    for pattern, suffixes in ((_STEP_2_PATTERN, _STEP_2_SUFFIXES), (_STEP_3_PATTERN, _STEP_3_SUFFIXES)):
        if (match := pattern.match(word)) and _MEASURE_OVER_0.match(match[1]):
            word = match[1] + suffixes[match[2]]
    return _step_5(_step_4(word))


def _step_1a(word: str) -> str:
    """Remove plural endings: caresses → caress, ponies → poni, cats → cat."""
    plural = re.match("(.+?)(ss|i)es$", word) or re.match("(.+?)([^s])s$", word)
    return plural[1] + plural[2] if plural else word


def _step_1b(word: str) -> str:
    """Remove -eed, -ed and -ing: agreed → agree, plastered → plaster, hopping → hop, filing → file."""
    if match := re.match("(.+?)eed$", word):
        return word[:-1] if _MEASURE_OVER_0.match(match[1]) else word
    match = re.match("(.+?)(ed|ing)$", word)
    if not match or not _HAS_VOWEL.match(match[1]):
        return word
    word = match[1]
    if word.endswith(("at", "bl", "iz")):
        return word + "e"
    if _DOUBLE_CONSONANT.search(word):
        return word[:-1]
    return word + "e" if _ENDS_CVC.match(word) else word


def _step_1c(word: str) -> str:
    """Replace a final y after a consonant by i: happy → happi."""
    return re.sub("^(.+?[^aeiou])y$", r"\1i", word)


def _step_4(word: str) -> str:
    """Remove suffixes such as -ance, -ment and -ion if the measure of the stem exceeds 1."""
    if match := _STEP_4_PATTERN.match(word):
        return match[1] if _MEASURE_OVER_1.match(match[1]) else word
    if (match := re.match("(.+?)([st])ion$", word)) and _MEASURE_OVER_1.match(match[1] + match[2]):
        return match[1] + match[2]
    return word


def _step_5(word: str) -> str:
    """Remove a final e, and reduce a final ll, if the measure allows it: probate → probat, controll → control."""
    if match := re.match("(.+?)e$", word):
        rest = match[1]
        if _MEASURE_OVER_1.match(rest) or (_MEASURE_1.match(rest) and not _ENDS_CVC.match(rest)):
            word = rest
    return word[:-1] if word.endswith("ll") and _MEASURE_OVER_1.match(word) else word
