"""An incremental build equals a clean build of the same input, byte for byte, whatever happened before it."""

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


@pytest.mark.parametrize(
    "use",
    [
        '{% include "partials/" ~ name ~ ".html" %}',
        '{% include ["partials/none.html", "partials/" ~ name ~ ".html"] %}',
        '{% import "partials/" ~ name ~ ".html" as own %}{{ own.mark() }}',
        '{{ part("partials/" ~ name ~ ".html", site, root) }}',
        '{% set render = part %}{{ render("partials/own.html", site, root) }}',
    ],
)
def test_a_partial_whose_name_is_made_in_the_template_changes_the_pages_that_show_it(tmp_path: Path, use: str) -> None:
    site = EditedSite(tmp_path, 1)
    text = (site.theme / "templates/article.html").read_text("utf-8")
    (site.own / "partials").mkdir()
    (site.own / "article.html").write_text(text.replace("<footer>", f'{{% set name = "own" %}}{use}<footer>'), "utf-8")
    pages = {}
    for mark in ("one", "two"):
        shown = f"{{% macro mark() %}}[{mark}]{{% endmacro %}}{{{{ mark() }}}}"
        (site.own / "partials/own.html").write_text(shown, "utf-8")
        built = site.build()
        assert built.exit_code == 0
        pages[mark] = [page.decode() for path, page in built.tree().items() if path.startswith("2021/10/10/")]

    assert any("[one]" in page for page in pages["one"])
    assert [page.replace("[one]", "[two]") for page in pages["one"]] == pages["two"]


def differences(one: Built, other: Built) -> list[str]:
    """The files in which two builds differ; the ledger is one of them."""
    trees = one.tree(), other.tree()
    ledgers = [(built.cache / "ledger.jsonl").read_bytes() for built in (one, other)]
    paths = sorted(trees[0].keys() | trees[1].keys())
    found = [path for path in paths if trees[0].get(path) != trees[1].get(path)]
    return [*found, *(["ledger.jsonl"] if ledgers[0] != ledgers[1] else [])]
