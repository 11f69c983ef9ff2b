"""Steps are what rules say in Python, by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import Tag

from newsarchive.clean.rule_hooks import find_rule_hook, run_rule_hooks


def shout(body: Tag) -> None:
    """A step of a user's own."""
    for text in body.find_all(string=True):
        text.replace_with(text.upper())


def test_a_step_of_ones_own_is_found_in_its_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_steps.py").write_text("def tidy(body):\n    body.clear()\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    assert run_rule_hooks("<p>x</p>", (find_rule_hook("own_steps:tidy"),)) == ""


@pytest.mark.parametrize("name", ["nope", "", "os:nope", "no_such_module:f", "os:name", "os:", ":f", ".os:f"])
def test_a_step_that_is_none_is_said_by_its_name(name: str) -> None:
    with pytest.raises(LookupError, match=f"step “{name}”"):
        find_rule_hook(name)


def test_steps_run_in_their_order() -> None:
    def answer(body: Tag) -> None:
        body.append("yes")

    assert run_rule_hooks("<p>a</p>", (shout, answer)) == "<p>A</p>yes"
    assert run_rule_hooks("<p>a</p>", (answer, shout)) == "<p>A</p>YES"


def test_what_no_step_touches_stays_as_it_is() -> None:
    markup = "<p>a &lt; b &amp; c<br/>“d”</p><pre>  e\n\n f</pre>"

    assert run_rule_hooks(markup, (lambda body: None,)) == markup
