"""Read rule files, and report every problem in every file at once.

The reference of the format is docs/rules.md. `rules` holds the types, `rule_engine` applies them.
"""

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
    """Return the rules of every `.toml` file in `folders`.

    A file wins over one of the same name in a later folder. Raises ConfigurationError with every problem in every file.
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
    """Reads one file, and collects its problems instead of stopping at the first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.diagnostics: list[Diagnostic] = []
        self.text = ""
        self._first_line = 1  # where the current row begins: problems are located from this line on

    def read(self) -> Rule:
        """Return the rule. It is only usable if `diagnostics` is empty."""
        try:
            self.text = read_regular(self.path).decode("utf-8")
            table = tomllib.loads(self.text)
        except (OSError, ValueError, RecursionError) as error:
            at = re.search(r"at line (\d+)", str(error))
            self._first_line = int(at[1]) if at else 1
            self._report("", f"cannot read the rule file: {error}", "fix the TOML syntax")
            return Rule(self.path.stem, str(self.path), frozenset(), ())
        self._check_keys(table, _KEYS, "")
        match = self._table(table, "match", ("source", "html"))
        if isinstance(table.get("match", {}), dict) and not (match.get("source") or match.get("html")):
            self._report(
                "match", "the rules match no article: source and html are missing", 'add [match] source = ["…"]'
            )
        return Rule(
            name=str(table.get("name", self.path.stem)),
            path=str(self.path),
            sources=frozenset(self._strings(match, "source")),
            html=tuple(self._strings(match, "html")),
            fingerprint=fingerprint_of_rules([self.path]),
            base=self._string(table, "base"),
            keep=self._selectors(table, "keep"),
            drop=self._selectors(table, "drop"),
            drop_if=tuple(self._read_rows(table, "drop_if", _DROP_IF_KEYS, self._read_drop_if)),
            unwrap=self._selectors(table, "unwrap"),
            rename=self._read_rename(table),
            cut=tuple(self._read_rows(table, "cut", _CUT_KEYS, self._read_cut)),
            rewrite_url=tuple(self._read_rows(table, "rewrite_url", _REWRITE_URL_KEYS, self._read_rewrite_url)),
            take=tuple(self._read_rows(table, "take", _TAKE_KEYS, self._read_take)),
            steps=tuple(step for name in self._strings(table, "steps") if (step := self._read_step(name))),
            examples=tuple(self._read_rows(table, "example", _EXAMPLE_KEYS, self._read_example)),
        )

    def _read_drop_if(self, row: Mapping[str, Any]) -> DropIf:
        """Return one `[[drop_if]]`."""
        return DropIf(self._selector(row, "select"), self._pattern(row, "text"))

    def _read_cut(self, row: Mapping[str, Any]) -> Cut:
        """Return one `[[cut]]`."""
        return Cut(self._selector(row, "select"), self._pattern(row, "text") if "text" in row else None)

    def _read_rewrite_url(self, row: Mapping[str, Any]) -> RewriteUrl:
        """Return one `[[rewrite_url]]`."""
        pattern, replace = self._pattern(row, "pattern"), self._string(row, "replace")
        if problem := _replacement_problem(pattern, replace):
            self._report("replace", f"“{replace}” {problem}", "correct the replacement")
        return RewriteUrl(pattern, replace)

    def _read_take(self, row: Mapping[str, Any]) -> Take:
        """Return one `[[take]]`."""
        fact = self._string(row, "fact")
        if fact not in FACTS:
            self._report("fact", f"unknown fact “{fact}”", f"use one of {', '.join(FACTS)}")
        select = self._selector(row, "select") if "select" in row else ""
        drop = row.get("drop", False)
        if not isinstance(drop, bool):
            self._report("drop", "drop must be true or false", "write drop = true")
        return Take(fact, select, self._string(row, "attribute"), self._pattern(row, "pattern", "(.+)"), drop is True)

    def _read_example(self, row: Mapping[str, Any]) -> Example:
        """Return one `[[example]]`."""
        return Example(
            self._string(row, "name"), self._string(row, "raw"), self._string(row, "clean"), row.get("facts", {})
        )

    def _read_rename(self, table: Mapping[str, Any]) -> dict[str, str]:
        """Return the table `[rename]`: selector → tag."""
        value = table.get("rename", {})
        if not isinstance(value, dict) or not all(isinstance(name, str) for name in value.values()):
            self._report("rename", "rename must be a table of selector = tag", 'write "selector" = "h3" below [rename]')
            return {}
        for selector in value:
            self._check_selector(selector)
        return dict(value)

    def _read_step(self, name: str) -> RuleHook | None:
        """Return the function of one step, None if there is a problem."""
        try:
            return find_rule_hook(name)
        except LookupError as error:
            self._report(name, str(error), "write module:function of an installed module")
            return None

    def _read_rows(
        self, table: Mapping[str, Any], key: str, keys: Sequence[str], make: Callable[[Mapping[str, Any]], Row]
    ) -> Iterator[Row]:
        """Yield what `make` returns for each `[[key]]`; `keys` are those that a row may have."""
        rows = table.get(key, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self._report(key, f"{key} must be a list of tables", f"write [[{key}]]")
            return
        for number, row in enumerate(rows):
            self._first_line = self._line_of_row(key, number)
            self._check_keys(row, keys, f"[[{key}]] ")
            yield make(row)
        self._first_line = 1

    def _line_of_row(self, key: str, number: int) -> int:
        """Return the line of the `number`th `[[key]]`, counted from 0."""
        header = re.compile(rf"\s*\[\[\s*{key}\s*\]\]")
        found = [line for line, text in enumerate(self.text.split("\n"), 1) if header.match(text)]
        return found[number] if number < len(found) else 1

    def _table(self, table: Mapping[str, Any], key: str, keys: Sequence[str]) -> Mapping[str, Any]:
        """Return the table `[key]`, and report keys that are not in `keys`."""
        value = table.get(key, {})
        if not isinstance(value, dict):
            self._report(key, f"{key} must be a table", f"write [{key}]")
            return {}
        self._check_keys(value, keys, f"[{key}] ")
        return value

    def _strings(self, table: Mapping[str, Any], key: str) -> list[str]:
        """Return the list of strings at `key`; a single string is a list of one."""
        value = table.get(key, [])
        value = [value] if isinstance(value, str) else value
        if isinstance(value, list) and all(isinstance(text, str) for text in value):
            return value
        self._report(key, f"{key} must be a list of strings", f'write {key} = ["…"]')
        return []

    def _string(self, table: Mapping[str, Any], key: str) -> str:
        """Return the string at `key`, "" if it is missing."""
        value = table.get(key, "")
        if not isinstance(value, str):
            self._report(key, f"{key} must be a string", f'write {key} = "…"')
            return ""
        return value

    def _selectors(self, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        """Return the valid CSS selectors at `key`."""
        return tuple(selector for selector in self._strings(table, key) if self._check_selector(selector))

    def _selector(self, table: Mapping[str, Any], key: str) -> str:
        """Return the CSS selector at `key`, which is required."""
        if key not in table:
            self._report("", f"{key} is missing", f'add {key} = "…", a CSS selector')
            return ""
        selector = self._string(table, key)
        return selector if self._check_selector(selector) else ""

    def _check_selector(self, selector: str) -> bool:
        """Return True if lexbor can parse the selector; report it otherwise."""
        try:
            LexborHTMLParser("<p>").css(selector)
        except (SelectolaxError, ValueError):
            self._report(selector, f"“{selector}” is not a valid CSS selector", "docs/rules.md explains selectors")
            return False
        return True

    def _pattern(self, table: Mapping[str, Any], key: str, default: str = "") -> re.Pattern[str]:
        """Return the regular expression at `key`; without a `default`, it is required."""
        value = self._string(table, key) or default
        try:
            if value:
                return re.compile(value)
            self._report("", f"{key} is missing", f"add {key} = '…', a regular expression")
        except re.error as error:
            self._report(value, f"“{value}” is not a valid regular expression: {error}", "correct the pattern")
        return _MATCHES_NOTHING

    def _check_keys(self, table: Mapping[str, Any], known: Sequence[str], table_name: str) -> None:
        """Report keys that are not in `known`; `table_name` is for the message."""
        for key in table:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                hint = f"did you mean `{near[0]}`?" if near else f"use one of {', '.join(known)}"
                self._report(key, f"{table_name}unknown key `{key}`", hint)

    def _report(self, near: str, message: str, hint: str) -> None:
        """Report a problem at the line of the text `near`."""
        self.diagnostics.append(Diagnostic("rule", f"{self.path}:{self._line_of(near)}", message, hint))

    def _line_of(self, near: str) -> int:
        """Return the line of `near`, at or after the current row.

        A line that sets `near` as a key wins over one that only contains the text.
        """
        lines = list(enumerate(self.text.split("\n"), 1))[self._first_line - 1 :]
        setting = re.compile(rf'\s*(?:"?{re.escape(near)}"?\s*=|\[+\s*{re.escape(near)}\s*\]+)')
        found = [number for number, text in lines if near and setting.match(text)]
        found += [number for number, text in lines if near and near in text]
        return found[0] if found else self._first_line


def _replacement_problem(pattern: re.Pattern[str], replace: str) -> str:
    """Return what is wrong with a replacement, "" if nothing is: a group that does not exist, or a stray backslash."""
    for number in re.findall(r"\\(\d+)|\\g<(\d+)>", replace):
        if int(next(filter(None, number))) > pattern.groups:
            return "refers to a group that the pattern does not have"
    try:
        pattern.sub(replace, "")
    except (re.error, IndexError) as error:
        return f"is not a valid replacement: {error}"
    return ""


_KEYS = ("name", "match", "base", "keep", "drop", "drop_if", "unwrap", "rename", "cut", "rewrite_url", "take", "steps",
         "example")  # fmt: skip
_DROP_IF_KEYS = ("select", "text")
_CUT_KEYS = ("select", "text")
_REWRITE_URL_KEYS = ("pattern", "replace")
_TAKE_KEYS = ("fact", "select", "attribute", "pattern", "drop")
_EXAMPLE_KEYS = ("name", "raw", "clean", "facts")
_MATCHES_NOTHING = re.compile(r"(?!)")
