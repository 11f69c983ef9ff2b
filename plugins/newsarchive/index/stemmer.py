"""lunr.js's stemmer, step by step, after Porter 1980 (tartarus.org/martin/PorterStemmer).

lunr.py has one of its own, and they part: at step 1c, so that `day`, `play` and `key` would find nothing, and at rarer
places (`eed`, a doubled y). A term is written here and looked up there, so every word must come out the same.
"""

from __future__ import annotations

import re
from functools import lru_cache

_CONSONANT = "[^aeiou]"
_VOWEL = "[aeiouy]"
_CONSONANTS = f"{_CONSONANT}[^aeiouy]*"
_VOWELS = f"{_VOWEL}[aeiou]*"

# The measure m of a stem counts its vowel-consonant sequences.
_OVER_0 = re.compile(f"(?:{_CONSONANTS})?{_VOWELS}{_CONSONANTS}")
_EXACTLY_1 = re.compile(f"(?:{_CONSONANTS})?{_VOWELS}{_CONSONANTS}(?:{_VOWELS})?$")
_OVER_1 = re.compile(f"(?:{_CONSONANTS})?{_VOWELS}{_CONSONANTS}{_VOWELS}{_CONSONANTS}")
_HAS_VOWEL = re.compile(f"(?:{_CONSONANTS})?{_VOWEL}")
_SHORT = re.compile(f"{_CONSONANTS}{_VOWEL}[^aeiouwxy]$")
_DOUBLE = re.compile(r"([^aeiouylsz])\1$")

_STEP_2 = {
    **{"ational": "ate", "tional": "tion", "enci": "ence", "anci": "ance", "izer": "ize", "bli": "ble", "alli": "al"},
    **{"entli": "ent", "eli": "e", "ousli": "ous", "ization": "ize", "ation": "ate", "ator": "ate", "alism": "al"},
    **{"iveness": "ive", "fulness": "ful", "ousness": "ous", "aliti": "al", "iviti": "ive", "biliti": "ble"},
    "logi": "log",
}
_STEP_3 = {"icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": ""}
_STEP_4 = "al ance ence er ic able ible ant ement ment ent ou ism ate iti ous ive ize".split()


def _with_ending(endings: list[str]) -> re.Pattern[str]:
    return re.compile(f"(.+?)({'|'.join(endings)})$")


_ENDS_2, _ENDS_3, _ENDS_4 = _with_ending(list(_STEP_2)), _with_ending(list(_STEP_3)), _with_ending(_STEP_4)


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """The stem under which a word stands in the index. Only words of a–z have one; any other is its own."""
    if len(word) < 3 or not (word.isascii() and word.isalpha()):
        return word
    if word[0] != "y":
        return _steps(word)
    return "y" + _steps("Y" + word[1:])[1:]  # a y at the head is a consonant, as every capital here is


def _steps(word: str) -> str:
    word = _step_1c(_step_1b(_step_1a(word)))
    for ends, endings in ((_ENDS_2, _STEP_2), (_ENDS_3, _STEP_3)):
        if (match := ends.match(word)) and _OVER_0.match(match[1]):
            word = match[1] + endings[match[2]]
    return _step_5(_step_4(word))


def _step_1a(word: str) -> str:
    plural = re.match("(.+?)(ss|i)es$", word) or re.match("(.+?)([^s])s$", word)
    return plural[1] + plural[2] if plural else word


def _step_1b(word: str) -> str:
    if match := re.match("(.+?)eed$", word):
        return word[:-1] if _OVER_0.match(match[1]) else word
    match = re.match("(.+?)(ed|ing)$", word)
    if not match or not _HAS_VOWEL.match(match[1]):
        return word
    word = match[1]
    if word.endswith(("at", "bl", "iz")):
        return word + "e"
    if _DOUBLE.search(word):
        return word[:-1]
    return word + "e" if _SHORT.match(word) else word


def _step_1c(word: str) -> str:
    return re.sub("^(.+?[^aeiou])y$", r"\1i", word)


def _step_4(word: str) -> str:
    if match := _ENDS_4.match(word):
        return match[1] if _OVER_1.match(match[1]) else word
    if (match := re.match("(.+?)([st])ion$", word)) and _OVER_1.match(match[1] + match[2]):
        return match[1] + match[2]
    return word


def _step_5(word: str) -> str:
    if match := re.match("(.+?)e$", word):
        left = match[1]
        if _OVER_1.match(left) or (_EXACTLY_1.match(left) and not _SHORT.match(left)):
            word = left
    return word[:-1] if word.endswith("ll") and _OVER_1.match(word) else word
