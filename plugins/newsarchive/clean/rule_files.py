"""Reads rule files. Checks everything, and reports every problem of every file at once."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from newsarchive.cache.fingerprints import fingerprint_of_rules
from newsarchive.clean.rule_hooks import RuleHook, find_rule_hook
from newsarchive.clean.rules import FACTS, Cut, DropIf, Example, RewriteUrl, Rule, RuleBook, Take
from newsarchive.diagnostics import ConfigurationError, Diagnostic
from newsarchive.fs.atomic_files import read_regular
from newsarchive.fs.symlinks import files_in

Row = TypeVar("Row")


def load_rules(folders: Iterable[Path]) -> RuleBook:
    """Every rule file of `folders`; a file wins over one of the same name in a later folder.

    Raises ConfigurationError with every problem in every file.
    """
    files: dict[str, Path] = {}
    for folder in folders:
        for path in files_in(folder, ".toml"):
            files.setdefault(path.name, path)
    rules, diagnostics = [], list[Diagnostic]()
    for path in files.values():
        reader = _RuleReader(path)
        rules.append(reader.read())
        diagnostics += reader.diagnostics
    if diagnostics:
        raise ConfigurationError(diagnostics)
    return RuleBook(tuple(rules))


class _RuleReader:
    """Reads one file; collects what is wrong with it instead of stopping."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.diagnostics: list[Diagnostic] = []
        self.text = ""
        self._first = 1  # the line that complaints are looked for from: where the row under way begins

    def read(self) -> Rule:
        """The rule; `problems` says whether it can be used."""
        try:
            self.text = read_regular(self.path).decode("utf-8")
            table = tomllib.loads(self.text)
        except (OSError, ValueError, RecursionError) as error:
            at = re.search(r"at line (\d+)", str(error))
            self._first = int(at[1]) if at else 1
            self._complain("", f"rule file cannot be read: {error}", "mend the TOML")
            return Rule(self.path.stem, str(self.path), frozenset(), ())
        self._check_names(table, _KEYS, "")
        match = self._table(table, "match", ("source", "html"))
        if isinstance(table.get("match", {}), dict) and not (match.get("source") or match.get("html")):
            self._complain("match", "no [match] says which articles the rules are for", 'add [match] source = ["…"]')
        return Rule(
            name=str(table.get("name", self.path.stem)),
            path=str(self.path),
            sources=frozenset(self._texts(match, "source")),
            html=tuple(self._texts(match, "html")),
            fingerprint=fingerprint_of_rules([self.path]),
            base=self._text(table, "base"),
            keep=self._selectors(table, "keep"),
            drop=self._selectors(table, "drop"),
            drop_if=tuple(self._each(table, "drop_if", _DROP_IF, self._drop_if)),
            unwrap=self._selectors(table, "unwrap"),
            rename=self._rename(table),
            cut=tuple(self._each(table, "cut", _CUT, self._cut)),
            rewrite_url=tuple(self._each(table, "rewrite_url", _REWRITE, self._rewrite)),
            take=tuple(self._each(table, "take", _TAKE, self._take)),
            steps=tuple(step for name in self._texts(table, "steps") if (step := self._step(name))),
            examples=tuple(self._each(table, "example", _EXAMPLE, self._example)),
        )

    def _drop_if(self, row: Mapping[str, Any]) -> DropIf:
        return DropIf(self._selector(row, "select"), self._pattern(row, "text"))

    def _cut(self, row: Mapping[str, Any]) -> Cut:
        return Cut(self._selector(row, "select"), self._pattern(row, "text") if "text" in row else None)

    def _rewrite(self, row: Mapping[str, Any]) -> RewriteUrl:
        pattern, replace = self._pattern(row, "pattern"), self._text(row, "replace")
        if fault := _fault_of_template(pattern, replace):
            self._complain("replace", f"“{replace}” {fault}", "mend it")
        return RewriteUrl(pattern, replace)

    def _take(self, row: Mapping[str, Any]) -> Take:
        fact = self._text(row, "fact")
        if fact not in FACTS:
            self._complain("fact", f"there is no fact “{fact}”", f"use one of {', '.join(FACTS)}")
        select = self._selector(row, "select") if "select" in row else ""
        drop = row.get("drop", False)
        if not isinstance(drop, bool):
            self._complain("drop", "drop is neither true nor false", "write drop = true")
        return Take(fact, select, self._text(row, "attribute"), self._pattern(row, "pattern", "(.+)"), drop is True)

    def _example(self, row: Mapping[str, Any]) -> Example:
        return Example(self._text(row, "name"), self._text(row, "raw"), self._text(row, "clean"), row.get("facts", {}))

    def _rename(self, table: Mapping[str, Any]) -> dict[str, str]:
        given = table.get("rename", {})
        if not isinstance(given, dict) or not all(isinstance(name, str) for name in given.values()):
            self._complain("rename", "rename is no table of selector = tag", 'write "selector" = "h3" below [rename]')
            return {}
        for selector in given:
            self._check_selector(selector)
        return dict(given)

    def _step(self, name: str) -> RuleHook | None:
        try:
            return find_rule_hook(name)
        except LookupError as error:
            self._complain(name, str(error), "name module:function of an installed module")
            return None

    def _each(
        self, table: Mapping[str, Any], key: str, names: Sequence[str], make: Callable[[Mapping[str, Any]], Row]
    ) -> Iterator[Row]:
        rows = table.get(key, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self._complain(key, f"{key} is no list of tables", f"write [[{key}]]")
            return
        for number, row in enumerate(rows):
            self._first = self._line_of_row(key, number)
            self._check_names(row, names, f"[[{key}]] ")
            yield make(row)
        self._first = 1

    def _line_of_row(self, key: str, number: int) -> int:
        """The line of the `number`th `[[key]]`, counted from 0."""
        header = re.compile(rf"\s*\[\[\s*{key}\s*\]\]")
        found = [line for line, text in enumerate(self.text.split("\n"), 1) if header.match(text)]
        return found[number] if number < len(found) else 1

    def _table(self, table: Mapping[str, Any], key: str, names: Sequence[str]) -> Mapping[str, Any]:
        given = table.get(key, {})
        if not isinstance(given, dict):
            self._complain(key, f"{key} is no table", f"write [{key}]")
            return {}
        self._check_names(given, names, f"[{key}] ")
        return given

    def _texts(self, table: Mapping[str, Any], key: str) -> list[str]:
        given = table.get(key, [])
        given = [given] if isinstance(given, str) else given
        if isinstance(given, list) and all(isinstance(text, str) for text in given):
            return given
        self._complain(key, f"{key} is no list of texts", f'write {key} = ["…"]')
        return []

    def _text(self, table: Mapping[str, Any], key: str) -> str:
        given = table.get(key, "")
        if not isinstance(given, str):
            self._complain(key, f"{key} is no text", f'write {key} = "…"')
            return ""
        return given

    def _selectors(self, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        return tuple(selector for selector in self._texts(table, key) if self._check_selector(selector))

    def _selector(self, table: Mapping[str, Any], key: str) -> str:
        if key not in table:
            self._complain("", f"{key} is missing", f"give a CSS selector as {key}")
            return ""
        selector = self._text(table, key)
        return selector if self._check_selector(selector) else ""

    def _check_selector(self, selector: str) -> bool:
        try:
            LexborHTMLParser("<p>").css(selector)
        except (SelectolaxError, ValueError):
            self._complain(selector, f"“{selector}” is no CSS selector", "see docs/rules.md for what selectors can say")
            return False
        return True

    def _pattern(self, table: Mapping[str, Any], key: str, default: str = "") -> re.Pattern[str]:
        given = self._text(table, key) or default
        try:
            if given:
                return re.compile(given)
            self._complain("", f"{key} is missing", f"give a regular expression as {key}")
        except re.error as error:
            self._complain(given, f"“{given}” is no regular expression: {error}", "mend it")
        return _NEVER

    def _check_names(self, table: Mapping[str, Any], known: Sequence[str], where: str) -> None:
        for name in table:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                repair = f"did you mean `{near[0]}`?" if near else f"use one of {', '.join(known)}"
                self._complain(name, f"{where}there is no key `{name}`", repair)

    def _complain(self, near: str, diagnostic: str, repair: str) -> None:
        self.diagnostics.append(Diagnostic("rule", f"{self.path}:{self._line_of(near)}", diagnostic, repair))

    def _line_of(self, near: str) -> int:
        """The line at or after the row under way that sets the key `near`, else one that holds the text."""
        lines = list(enumerate(self.text.split("\n"), 1))[self._first - 1 :]
        setting = re.compile(rf'\s*(?:"?{re.escape(near)}"?\s*=|\[+\s*{re.escape(near)}\s*\]+)')
        found = [number for number, text in lines if near and setting.match(text)]
        found += [number for number, text in lines if near and near in text]
        return found[0] if found else self._first


def _fault_of_template(pattern: re.Pattern[str], replace: str) -> str:
    """What is wrong with a replacement: a group that the pattern has not, or a stray backslash."""
    for number in re.findall(r"\\(\d+)|\\g<(\d+)>", replace):
        if int(next(filter(None, number))) > pattern.groups:
            return "names a group that the pattern has not"
    try:
        pattern.sub(replace, "")
    except (re.error, IndexError) as error:
        return f"is no replacement: {error}"
    return ""


_KEYS = ("name", "match", "base", "keep", "drop", "drop_if", "unwrap", "rename", "cut", "rewrite_url", "take", "steps",
         "example")  # fmt: skip
_DROP_IF = ("select", "text")
_CUT = ("select", "text")
_REWRITE = ("pattern", "replace")
_TAKE = ("fact", "select", "attribute", "pattern", "drop")
_EXAMPLE = ("name", "raw", "clean", "facts")
_NEVER = re.compile(r"(?!)")
