"""Find what is wrong with articles, at the file and line, without building a site."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

from newsarchive.build.clean_content import clean_content, find_content
from newsarchive.clean.article_codec import decode_clean_article, encode_clean_article
from newsarchive.config import BuildConfig
from newsarchive.describe import describe_article
from newsarchive.diagnostics import WITHHELD, Diagnostic, RejectedFile
from newsarchive.models import CleanArticle
from newsarchive.parallel.executors import WorkerPool, batches
from newsarchive.parallel.progress import Progress
from newsarchive.parallel.time_limits import cpu_limit, shared_timer, wall_clock_limit
from newsarchive.read.visibility import KEYS

ERROR, WARNING, NOTICE = "error", "warning", "notice"
"""An error keeps an article from being published; with a warning it is published, and something was odd. A notice says
that its author withholds it."""


_BATCH = 64  # articles that a worker describes at a time
_HEAD = 16_384  # bytes at the beginning of a file that hold its front matter


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem in a file; `path` begins with the content folder as it was named, `line` is 0 where there is none."""

    severity: str
    path: str
    line: int
    diagnostic: Diagnostic


def check_content(
    config: BuildConfig, pool: WorkerPool, progress: Progress | None = None, only: Collection[str] | None = None
) -> tuple[int, list[Finding]]:
    """Return how many files were checked, and everything wrong with them, by path and line.

    `only` names files as `content/a.md`. Each file is checked by itself: it takes all articles to know what a source
    repeats, and that does not decide what is wrong with one.
    """
    found = find_content(config)
    if only is not None:
        wanted = {os.path.abspath(each) for each in only}
        found = [file for file in found if os.path.abspath(config.content / file.source) in wanted]
    findings: list[Finding] = []

    def articles() -> Iterator[tuple[str, bytes]]:
        for each in clean_content(config, pool, progress, files=found, drop=False):
            if each.rejection:
                severity = _severity(each.rejection)
                findings.append(_finding(config.content, each.file.source, severity, each.rejection))
            elif each.article:
                yield each.file.source, encode_clean_article(each.article)

    work = partial(_describe, config.for_workers())
    described = chain.from_iterable(pool.map(work, batches(articles(), _BATCH), _reject_after_crash))
    for severity, source, diagnostics in described:
        findings += [_finding(config.content, source, severity, diagnostic) for diagnostic in diagnostics]
    return len(found), sorted(findings, key=lambda each: (each.path, each.line, each.diagnostic.code))


_Described = tuple[str, str, tuple[Diagnostic, ...]]
"""Severity, path, and what is wrong."""


def _describe(config: BuildConfig, articles: Sequence[tuple[str, bytes]]) -> list[_Described]:
    with wall_clock_limit(), shared_timer():
        return [_describe_one(config, source, decode_clean_article(encoded)) for source, encoded in articles]


def _describe_one(config: BuildConfig, source: str, clean: CleanArticle) -> _Described:
    try:
        with cpu_limit(source):
            return WARNING, source, describe_article(clean, config.settings, config.zone).diagnostics
    except RejectedFile as rejection:
        return _severity(rejection.diagnostic), source, (rejection.diagnostic,)


def _severity(rejection: Diagnostic) -> str:
    return NOTICE if rejection.code == WITHHELD else ERROR


def _reject_after_crash(articles: Sequence[tuple[str, bytes]]) -> list[_Described]:
    crash = "internal error: the process died of it"
    return [
        (ERROR, source, (Diagnostic("internal", source, crash, "please report it, with the file"),))
        for source, _ in articles
    ]


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
