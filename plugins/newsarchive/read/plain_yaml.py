"""Front matter as crawlers write it, without a YAML parser: a tenth of the time, and the very same values.

Everything that could mean anything else in YAML is left to the parser; a law among the tests holds the two together.
"""

from __future__ import annotations

import re

# What YAML allows in a line and does not fold: no controls, and none of the line breaks of Unicode.
_SAFE = "\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"
_SAFE_BUT = "(?:(?![{but}])[" + _SAFE + "])*+"
_QUOTED = "'" + _SAFE_BUT.format(but="'") + "'|\"" + _SAFE_BUT.format(but='"\\\\') + '"'
# An unquoted value begins with a letter or digit and goes on without what would end it: a colon or hash by a space.
_UNQUOTED = r"\w(?:(?![:# ])[" + _SAFE + r"]|:(?=[^ \n])|(?<! )#| (?=[^ \n]))*+"
_LINE = re.compile(rf"(?:([A-Za-z_][A-Za-z0-9_-]{{0,99}}):|( {{1,8}})-)(?: +({_QUOTED}|{_UNQUOTED}))? *\n")


def read_plain_yaml(block: str) -> dict[str, str | list[str]] | None:
    """Keys and their texts or lists of texts; None where a parser has to say what the block means."""
    found: dict[str, str | list[str]] = {}
    key, indent, items = "", "", None  # where the last key stands alone, items may follow
    block = block.strip("\n") + "\n"
    at = 0
    while at < len(block):
        line = _LINE.match(block, at)
        if line is None:
            return None
        at = line.end()
        name, spaces, value = line.groups()
        text = value[1:-1] if value and value[0] in "'\"" else value or ""
        if name:
            key, found[name] = name, text
            items = list[str]() if value is None else None
        elif items is None or value is None or (items and spaces != indent):
            return None
        else:
            items.append(text)
            found[key], indent = items, spaces
    return found or None
