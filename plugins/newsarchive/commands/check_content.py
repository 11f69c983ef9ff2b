"""`newsarchive check-content`: what is wrong with articles, as text, as JSON, or as annotations of a pull request."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from newsarchive.commands.options import add_options, load_site
from newsarchive.config import BuildConfig
from newsarchive.config.from_file import SETTINGS_FILE
from newsarchive.diagnostics import ConfigurationError, printable
from newsarchive.parallel.executors import WorkerPool
from newsarchive.parallel.progress import Progress
from newsarchive.verify.content import ERROR, NOTICE, WARNING, Finding, check_content, settings_findings


def add_arguments(parser: Any) -> None:
    """Declare what the command takes."""
    add_options(parser, "content", "--format", "--fail-on", "--files-from", "--settings")


def run(given: argparse.Namespace) -> tuple[str, int]:
    """Check the articles; exit status 1 as --fail-on says."""
    only = _read_names(given.files_from) if given.files_from else None
    try:
        files, findings = _check(load_site(given), only)
    except ConfigurationError as error:
        files, findings = 0, settings_findings(error.diagnostics, str(given.settings or SETTINGS_FILE))
    text = "".join(f"{line}\n" for line in _FORMATS[given.format](files, findings))
    failing = {ERROR: {ERROR}, WARNING: {ERROR, WARNING}, "never": set()}[given.fail_on]
    return text, 1 if any(finding.severity in failing for finding in findings) else 0


def _check(config: BuildConfig, only: Sequence[str] | None) -> tuple[int, list[Finding]]:
    with closing(WorkerPool(config.settings.executor)) as pool:
        return check_content(config, pool, Progress(sys.stderr), only)


def _read_names(file: str) -> list[str]:
    data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    return [os.fsdecode(name) for name in data.split(b"\0" if b"\0" in data else b"\n") if name]


def _as_text(files: int, findings: Sequence[Finding]) -> Iterator[str]:
    for each in findings:
        yield f"{_place(each)}: {each.severity}: {_message(each)}"
    yield _totals(files, findings)


def _as_annotations(files: int, findings: Sequence[Finding]) -> Iterator[str]:
    """Yield workflow commands (docs.github.com, "Workflow commands for GitHub Actions"). Errors come first, because
    GitHub shows ten of each kind."""
    for each in sorted(findings, key=lambda each: each.severity != ERROR):
        place = f"file={_escape_property(each.path)}" + (f",line={each.line}" if each.line else "")
        title = _escape_property(each.diagnostic.code)
        yield f"::{each.severity} {place},title={title}::{_escape_data(_message(each))}"
    yield _totals(files, findings)


def _as_json(files: int, findings: Sequence[Finding]) -> Iterator[str]:
    listed = [
        {
            "severity": each.severity,
            "path": each.path,
            "line": each.line or None,
            "code": each.diagnostic.code,
            "message": each.diagnostic.message,
            "hint": each.diagnostic.hint,
        }
        for each in findings
    ]
    yield json.dumps({"files": files, "findings": listed}, ensure_ascii=False, indent=1)


_FORMATS = {"text": _as_text, "github": _as_annotations, "json": _as_json}


def _place(finding: Finding) -> str:
    return printable(finding.path) + (f":{finding.line}" if finding.line else "")


def _message(finding: Finding) -> str:
    return f"{printable(finding.diagnostic.message)} — {printable(finding.diagnostic.hint)}"


def _totals(files: int, findings: Sequence[Finding]) -> str:
    counts = Counter(each.severity for each in findings)
    return f"{files:,} files: {counts[ERROR]:,} errors, {counts[WARNING]:,} warnings, {counts[NOTICE]:,} withheld"


def _escape_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")
