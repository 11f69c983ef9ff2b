"""Read the simple YAML that crawlers write without a YAML parser: same values, a tenth of the time.

This is not a YAML parser: for a block that could mean anything else in YAML it returns None. A property test compares
its values with the parser's.
"""

from __future__ import annotations

import re

# The characters that YAML keeps as they are within a line: no controls, and none of Unicode's line breaks.
_SAFE = "\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"
_SAFE_EXCEPT = "(?:(?![{but}])[" + _SAFE + "])*+"
_QUOTED = "'" + _SAFE_EXCEPT.format(but="'") + "'|\"" + _SAFE_EXCEPT.format(but='"\\\\') + '"'
# An unquoted value begins with a letter or digit. A colon before a space, or a hash after one, would end it.
_UNQUOTED = r"\w(?:(?![:# ])[" + _SAFE + r"]|:(?=[^ \n])|(?<! )#| (?=[^ \n]))*+"
_LINE = re.compile(rf"(?:([A-Za-z_][A-Za-z0-9_-]{{0,99}}):|( {{1,8}})-)(?: +({_QUOTED}|{_UNQUOTED}))? *\n")


def read_plain_yaml(block: str) -> dict[str, str | list[str]] | None:
    """Return each key with its text or list of texts, or None if only a YAML parser can read the block.

    >>> read_plain_yaml("title: 新闻\\ntags:\\n  - a\\n  - b")
    {'title': '新闻', 'tags': ['a', 'b']}
    >>> read_plain_yaml("title: [a, b]")
    """
    found: dict[str, str | list[str]] = {}
    key, indent, items = "", "", None  # `items` is a list after a key without a value: list items may follow
    block = block.strip("\n") + "\n"
    position = 0
    while position < len(block):
        line = _LINE.match(block, position)
        if line is None:
            return None
        position = line.end()
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
