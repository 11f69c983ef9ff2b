"""What stands around every test of images."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _no_loop_of_others() -> Iterator[None]:
    """Playwright, once a test of another folder has started it, leaves its event loop running in this thread, and
    asyncio would let no other begin."""
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(running)


@pytest.fixture(autouse=True)
def clean_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers end a hanging task by `faulthandler`, which needs a stderr with a file number: `capsys` has none."""
    monkeypatch.setenv("NEWSARCHIVE_EXECUTOR", "serial")
