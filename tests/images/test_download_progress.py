"""How fast fetching goes, and how long it will take still."""

from __future__ import annotations

import io

from newsarchive.fetch.progress import DownloadProgress, report_progress
from newsarchive.images.manifest import StoredImage

STORED = StoredImage(address="a", outcome="stored", type="image/png", sha256="0" * 64, size=250_000)
GONE = StoredImage(address="b", outcome="gone")


class Terminal(io.StringIO):
    """A place that says it is one."""

    def isatty(self) -> bool:
        """It is."""
        return True


def test_the_pace_tells_counts_rate_and_remaining_time() -> None:
    now = 100.0
    pace = DownloadProgress(1_000, clock=lambda: now)
    for _ in range(9):
        pace.count(STORED)
    pace.count(GONE)
    now = 105.0

    assert str(pace) == "10 of 1,000 images, 9 stored, 2.2 MB, 2.0/s, 8 min 15 s left"


def test_the_host_with_the_longest_queue_says_how_long_it_takes_at_least() -> None:
    now = 0.0
    pace = DownloadProgress(1_000, at_least=7_300.0, clock=lambda: now)
    for _ in range(500):
        pace.count(GONE)
    now = 100.0

    assert str(pace).endswith("5.0/s, 2 h 0 min left")


def test_a_log_is_not_filled_by_a_few_images() -> None:
    out = io.StringIO()

    with report_progress(DownloadProgress(3), out) as told:
        told(STORED)

    assert out.getvalue() == ""


def test_a_terminal_shows_a_bar() -> None:
    out, pace = Terminal(), DownloadProgress(3)

    with report_progress(pace, out) as told:
        for _ in range(3):
            told(STORED)

    assert pace.done == 3
    assert "of 3 images" in out.getvalue()
