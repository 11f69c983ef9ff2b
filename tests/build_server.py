"""Run `pelican` builds in fresh processes without waiting for imports.

Starting Python and importing what a build needs takes longer than building a small site. As a program, this module
imports it once and then forks a process for each build it is asked for (one line of JSON on its input). The forked
process has imported modules and nothing else: no build ran in its parent, so no cache of an earlier build can hide a
mistake.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

# Python reads these when it starts, so a fork cannot obey them.
_READ_AT_START = ("PYTHON", "LC_", "LANG", "TZ", "MALLOC_", "LD_")


class BuildServer:
    """The process that builds are forked from. It starts with the first build."""

    def __init__(self, plugins: Path) -> None:
        self._plugins = plugins
        self._process: subprocess.Popen[str] | None = None
        self._environment: dict[str, str] = {}

    def run(self, arguments: Sequence[str], folder: Path) -> tuple[int, str]:
        """Run `pelican ARGUMENTS` in `folder` under `os.environ`. Returns its exit status and what it printed."""
        process = self._start()
        assert process.stdin
        assert process.stdout
        with tempfile.TemporaryDirectory() as temp:
            printed = [os.path.join(temp, name) for name in ("stdout", "stderr")]
            asked = {"arguments": arguments, "folder": str(folder), "printed": printed, "environment": dict(os.environ)}
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
            status = int(process.stdout.readline())
            return status, "".join(Path(each).read_text("utf-8", "replace") for each in printed)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def _start(self) -> subprocess.Popen[str]:
        environment = {name: value for name, value in os.environ.items() if name.startswith(_READ_AT_START)}
        if self._process is not None and environment != self._environment:
            self.close()
        if self._process is None:
            self._environment = environment
            command = [sys.executable, __file__, str(self._plugins)]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self._process


def _serve(plugins: str) -> None:
    sys.path[0] = plugins  # in place of the folder of this file, whose modules no build may find
    _import_all()
    for line in sys.stdin:
        asked = json.loads(line)
        if (child := os.fork()) == 0:
            _build(asked)  # and leave by `sys.exit`, as the `pelican` command does
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _import_all() -> None:
    import pelican  # noqa: F401

    import newsarchive

    for module in pkgutil.walk_packages(newsarchive.__path__, "newsarchive."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    sys.path.pop(0)


def _build(asked: dict[str, object]) -> None:
    import pelican

    files = [os.open("/dev/null", os.O_RDONLY)]
    files += [os.open(path, os.O_WRONLY | os.O_CREAT, 0o666) for path in asked["printed"]]
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(str(asked["folder"]))
    sys.path.insert(0, str(asked["folder"]))  # as `python -m` does
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.exit(pelican.main(asked["arguments"]))


if __name__ == "__main__":
    _serve(sys.argv[1])
