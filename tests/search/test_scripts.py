"""The browser's scripts, by Node's own test runner."""

from __future__ import annotations

import subprocess

from conftest import PROJECT

from .node import find_node


def test_the_scripts_pass_their_own_tests() -> None:
    files = sorted(str(path) for path in (PROJECT / "tests/js").glob("*.test.js"))

    done = subprocess.run(
        [find_node(), "--test", *files], cwd=PROJECT, capture_output=True, encoding="utf-8", check=False
    )

    assert done.returncode == 0, done.stdout[-5000:]
    assert len(files) >= 4
