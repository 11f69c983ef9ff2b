"""Guess the language of a text from its script and a few frequent words.

Pages need it for their `lang` attribute, which selects fonts and line height. It is not a general language identifier:
Latin text that does not look English gets "und".
"""

from __future__ import annotations

import re

from newsarchive.describe.unicode_scripts import HAN, HANGUL, KANA

_MAX_CHARACTERS = 300  # read; few texts change their language later
_HAN = re.compile(f"[{HAN}]+")
_KANA = re.compile(f"[{KANA}]")
_HANGUL = re.compile(f"[{HANGUL}]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]{2,}")
# Frequent characters that exist in only one of the two scripts.
_TRADITIONAL = frozenset("這們個來對時會為國說學發開問間過還沒後經現點從將與無關於當應實樣種見東車長門書話頭電")
_SIMPLIFIED = frozenset("这们个来对时会为国说学发开问间过还没后经现点从将与无关于当应实样种见东车长门书话头电")
_SINGLE_SCRIPT = re.compile(f"[{''.join(sorted(_TRADITIONAL | _SIMPLIFIED))}]")
_ENGLISH_STOP_WORDS = frozenset("the of and to in is for on that with was are it as by at from be have this".split())


def detect_language(text: str) -> str:
    """Return a BCP 47 tag for the first 300 characters of `text`, or "" if nothing is known.

    Possible tags: `ja`, `ko`, `en`, `und`, and `zh`, `zh-Hans` or `zh-Hant`, depending on which script's characters
    prevail.
    """
    text = text[:_MAX_CHARACTERS]
    han = sum(map(len, _HAN.findall(text)))
    if len(_KANA.findall(text)) * 8 > han + 8:
        return "ja"
    if len(_HANGUL.findall(text)) > han:
        return "ko"
    words = _LATIN.findall(text)
    if han * 2 >= len(words):
        return _detect_chinese_script(text) if han else ""
    english = sum(word.lower() in _ENGLISH_STOP_WORDS for word in words)
    return "en" if english * 8 >= len(words) else "und"


def _detect_chinese_script(text: str) -> str:
    """Return `zh-Hans` or `zh-Hant` by the number of distinct characters of each script, `zh` if they are equal."""
    distinctive = set(_SINGLE_SCRIPT.findall(text))
    traditional, simplified = len(distinctive & _TRADITIONAL), len(distinctive & _SIMPLIFIED)
    if traditional == simplified:
        return "zh"
    return "zh-Hant" if traditional > simplified else "zh-Hans"
