"""How far work is: a bar on a terminal, a line now and then in a log; how fast, and how long it takes still."""

from __future__ import annotations

import io

import pytest

from newsarchive.parallel import progress as progress_module
from newsarchive.parallel.progress import DownloadProgress, Progress, ProgressEstimate, show_progress


class Terminal(io.StringIO):
    """A place that says it is one."""

    def isatty(self) -> bool:
        """It is."""
        return True


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step is shown, however soon after the one before."""
    monkeypatch.setattr(progress_module, "_REDRAWN", 0.0)
    monkeypatch.setattr(progress_module, "_BETWEEN_LINES", 0.0)
    monkeypatch.setattr(progress_module, "_WORTH_A_LINE", 0.0)


def test_an_estimate_names_count_and_remaining_time() -> None:
    now = 100.0
    estimate = ProgressEstimate(40, clock=lambda: now)
    estimate.done = 10
    now = 105.0

    assert str(estimate) == "10 of 40, 15 s left"


def test_downloads_name_counts_rate_and_remaining_time() -> None:
    now = 100.0
    progress = DownloadProgress(1_000, clock=lambda: now)
    for _ in range(9):
        progress.count(250_000)
    progress.count(None)
    now = 105.0

    assert str(progress) == "10 of 1,000 images, 9 stored, 2.2 MB, 2.0/s, 8 min 15 s left"


def test_the_host_with_the_longest_queue_says_how_long_it_takes_at_least() -> None:
    now = 0.0
    progress = DownloadProgress(1_000, at_least=7_300.0, clock=lambda: now)
    for _ in range(500):
        progress.count(None)
    now = 100.0

    assert str(progress).endswith("5.0/s, 2 h 0 min left")


def test_a_log_is_not_filled_by_a_few_steps() -> None:
    out = io.StringIO()

    assert list(Progress(out).each("clean", "abc", 3)) == ["a", "b", "c"]
    assert out.getvalue() == ""


@pytest.mark.usefixtures("at_once")
def test_a_log_has_a_line_now_and_then_and_one_at_the_end() -> None:
    out = io.StringIO()

    list(Progress(out).each("clean", "abc", 3))

    lines = out.getvalue().splitlines()
    assert [line.partition(",")[0] for line in lines[:3]] == [f"clean: {done} of 3" for done in (1, 2, 3)]
    assert lines[3].startswith("clean: 3 in ")


@pytest.mark.usefixtures("at_once")
def test_a_terminal_shows_a_bar() -> None:
    out = Terminal()

    list(Progress(out).each("clean [all]", "abc", 3))

    assert "clean [all]: 3 of 3" in out.getvalue()


@pytest.mark.usefixtures("at_once")
def test_downloads_show_the_same_bar() -> None:
    out, progress = Terminal(), DownloadProgress(3)

    with show_progress("fetch", progress, out) as update:
        progress.count(250_000)
        update()

    assert "fetch: 1 of 3 images, 1 stored" in out.getvalue()


def test_work_that_is_shown_nowhere_is_counted_all_the_same() -> None:
    progress = Progress()

    list(progress.each("clean", "abc", 3))

    assert [(stage.name, stage.count) for stage in progress.stages] == [("clean", 3)]
