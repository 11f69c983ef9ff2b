"""`make serve`: Pelican's own server and its watching for changes work with the archive."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import PROJECT, article


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Served:
    """A running `pelican --listen --autoreload`."""

    def __init__(self, content: Path, port: int, process: subprocess.Popen[str]) -> None:
        self.content, self.port = content, port
        self.builds: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._hear_builds, args=(process,), daemon=True).start()

    def _hear_builds(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Done:"):
                self.builds.put(line)

    def home(self) -> str:
        """The home page as it is served now; empty while nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/index.html", timeout=5) as answer:
                return str(answer.read().decode("utf-8"))
        except (urllib.error.URLError, ConnectionError):
            return ""

    def shows(self, words: str) -> bool:
        """Whether the home page comes to hold `words`. Files are touched until a build follows: watching begins
        some time after a build has ended, and what changes before goes unseen."""
        for _ in range(30):
            if words in self.home():
                return True
            for path in self.content.glob("*.md"):
                path.touch()
            with contextlib.suppress(queue.Empty):
                self.builds.get(timeout=1)
        return False


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A tiny site that is served and watched."""
    content, port = tmp_path / "content", _free_port()
    content.mkdir()
    (content / "a.md").write_text(article("甲", "<p>第一篇的正文。</p>"), "utf-8")
    command = [sys.executable, "-u", "-m", "pelican", str(content), "-s", str(PROJECT / "pelicanconf.py")]
    command += ["-o", str(tmp_path / "output"), "--cache-path", str(tmp_path / "cache"), "--listen", "--autoreload"]
    with subprocess.Popen(
        [*command, "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        yield Served(content, port, process)
        os.killpg(process.pid, signal.SIGTERM)  # its server and its watcher are processes of their own


def test_a_new_article_is_served_soon_after_its_file_is_there(served: Served) -> None:
    first = served.shows(">甲</a>")
    (served.content / "b.md").write_text(article("乙", "<p>第二篇的正文。</p>"), "utf-8")

    assert first
    assert served.shows(">乙</a>")
