"""Split the text of a file into front matter and body. Front matter is YAML or TOML.

python-frontmatter splits and libyaml parses. This module handles what they do not:

- blank lines before the opening fence, or no opening fence
- a fence that never closes
- a list instead of a mapping
- values that YAML would turn into numbers, dates or booleans
- aliases (the "billion laughs" attack)
- front matter that is not valid YAML because the crawler escaped nothing

Values stay texts: this module does not parse dates or categories; `describe` does.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import yaml
from frontmatter.default_handlers import YAMLHandler

from newsarchive.diagnostics import Diagnostic
from newsarchive.models import Metadata
from newsarchive.read.plain_yaml import read_plain_yaml

# BaseLoader keeps every scalar a text: `No` does not become False, nor `0123` 83, and a date keeps the feed's format.
_Loader: type[yaml.BaseLoader] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_KEY = re.compile(r"([A-Za-z_][\w-]*)[ \t]*:(?:[ \t]+(.*)|$)")
_ITEM = re.compile(r"[ \t]*-(?:[ \t]+(.*)|$)")
_KNOWN_KEYS = re.compile(r"(?:title|date|categories|author|headimg|thumbnail)[ \t]*:")
_SEPARATORS = re.compile("[,，]")


@dataclass(slots=True)
class SplitFile:
    """The front matter and the body of a file, and the warnings about them."""

    metadata: Metadata
    body: str
    diagnostics: list[Diagnostic] = field(default_factory=list)


def split_front_matter(text: str, source: str) -> SplitFile:
    """Split `text` into metadata and body.

    Every value of the metadata is a text or a list of texts; keys are in lower case in YAML. The body is unchanged.
    `source` is the file's path for messages. Problems become diagnostics; nothing is raised.

    >>> split_front_matter("---\\ntitle: No\\ntags: a, b\\n---\\n<p>Text", "a.md").metadata
    {'title': 'No', 'tags': ['a', 'b']}
    """
    stripped = text.lstrip(" \t\n\ufeff")
    line = text[: len(text) - len(stripped)].count("\n") + 1  # of the opening fence
    if _TOML_FENCE.match(stripped):
        return _split_toml(stripped, source, line)
    if _KNOWN_KEYS.match(stripped):  # Hexo lets the opening fence be left out
        stripped, line = "---\n" + stripped, line - 1
    if not YAMLHandler().detect(stripped):
        return SplitFile({}, text, [_diagnostic(source, 1, "no front matter", "begin the file with --- and a title")])
    return _split_yaml(stripped, source, line)


_MAX_YAML = 100_000  # characters; hostile YAML of this length costs libyaml half a second
_MAX_LINES = 1_000  # of front matter without a closing fence
_MAX_ITEMS = 100  # in a list of categories, tags or any other key


def _split_yaml(text: str, source: str, line: int) -> SplitFile:
    diagnostics: list[Diagnostic] = []
    try:
        block, body = YAMLHandler().split(text)
        fenced = not re.search(r"^<", block, re.MULTILINE)  # HTML in it: the second `---` is a line of the body
    except ValueError:
        fenced = False
    if not fenced:
        block, body = _cut_at_blank_line(text)
        diagnostics.append(_diagnostic(source, line, "the closing --- is missing", "put --- after the front matter"))
    if len(block) > _MAX_YAML:
        block = block[:_MAX_YAML].rpartition("\n")[0]
        diagnostics.append(
            _diagnostic(source, line, f"front matter is longer than {_MAX_YAML:,} characters", "shorten it")
        )
    if (plain := read_plain_yaml(block)) is not None:
        return SplitFile(_as_texts({key.lower(): value for key, value in plain.items()}), body, diagnostics)
    try:
        metadata = _load_yaml(block)
    except _InvalidYaml as error:
        metadata = _read_line_by_line(block)
        first = line + text[: text.find(block)].count("\n")  # number of the line that the block begins in
        diagnostics.append(
            _diagnostic(source, first + error.line, f"front matter is not valid YAML: {error}", "quote the value")
        )
    _restore_title(block, metadata)
    return SplitFile(_as_texts(metadata), body, diagnostics)


_TOML_FENCE = re.compile(r"\+\+\+[ \t]*$", re.MULTILINE)


def _split_toml(text: str, source: str, line: int) -> SplitFile:
    _, block, *body = _TOML_FENCE.split(text, maxsplit=2)
    if not body:
        diagnostic = _diagnostic(source, line, "the closing +++ is missing", "put +++ after the front matter")
        return SplitFile({}, block, [diagnostic])
    if len(block) > _MAX_TOML:
        message = f"front matter is longer than {_MAX_TOML:,} characters"
        diagnostic = _diagnostic(source, line, message, "keep only front matter between the +++ lines")
        return SplitFile({}, body[0], [diagnostic])
    try:
        return SplitFile(_as_texts(tomllib.loads(block)), body[0])
    except (ValueError, RecursionError) as error:  # TOMLDecodeError is a ValueError, as is that of a 5,000-digit number
        match = re.search(r"at line (\d+)", str(error))
        error_line = line + int(match[1]) - 1 if match else line
        message = f"front matter is not valid TOML: {error}"
        diagnostic = _diagnostic(source, error_line, message, "correct it, or write YAML")
        return SplitFile({}, body[0], [diagnostic])


# Characters. tomllib stores each prefix of a dotted key: a key with 20,000 dots takes 1.5 GB.
_MAX_TOML = 8_000


def _cut_at_blank_line(text: str) -> tuple[str, str]:
    """Return (front matter, body) of a file without a closing fence.

    The front matter ends before the first line that cannot belong to it, and after `_MAX_LINES` lines at the latest.
    """
    lines = text.split("\n")
    last = min(len(lines), _MAX_LINES)
    end = next((i for i in range(1, last) if not _may_be_front_matter(lines[i])), last)
    body = lines[end + 1 :] if end < len(lines) and re.fullmatch(r"-{3,}\s*", lines[end]) else lines[end:]
    return "\n".join(lines[1:end]), "\n".join(body)


def _may_be_front_matter(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("---") and bool(_KEY.match(line) or line[0] in " \t-#")


class _InvalidYaml(Exception):
    """The block is not a YAML mapping, or one that is not accepted; `line` counts from 0 within the block."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.line = line


