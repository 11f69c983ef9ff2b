"""The corpus that builds are measured with is the same in every run, and is what a crawler leaves."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from collecting import gather

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def test_a_larger_corpus_begins_with_the_smaller_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(BENCHMARKS), *sys.path])
    from corpus import write_corpus

    for name, count in (("small", 40), ("large", 60)):
        write_corpus(tmp_path / name, count)

    small, large = (
        {file.relative_to(tmp_path / name): file.read_bytes() for file in (tmp_path / name).rglob("*.md")}
        for name in ("small", "large")
    )
    assert large | small == large
    assert len(small) == 42


def test_its_articles_are_read_cleaned_and_merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(BENCHMARKS), *sys.path])
    from corpus import write_corpus

    write_corpus(tmp_path, 20)
    gathered = gather(tmp_path)

    assert len(gathered.archive.articles) == 20
    assert len(gathered.archive.merged) == 1
    assert not gathered.rejected
    assert not any("分享" in html or "counter" in html for html in gathered.bodies.values())
