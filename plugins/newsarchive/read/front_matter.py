"""Text → front matter and body.

python-frontmatter splits and libyaml parses; this module handles what they do not: blank lines or nothing before the
opening fence, a fence that never closes, a list where a mapping should be, values that YAML would turn into numbers,
dates or truth values, aliases, and front matter that is no YAML at all because the crawler escaped nothing.
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

# Text everywhere: `No` is no truth value, `0123` not 83, and a date keeps the form the feed gave it.
_Loader: type[yaml.BaseLoader] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_KEY = re.compile(r"([A-Za-z_][\w-]*)[ \t]*:(?:[ \t]+(.*)|$)")
_ITEM = re.compile(r"[ \t]*-(?:[ \t]+(.*)|$)")
_KNOWN_KEYS = re.compile(r"(?:title|date|categories|author|headimg|thumbnail)[ \t]*:")
_SEPARATORS = re.compile("[,，]")


@dataclass(slots=True)
class SplitFile:
    """The two halves of a file."""

    metadata: Metadata
    body: str
    diagnostics: list[Diagnostic] = field(default_factory=list)


def split_front_matter(text: str, source: str) -> SplitFile:
    """Front matter with every value as text (or a list of texts), and the body as it stands."""
    stripped = text.lstrip(" \t\n\ufeff")
    line = text[: len(text) - len(stripped)].count("\n") + 1  # of the opening fence
    if _TOML_FENCE.match(stripped):
        return _split_toml(stripped, source, line)
    if _KNOWN_KEYS.match(stripped):  # Hexo lets the opening fence be left out
        stripped, line = "---\n" + stripped, line - 1
    if not YAMLHandler().detect(stripped):
        return SplitFile({}, text, [_diagnostic(source, 1, "no front matter", "begin the file with --- and a title")])
    return _split_yaml(stripped, source, line)


_MOST_YAML = 100_000  # characters; libyaml takes half a second for so much that is made to cost it
_MOST_LINES = 1_000  # in front matter that nobody closed
_MOST_ITEMS = 100  # of categories, tags, or anything


def _split_yaml(text: str, source: str, line: int) -> SplitFile:
    diagnostics: list[Diagnostic] = []
    try:
        block, body = YAMLHandler().split(text)
        fenced = not re.search(r"^<", block, re.MULTILINE)  # else the second fence is a line of the body
    except ValueError:
        fenced = False
    if not fenced:
        block, body = _cut_at_blank_line(text)
        diagnostics.append(_diagnostic(source, line, "the closing --- is missing", "put --- after the front matter"))
    if len(block) > _MOST_YAML:
        block = block[:_MOST_YAML].rpartition("\n")[0]
        diagnostics.append(
            _diagnostic(source, line, f"front matter is longer than {_MOST_YAML:,} characters", "shorten it")
        )
    if (plain := read_plain_yaml(block)) is not None:
        return SplitFile(_as_texts({key.lower(): value for key, value in plain.items()}), body, diagnostics)
    try:
        metadata = _load_yaml(block)
    except _NotPlain as error:
        metadata = _read_line_by_line(block)
        first = line + text[: text.find(block)].count("\n")  # number of the line that the block begins in
        diagnostics.append(
            _diagnostic(source, first + error.line, f"front matter is not valid YAML: {error}", "quote the value")
        )
    _take_title_as_written(block, metadata)
    return SplitFile(_as_texts(metadata), body, diagnostics)


_TOML_FENCE = re.compile(r"\+\+\+[ \t]*$", re.MULTILINE)


def _split_toml(text: str, source: str, line: int) -> SplitFile:
    _, block, *body = _TOML_FENCE.split(text, maxsplit=2)
    if not body:
        diagnostic = _diagnostic(source, line, "the closing +++ is missing", "put +++ after the front matter")
        return SplitFile({}, block, [diagnostic])
    if len(block) > _MOST_TOML:
        diagnostic = _diagnostic(source, line, "front matter is longer than any", "take out what is no front matter")
        return SplitFile({}, body[0], [diagnostic])
    try:
        return SplitFile(_as_texts(tomllib.loads(block)), body[0])
    except (ValueError, RecursionError) as error:  # TOMLDecodeError is a ValueError; so is a number of 5,000 digits
        at = re.search(r"at line (\d+)", str(error))
        place = line + int(at[1]) - 1 if at else line
        diagnostic = _diagnostic(source, place, f"front matter is not valid TOML: {error}", "mend it, or write YAML")
        return SplitFile({}, body[0], [diagnostic])


# tomllib remembers each part of a key with all parts before it: 20,000 dots are 1.5 GB.
_MOST_TOML = 8_000


def _cut_at_blank_line(text: str) -> tuple[str, str]:
    """Front matter whose end nobody marked: the lines up to the first that can be none of it."""
    lines = text.split("\n")
    most = min(len(lines), _MOST_LINES)
    end = next((i for i in range(1, most) if not _may_be_front_matter(lines[i])), most)
    body = lines[end + 1 :] if end < len(lines) and re.fullmatch(r"-{3,}\s*", lines[end]) else lines[end:]
    return "\n".join(lines[1:end]), "\n".join(body)


def _may_be_front_matter(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("---") and bool(_KEY.match(line) or line[0] in " \t-#")


class _NotPlain(Exception):
    """The block is no plain YAML mapping; `line` counts from 0 within it."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.line = line


