"""The scripts of East Asia as ranges of characters, for the character classes of regular expressions.

Not for the search: it classes every character of Unicode (`index/characters.json`), and browsers read the same table.
"""

from __future__ import annotations

HAN = "\u3400-\u9fff"
"""Chinese characters of the first plane: extension A and the unified ideographs. The 64 hexagrams between them occur in
no title; the rare characters of other planes are in `CJK`."""

KANA = "\u3040-\u30ff"
"""Hiragana and Katakana, with their marks and the dot between words."""

HANGUL = "\uac00-\ud7af"
"""Syllables of Hangul."""

CJK = f"{KANA}{HAN}{HANGUL}\uf900-\ufaff\U00020000-\U000323af"
"""All three, with compatibility ideographs and the extensions of Han in other planes: text that is counted in
characters and set without spaces."""