def _load_yaml(block: str) -> dict[str, object]:
    """Parse a block of YAML and return the mapping in it, keys in lower case. Raises _InvalidYaml."""
    _reject_bombs(block)
    try:
        loaded = YAMLHandler().load(block, Loader=_Loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _invalid(error) from error
    if loaded is None or loaded == "":
        return {}
    if not isinstance(loaded, dict):
        raise _InvalidYaml("keys and values were expected", len(block) - len(block.lstrip("\n")))
    metadata = {str(key).lower(): value for key, value in loaded.items()}
    # A quote that is never closed can swallow the next lines, and the block is still valid YAML.
    for key, _, line in _keys(block):
        if key not in metadata:
            raise _InvalidYaml(f"the line of “{key}” was read as part of the value before it", line)
    return metadata


def _reject_bombs(block: str) -> None:
    """Raise _InvalidYaml for aliases and for nesting deeper than `_MAX_NESTING`.

    Ten lines of aliases expand to gigabytes ("billion laughs"). Deep nesting overflows the parser's stack and ends the
    process. No scraped file needs either. `yaml.parse` yields events one by one, without recursion.
    """
    if "*" not in block and sum(map(block.count, "[{-?")) < _MAX_NESTING:
        return
    depth = 0
    try:
        for event in yaml.parse(block, Loader=_Loader):
            if isinstance(event, yaml.AliasEvent):
                raise _InvalidYaml("aliases are not allowed", _line_of(event.start_mark))
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _MAX_NESTING:
                raise _InvalidYaml("nested too deeply", _line_of(event.start_mark))
    except yaml.YAMLError as error:
        raise _invalid(error) from error


_MAX_NESTING = 50


def _invalid(error: Exception) -> _InvalidYaml:
    """Return the error of PyYAML, or of Python, as an _InvalidYaml with its reason and line."""
    mark = getattr(error, "problem_mark", None)
    return _InvalidYaml(getattr(error, "problem", None) or type(error).__name__, _line_of(mark))


def _line_of(mark: Any) -> int:
    return mark.line if mark else 0


def _keys(block: str) -> Iterator[tuple[str, str, int]]:
    """Yield (key, text after the colon, line from 0) of every line that begins with a key."""
    for number, line in enumerate(block.split("\n")):
        if match := _KEY.match(line):
            yield match[1].lower(), (match[2] or "").strip(), number


def _read_line_by_line(block: str) -> dict[str, object]:
    """Return the `key: value` and ` - item` lines of a block that is not valid YAML. Never fails.

    Other lines continue the value before them.
    """
    texts: dict[str, list[str]] = {}
    items: dict[str, list[str]] = {}
    key = ""
    for line in block.split("\n"):
        if match := _KEY.match(line) or _KEY_WITHOUT_SPACE.match(line):
            key = match[1].lower()
            texts[key], items[key] = [_unquote(match[2] or "")], []
        elif key and (match := _ITEM.match(line)) and not any(texts[key]):
            items[key].append(_unquote(match[1] or ""))
        elif key and line.strip():
            texts[key].append(line.strip())
    return {key: items[key] or " ".join(filter(None, parts)) for key, parts in texts.items()}


_KEY_WITHOUT_SPACE = re.compile(r"(title|date|categories|author|headimg|thumbnail|tags)[ \t]*[:：][ \t]*(.*)")


def _unquote(value: str) -> str:
    """Remove the quotes around a value, also an opening quote alone. `\\` is kept: crawlers do not write escapes."""
    value = value.strip()
    quote = value[:1]
    if quote and quote in "'\"":
        value = value[1:]
        return value[:-1] if value.endswith(quote) else value
    return value


def _restore_title(block: str, metadata: dict[str, object]) -> None:
    """Set an unquoted title to the characters in the file.

    YAML reads `[视频]` as a list and drops ` #热点` as a comment; a scraped title means neither.
    """
    written = next((value for key, value, _ in _keys(block) if key == "title"), "")
    if not written or written[0] in "'\"" or written in {"|", ">", "|-", ">-"}:
        return
    if not isinstance(metadata.get("title"), str) or " #" in written:
        metadata["title"] = written


def _as_texts(metadata: Mapping[str, object]) -> Metadata:
    """Return the metadata with every value as a text or a flat list of texts.

    A mapping becomes a list of "key: value". A text under one of `_LISTS` is split at commas.
    """
    texts: dict[str, str | list[str]] = {}
    for key, value in metadata.items():
        if isinstance(value, list | tuple):
            texts[key] = list(islice(_flatten(value), _MAX_ITEMS))
        elif isinstance(value, dict):
            pairs = islice(value.items(), _MAX_ITEMS)
            texts[key] = [f"{name}: {' '.join(_flatten([inner]))}" for name, inner in pairs]
        else:
            texts[key] = "" if str(value) in _NULLS and key != "title" else str(value)
    for key in _LISTS:
        given = texts.get(key)
        if isinstance(given, str):
            parts = _SEPARATORS.split(given, _MAX_ITEMS)[:_MAX_ITEMS]
            texts[key] = [part.strip() for part in parts if part.strip(" ~")]
    return texts


_NULLS = frozenset({"~", "null", "Null", "NULL", "None"})
_LISTS = ("categories", "category", "tags")


def _flatten(value: object) -> Iterator[str]:
    """Yield the texts in nested lists and mappings, in order; without recursion, so lists may be a thousand deep."""
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, dict):
            current = list(current.values())
        if isinstance(current, list | tuple):
            pending.extend(reversed(current))
        elif current is not None and str(current).strip():
            yield str(current)


def _diagnostic(source: str, line: int, message: str, hint: str) -> Diagnostic:
    return Diagnostic("front-matter", f"{source}:{max(line, 1)}", message, hint)
