"""Front matter as crawlers write it: read as far as it can be, told by file and line, and no body is lost."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from newsarchive.read.front_matter import split_front_matter
from unit.factories import load_cases


@pytest.mark.parametrize("case", load_cases("front_matter", "split"))
def test_front_matter_and_body_are_told_apart(case: dict[str, Any]) -> None:
    split = split_front_matter(case["text"], "f.md")

    assert split.metadata == case["metadata"]
    assert split.body.strip() == case["body"]
    assert [diagnostic.location for diagnostic in split.diagnostics] == case["places"]


def test_a_problem_names_place_problem_and_repair() -> None:
    split = split_front_matter("---\ntitle: 甲\n\n<p>正文</p>", "财经/f.md")

    assert str(split.diagnostics[0]) == "财经/f.md:1: the closing --- is missing — put --- after the front matter"


def test_a_quote_that_swallows_the_lines_behind_it_is_noticed() -> None:
    split = split_front_matter('---\ndate: 2021\ntitle: "甲\nauthor: 乙"\n---\n正文', "f.md")

    assert split.metadata["title"] == "甲"
    assert "author" in split.metadata
    assert split.diagnostics[0].location in {"f.md:3", "f.md:4"}  # the quote, or the line it swallowed


def test_toml_that_nobody_closed_loses_no_word() -> None:
    split = split_front_matter("+++\ntitle = '甲'\n\n<p>正文</p>", "f.md")

    assert "<p>正文</p>" in split.body
    assert [diagnostic.code for diagnostic in split.diagnostics] == ["front-matter"]


def test_a_line_of_plus_signs_is_no_front_matter() -> None:
    split = split_front_matter("++++ 甲 ++++\n正文", "f.md")

    assert "正文" in split.body


@pytest.mark.parametrize(
    "toml",
    [
        pytest.param("x = " + "[" * 5_000 + "]" * 5_000, id="nested"),
        pytest.param("x = " + "1" * 5_000, id="a number without end"),
    ],
)
def test_toml_beyond_all_bounds_is_reported_and_the_body_kept(toml: str) -> None:
    split = split_front_matter(f"+++\n{toml}\n+++\n正文", "f.md")

    assert split.body.strip() == "正文"
    assert [diagnostic.code for diagnostic in split.diagnostics] == ["front-matter"]


def test_yaml_nested_a_thousand_deep_is_read_line_by_line() -> None:
    deep = "[" * 1_000 + "]" * 1_000

    split = split_front_matter(f"---\ntitle: 甲\nx: {deep}\n---\n正文", "f.md")

    assert (split.metadata["title"], split.body.strip()) == ("甲", "正文")
    assert [diagnostic.code for diagnostic in split.diagnostics] == ["front-matter"]


def test_yaml_nested_beyond_the_stack_does_not_kill_the_process() -> None:
    script = (
        "from newsarchive.read.front_matter import split_front_matter as split;"
        "print(split('---\\ntitle: t\\nx: ' + '[' * 100_000 + '\\n---\\nbody', 'f.md').metadata['title'])"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env={"PYTHONPATH": _plugins()}
    )

    assert (done.returncode, done.stdout) == (0, "t\n")


def test_lines_of_aliases_do_not_unfold_to_a_million_words() -> None:
    laughs = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]\n" for n in range(1, 7))

    split = split_front_matter(f"---\ntitle: 甲\nl0: &l0 ha\n{laughs}---\n正文", "f.md")

    assert split.metadata["title"] == "甲"
    assert sum(len(str(value)) for value in split.metadata.values()) < 1_000


def _plugins() -> str:
    import newsarchive

    return str(newsarchive.__path__[0]).removesuffix("newsarchive")
