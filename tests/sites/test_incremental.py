"""The law of incremental building: whatever happened since the last build, what stands afterwards is what a clean build
makes of the same input, byte for byte."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from conftest import Built

from .editing import EditedSite

EDITS = 30
# More of them at will: EDITING_SEEDS="5 6 7" pytest tests/sites/test_incremental.py
SEEDS = [int(seed) for seed in os.environ.get("EDITING_SEEDS", "1").split()]


@pytest.mark.parametrize("seed", SEEDS)
def test_an_incremental_build_equals_a_clean_one_after_any_edit(tmp_path: Path, seed: int) -> None:
    site = EditedSite(tmp_path, seed)
    edits = ["the first build"]
    for number in range(EDITS + 1):
        in_a_process_of_its_own = number % 6 == 5
        kept = site.build(in_a_process_of_its_own=in_a_process_of_its_own)

        clean = site.build("clean", in_a_process_of_its_own)

        told = f"seed {seed}, edit {number}, {edits[-1]} (before: {'; '.join(edits[-4:-1])}), settings {site.settings}"
        assert kept.exit_code == clean.exit_code == 0, f"{told}\n{kept.said}{clean.said}"
        assert differences(kept, clean) == [], told
        shutil.rmtree(tmp_path / "clean")
        edits.append(site.edit())


def differences(one: Built, other: Built) -> list[str]:
    """The files in which two builds differ; the ledger is one of them."""
    trees = one.tree(), other.tree()
    ledgers = [(built.cache / "ledger.jsonl").read_bytes() for built in (one, other)]
    paths = sorted(trees[0].keys() | trees[1].keys())
    found = [path for path in paths if trees[0].get(path) != trees[1].get(path)]
    return [*found, *(["ledger.jsonl"] if ledgers[0] != ledgers[1] else [])]