def _load_yaml(block: str) -> dict[str, object]:
    _refuse_bombs(block)
    try:
        loaded = YAMLHandler().load(block, Loader=_Loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _broken(error) from error
    if loaded is None or loaded == "":
        return {}
    if not isinstance(loaded, dict):
        raise _NotPlain("keys and values were expected", len(block) - len(block.lstrip("\n")))
    metadata = {str(key).lower(): value for key, value in loaded.items()}
    # A quote that nobody closed can swallow the lines that follow and still be YAML.
    for key, _, line in _keys(block):
        if key not in metadata:
            raise _NotPlain(f"the line of “{key}” was swallowed by the value before it", line)
    return metadata


def _refuse_bombs(block: str) -> None:
    """Ten lines of aliases unfold to gigabytes ("billion laughs"), deep nesting breaks the parser's stack and with it
    the process; no scraped file means either. Events come one by one, without recursion."""
    if "*" not in block and sum(map(block.count, "[{-?")) < _MAX_NESTING:
        return
    depth = 0
    try:
        for event in yaml.parse(block, Loader=_Loader):
            if isinstance(event, yaml.AliasEvent):
                raise _NotPlain("aliases are not allowed", _line_of(event.start_mark))
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _MAX_NESTING:
                raise _NotPlain("nested too deep", _line_of(event.start_mark))
    except yaml.YAMLError as error:
        raise _broken(error) from error


_MAX_NESTING = 50


def _broken(error: Exception) -> _NotPlain:
    mark = getattr(error, "problem_mark", None)
    return _NotPlain(getattr(error, "problem", None) or type(error).__name__, _line_of(mark))


def _line_of(mark: Any) -> int:
    return mark.line if mark else 0


def _keys(block: str) -> Iterator[tuple[str, str, int]]:
    """(key, what stands behind the colon, line) of every line that begins with a key."""
    for number, line in enumerate(block.split("\n")):
        if match := _KEY.match(line):
            yield match[1].lower(), (match[2] or "").strip(), number


def _read_line_by_line(block: str) -> dict[str, object]:
    """What the lines say when YAML cannot: `key: value`, ` - item`, and nothing is an error."""
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
    """Without the quotes around it, be it only one of them. `\\` escapes nothing: the crawler never wrote one."""
    value = value.strip()
    quote = value[:1]
    if quote and quote in "'\"":
        value = value[1:]
        return value[:-1] if value.endswith(quote) else value
    return value


def _take_title_as_written(block: str, metadata: dict[str, object]) -> None:
    """An unquoted title is meant to the letter: not as the list `[视频]` is, nor cut off at ` #热点` as a comment."""
    written = next((value for key, value, _ in _keys(block) if key == "title"), "")
    if not written or written[0] in "'\"" or written in {"|", ">", "|-", ">-"}:
        return
    if not isinstance(metadata.get("title"), str) or " #" in written:
        metadata["title"] = written


def _as_texts(metadata: Mapping[str, object]) -> Metadata:
    """Every value as text or a flat list of texts."""
    texts: dict[str, str | list[str]] = {}
    for key, value in metadata.items():
        if isinstance(value, list | tuple):
            texts[key] = list(islice(_flatten(value), _MOST_ITEMS))
        elif isinstance(value, dict):
            pairs = islice(value.items(), _MOST_ITEMS)
            texts[key] = [f"{name}: {' '.join(_flatten([inner]))}" for name, inner in pairs]
        else:
            texts[key] = "" if str(value) in _NULLS and key != "title" else str(value)
    for key in _LISTS:
        given = texts.get(key)
        if isinstance(given, str):
            parts = _SEPARATORS.split(given, _MOST_ITEMS)[:_MOST_ITEMS]
            texts[key] = [part.strip() for part in parts if part.strip(" ~")]
    return texts


_NULLS = frozenset({"~", "null", "Null", "NULL", "None"})
_LISTS = ("categories", "category", "tags")


def _flatten(value: object) -> Iterator[str]:
    """The texts in nested lists and mappings, outermost first; without recursion, for lists a thousand deep."""
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, dict):
            current = list(current.values())
        if isinstance(current, list | tuple):
            pending.extend(reversed(current))
        elif current is not None and str(current).strip():
            yield str(current)


def _diagnostic(source: str, line: int, diagnostic: str, repair: str) -> Diagnostic:
    return Diagnostic("front-matter", f"{source}:{max(line, 1)}", diagnostic, repair)
