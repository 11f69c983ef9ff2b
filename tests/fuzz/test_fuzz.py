"""What fuzzing begins with, and what it ever found, without a fuzzer."""

from __future__ import annotations

from pathlib import Path

import pytest

from .targets import TARGETS

HERE = Path(__file__).parent
INPUTS = [path for kind in ("seeds", "finds") for path in sorted((HERE / kind).rglob("*")) if path.is_file()]


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.relative_to(HERE).as_posix())
def test_no_seed_and_nothing_that_fuzzing_found_breaks_a_promise(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


def test_every_target_has_seeds() -> None:
    assert {path.parent.name for path in INPUTS} == set(TARGETS)
