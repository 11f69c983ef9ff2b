"""Check: what is wrong with scraped files, told at the file and line, without building a site."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsarchive.build import Plan, gather
from newsarchive.problems import Problem

ERROR, WARNING = "error", "warning"
"""An error keeps an article from being published; with a warning it is published, and something was odd."""


_HEAD = 16_384
"""Bytes at the head of a file, in which its front matter stands."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem in a file; `path` begins with the content folder as it was named, `line` is 0 where there is none."""

    severity: str
    path: str
    line: int
    problem: Problem


def check_content(plan: Plan, only: Collection[str] | None = None) -> tuple[int, list[Finding]]:
    """How many files there are, and everything wrong with them, by path and line.

    `only` names files (as `content/a.md`, or as their source) whose findings are wanted. All are read nevertheless:
    what a source repeats round its articles is learnt from all of them.
    """
    gathered = gather(plan)
    found = [(article.source, WARNING, problem) for article in gathered.articles for problem in article.problems]
    found += [(source, ERROR, problem) for source, problem in gathered.rejected]
    findings = [_finding(plan.content, source, severity, problem) for source, severity, problem in found]
    files = len(gathered.articles) + len(gathered.rejected)
    if only is not None:
        wanted = {Path(each).as_posix() for each in only}
        findings = [each for each in findings if each.path in wanted]
        files = len(wanted)
    return files, sorted(findings, key=lambda each: (each.path, each.line, each.problem.kind))


def _finding(content: Path, source: str, severity: str, problem: Problem) -> Finding:
    told = re.fullmatch(r":(\d+)", problem.place.removeprefix(source))
    line = int(told[1]) if told else _line_of(content / source, problem.kind)
    return Finding(severity, (content / source).as_posix(), line, problem)


def _line_of(path: Path, kind: str) -> int:
    """Where the front matter says what the problem is about; stages after reading no longer know the line."""
    if kind not in {"date", "title"}:
        return 0
    try:
        head = path.read_bytes()[:_HEAD]
    except OSError:
        return 0
    key = re.search(rb"^%s[ \t]*[:=]" % kind.encode(), head, re.MULTILINE)
    return head.count(b"\n", 0, key.start()) + 1 if key else 1


def settings_findings(problems: Sequence[Problem], settings: str) -> list[Finding]:
    """What is wrong with settings and rule files: nothing is checked with those."""
    return [Finding(ERROR, *_place(problem.place, settings), problem) for problem in problems]


def _place(place: str, settings: str) -> tuple[str, int]:
    match = re.fullmatch(r"(.*\.toml)(?::(\d+))?", place)
    return (match[1], int(match[2] or 0)) if match else (settings, 0)
