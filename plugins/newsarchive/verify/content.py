"""Check: what is wrong with scraped files, told at the file and line, without building a site."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsarchive.clean import clean_article
from newsarchive.config import BuildConfig
from newsarchive.describe import describe_article
from newsarchive.diagnostics import WITHHELD, Diagnostic, RejectedFile
from newsarchive.parallel.time_limits import cpu_limit
from newsarchive.read import read_article
from newsarchive.read.find import FoundFile, find_files
from newsarchive.read.visibility import KEYS

ERROR, WARNING, NOTICE = "error", "warning", "notice"
"""An error keeps an article from being published; with a warning it is published, and something was odd. A notice says
that its author withholds it."""


_HEAD = 16_384
"""Bytes at the head of a file, in which its front matter stands."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem in a file; `path` begins with the content folder as it was named, `line` is 0 where there is none."""

    severity: str
    path: str
    line: int
    diagnostic: Diagnostic


def check_content(config: BuildConfig, only: Collection[str] | None = None) -> tuple[int, list[Finding]]:
    """How many files were looked at, and everything wrong with them, by path and line.

    `only` names files as `content/a.md`. Each file is looked at by itself: what a source repeats around its articles
    takes all of them to know, and has no say in what is wrong with one.
    """
    found = find_files(config.content, config.settings.article_extensions, config.ignore, config.exclude)
    if only is not None:
        wanted = {Path(each).as_posix() for each in only}
        found = [file for file in found if (config.content / file.source).as_posix() in wanted]
    findings = [finding for file in found for finding in _check_file(file, config)]
    return len(found), sorted(findings, key=lambda each: (each.path, each.line, each.diagnostic.code))


def _check_file(file: FoundFile, config: BuildConfig) -> list[Finding]:
    settings = config.settings
    try:
        with cpu_limit(file.source):
            raw = read_article(file, settings.max_file_bytes)
            clean = clean_article(raw, config.rules, settings.max_html_depth)
            diagnostics = describe_article(clean, settings, config.zone).diagnostics
    except RejectedFile as rejection:
        severity = NOTICE if rejection.diagnostic.code == WITHHELD else ERROR
        return [_finding(config.content, file.source, severity, rejection.diagnostic)]
    return [_finding(config.content, file.source, WARNING, diagnostic) for diagnostic in diagnostics]


def _finding(content: Path, source: str, severity: str, diagnostic: Diagnostic) -> Finding:
    told = re.fullmatch(r":(\d+)", diagnostic.location.removeprefix(source))
    line = int(told[1]) if told else _line_of(content / source, diagnostic)
    return Finding(severity, (content / source).as_posix(), line, diagnostic)


def _line_of(path: Path, diagnostic: Diagnostic) -> int:
    """Where the front matter says what the problem is about; stages after reading no longer know the line."""
    name = diagnostic.message.partition(":")[0] if diagnostic.code == WITHHELD else diagnostic.code
    if name not in {"date", "title", *KEYS}:
        return 0
    try:
        head = path.read_bytes()[:_HEAD]
    except OSError:
        return 0
    key = re.search(rb"^[\"']?%s[\"']?[ \t]*[:=]" % name.encode(), head, re.MULTILINE | re.IGNORECASE)
    return head.count(b"\n", 0, key.start()) + 1 if key else 1


def settings_findings(diagnostics: Sequence[Diagnostic], settings: str) -> list[Finding]:
    """What is wrong with settings and rule files: nothing is checked with those."""
    return [Finding(ERROR, *_place(diagnostic.location, settings), diagnostic) for diagnostic in diagnostics]


def _place(place: str, settings: str) -> tuple[str, int]:
    match = re.fullmatch(r"(.*\.toml)(?::(\d+))?", place)
    return (match[1], int(match[2] or 0)) if match else (settings, 0)
