"""Write the table of characters that both tokenisers read: python tools/write_characters.py PATH

Classes come from Python's Unicode tables, the folding from OpenCC's traditional → simplified characters. The table is
committed and not made by builds: a newer Python or OpenCC must not change what the index of a site finds.
"""

import json
import sys
import unicodedata
from pathlib import Path

import opencc

MAX_WORD_LENGTH = 64  # characters; longer words are code or addresses, and would bloat the index

# Scripts without spaces between words: their texts are cut into overlapping pairs of characters.
PAIRED = [
    (0x1100, 0x11FF),  # Hangul, the letters
    (0x3005, 0x3007),  # 々〆〇
    (0x3021, 0x3029),  # 〡〢〣
    (0x3041, 0x3096),  # Hiragana
    (0x309D, 0x309F),
    (0x30A1, 0x30FA),  # Katakana, without the dot between words
    (0x30FC, 0x30FF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xA960, 0xA97F),  # Hangul, more letters
    (0xAC00, 0xD7FB),  # Hangul, the syllables
    (0xF900, 0xFAFF),  # Han that NFKC does not map
    (0x20000, 0x323AF),
]


def is_paired(code: int) -> bool:
    """Return True if a code point belongs to a script that is cut into pairs."""
    return any(first <= code <= last for first, last in PAIRED)


def word_ranges() -> list[tuple[int, int]]:
    """Return ranges of letters, marks and digits of all other scripts. Unassigned code points do not end one."""
    ranges: list[list[int]] = []
    barrier = True  # whether a character that is no part of a word came after the last letter
    for code in range(0x20000):
        category = unicodedata.category(chr(code))
        if is_paired(code) or (category not in {"Cn", "Co", "Cs"} and category[0] not in "LMN"):
            barrier = True
        elif category[0] in "LMN":
            if barrier:
                ranges.append([code, code])
            ranges[-1][1] = code
            barrier = False
    return [(first, last) for first, last in ranges]


def folded_pairs() -> tuple[str, str]:
    """Return traditional characters, and the simplified ones that they fold to, in the same order.

    Only the nearly 3,000 that GBK can encode: the other 2,000 are rare, and every browser loads this table.
    """
    convert = opencc.OpenCC("t2s").convert
    codes = [code for code in range(0x3400, 0xA000) if chr(code).encode("gbk", "ignore")]
    pairs = [(chr(code), convert(chr(code))) for code in codes]
    kept = [(old, new) for old, new in pairs if old != new and len(new) == 1 and 0x3400 <= ord(new) < 0xA000]
    return "".join(old for old, _ in kept), "".join(new for _, new in kept)


def main() -> None:
    """Write the table as JSON to the path that is the first argument."""
    traditional, simplified = folded_pairs()
    numbers = {
        "paired": [number for pair in PAIRED for number in pair],
        "word": [number for pair in word_ranges() for number in pair],
        "traditional": [ord(char) for char in traditional],
    }
    # As differences: the table takes two thirds of the bytes after gzip, and browsers load it.
    table = {name: [b - a for a, b in zip([0, *some], some, strict=False)] for name, some in numbers.items()}
    table |= {"simplified": simplified, "max_word_length": MAX_WORD_LENGTH}
    lines = ",\n".join(
        f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False, separators=(',', ':'))}"
        for name, value in table.items()
    )
    Path(sys.argv[1]).write_text(f"{{\n{lines}\n}}\n", "utf-8")


main()
