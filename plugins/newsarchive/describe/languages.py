"""Which language a text is in, as far as its script tells: for the page's `lang`, and so for fonts and line height."""

from __future__ import annotations

import re

from newsarchive.describe.unicode_scripts import HAN, HANGUL, KANA

_READ = 300  # characters; a text that changes its language later is rare
_HAN = re.compile(f"[{HAN}]+")
_KANA = re.compile(f"[{KANA}]")
_HANGUL = re.compile(f"[{HANGUL}]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]{2,}")
# Everyday characters that one of the two scripts does not have.
_TRADITIONAL = frozenset("這們個來對時會為國說學發開問間過還沒後經現點從將與無關於當應實樣種見東車長門書話頭電")
_SIMPLIFIED = frozenset("这们个来对时会为国说学发开问间过还没后经现点从将与无关于当应实样种见东车长门书话头电")
_OF_ONE_SCRIPT = re.compile(f"[{''.join(sorted(_TRADITIONAL | _SIMPLIFIED))}]")
_ENGLISH = frozenset("the of and to in is for on that with was are it as by at from be have this".split())


def detect_language(text: str) -> str:
    """A BCP 47 tag, "" where nothing can be said; Chinese with its script where the characters tell."""
    text = text[:_READ]
    han = sum(map(len, _HAN.findall(text)))
    if len(_KANA.findall(text)) * 8 > han + 8:
        return "ja"
    if len(_HANGUL.findall(text)) > han:
        return "ko"
    words = _LATIN.findall(text)
    if han * 2 >= len(words):
        return _chinese(text) if han else ""
    english = sum(word.lower() in _ENGLISH for word in words)
    return "en" if english * 8 >= len(words) else "und"


def _chinese(text: str) -> str:
    telling = set(_OF_ONE_SCRIPT.findall(text))
    traditional, simplified = len(telling & _TRADITIONAL), len(telling & _SIMPLIFIED)
    if traditional == simplified:
        return "zh"
    return "zh-Hant" if traditional > simplified else "zh-Hans"
