"""`newsarchive check`: findings for people, for programs, and as annotations of a pull request."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from newsarchive.config import load_config
from newsarchive.config.from_file import SETTINGS_FILE
from newsarchive.diagnostics import ConfigurationError, printable
from newsarchive.verify.content import ERROR, NOTICE, WARNING, Finding, check_content, settings_findings


def add_check(commands: Any) -> None:
    """Give `newsarchive` the command."""
    parser = commands.add_parser(
        "check", help="look for problems in articles without building; exit status 1 when a file cannot be published"
    )
    parser.add_argument("content", type=Path, nargs="?", default=Path("content"), help="(default: content)")
    parser.add_argument(
        "--format", choices=_FORMATS, default="text", help="text, annotations of GitHub, or one JSON object"
    )
    parser.add_argument(
        "--fail-on", choices=[ERROR, WARNING, "never"], default=ERROR, help="what exit status 1 is for (default: error)"
    )
    parser.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        help=f"the site's settings (default: {SETTINGS_FILE}, where there is one)",
    )
    parser.add_argument(
        "--files-from", metavar="FILE", help="tell only of files named in FILE (- is stdin), by NUL or line"
    )
    parser.set_defaults(run=_check)


def _check(given: argparse.Namespace) -> tuple[str, int]:
    only = _read_names(given.files_from) if given.files_from else None
    try:
        files, findings = check_content(load_config(given.settings, content=given.content), only)
    except ConfigurationError as error:
        files, findings = 0, settings_findings(error.diagnostics, str(given.settings or SETTINGS_FILE))
    text = "".join(f"{line}\n" for line in _FORMATS[given.format](files, findings))
    failing = {ERROR: {ERROR}, WARNING: {ERROR, WARNING}, "never": set()}[given.fail_on]
    return text, 1 if any(finding.severity in failing for finding in findings) else 0


def _read_names(file: str) -> list[str]:
    data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    return [os.fsdecode(name) for name in data.split(b"\0" if b"\0" in data else b"\n") if name]


def _as_text(files: int, findings: Sequence[Finding]) -> Iterator[str]:
    for each in findings:
        yield f"{_place(each)}: {each.severity}: {_told(each)}"
    yield _totals(files, findings)


def _as_annotations(files: int, findings: Sequence[Finding]) -> Iterator[str]:
    """Workflow commands (docs.github.com, "Workflow commands for GitHub Actions"); errors first, because GitHub shows
    ten of each kind."""
    for each in sorted(findings, key=lambda each: each.severity != ERROR):
        place = f"file={_escape_property(each.path)}" + (f",line={each.line}" if each.line else "")
        yield f"::{each.severity} {place},title={_escape_property(each.diagnostic.code)}::{_escape_data(_told(each))}"
    yield _totals(files, findings)


def _as_json(files: int, findings: Sequence[Finding]) -> Iterator[str]:
    told = [
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
    yield json.dumps({"files": files, "findings": told}, ensure_ascii=False, indent=1)


_FORMATS = {"text": _as_text, "github": _as_annotations, "json": _as_json}


def _place(finding: Finding) -> str:
    return printable(finding.path) + (f":{finding.line}" if finding.line else "")


def _told(finding: Finding) -> str:
    return f"{printable(finding.diagnostic.message)} — {printable(finding.diagnostic.hint)}"


def _totals(files: int, findings: Sequence[Finding]) -> str:
    counts = Counter(each.severity for each in findings)
    return f"{files:,} files: {counts[ERROR]:,} errors, {counts[WARNING]:,} warnings, {counts[NOTICE]:,} withheld"


def _escape_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")
