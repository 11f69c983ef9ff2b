"""Rule files are checked whole before a build begins: every problem of every file, by file, line and repair."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsarchive.clean.rule_files import load_rules
from newsarchive.clean.rules import Rule, RuleBook
from newsarchive.config.build_config import SHIPPED_RULES
from newsarchive.diagnostics import ConfigurationError
from unit.factories import make_clean_article

MATCH = '[match]\nsource = ["晨报"]\n'

COMPLETE = """
name = "morning"
base = "https://a.com/"
keep = ["article"]
drop = ".ad"
unwrap = ["font"]
steps = ["shutil:move"]
[match]
source = ["晨报"]
html = ["data-morning="]
[rename]
"b.sub" = "h3"
[[drop_if]]
select = "p"
text = "^广告"
[[cut]]
select = ".related"
[[rewrite_url]]
pattern = "/small/"
replace = "/large/"
[[take]]
fact = "editor"
select = ".editor"
pattern = "编辑[:：](.+)"
drop = true
[[example]]
name = "an advertisement goes"
raw = "<p>广告</p>"
clean = ""
"""


def write(folder: Path, **rules: str) -> Path:
    """Rule files by name, in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in rules.items():
        (folder / f"{name}.toml").write_text(text, "utf-8")
    return folder


def problems_of(*folders: Path) -> list[str]:
    """The lines that a user reads, each file by its name alone."""
    with pytest.raises(ConfigurationError) as error:
        load_rules(folders)
    return [
        str(diagnostic).replace(f"{Path(diagnostic.location).parent}/", "") for diagnostic in error.value.diagnostics
    ]


def rule_of(folder: Path, text: str) -> Rule:
    """The rule in a file of that text."""
    (rule,) = load_rules([write(folder, a=text)]).rules
    return rule


def test_a_rule_file_is_read(tmp_path: Path) -> None:
    rule = rule_of(tmp_path, COMPLETE)

    assert (rule.name, rule.base, rule.keep, rule.drop) == ("morning", "https://a.com/", ("article",), (".ad",))
    assert (rule.unwrap, dict(rule.rename)) == (("font",), {"b.sub": "h3"})
    assert (rule.drop_if[0].text.pattern, rule.cut[0].text, rule.rewrite_url[0].replace) == ("^广告", None, "/large/")
    assert (rule.take[0].fact, rule.take[0].drop, len(rule.steps)) == ("editor", True, 1)
    assert rule.examples[0].name == "an advertisement goes"


def test_a_rule_is_called_like_its_file_where_it_has_no_name(tmp_path: Path) -> None:
    assert rule_of(tmp_path, MATCH).name == "a"


def test_the_shipped_rules_have_no_problem() -> None:
    assert load_rules([SHIPPED_RULES]).rules


def test_a_folder_that_is_not_there_has_no_rules(tmp_path: Path) -> None:
    assert load_rules([tmp_path / "none"]) == RuleBook()


def test_the_users_file_wins_over_a_shipped_one_of_its_name_and_stands_first(tmp_path: Path) -> None:
    own = write(tmp_path / "own", b=f'name = "own b"\n{MATCH}', z=f'name = "own z"\n{MATCH}')
    shipped = write(tmp_path / "shipped", a=f'name = "a"\n{MATCH}', b=f'name = "b"\n{MATCH}')

    book = load_rules([own, shipped])

    assert [rule.name for rule in book.rules] == ["own b", "own z", "a"]


def test_a_broken_file_that_the_users_replaces_is_not_read(tmp_path: Path) -> None:
    own, shipped = write(tmp_path / "own", a=MATCH), write(tmp_path / "shipped", a="not TOML")

    assert len(load_rules([own, shipped]).rules) == 1


def test_a_rule_is_for_its_sources_by_name_or_by_a_mark_in_their_html(tmp_path: Path) -> None:
    rule = rule_of(tmp_path, '[match]\nsource = ["晨报"]\nhtml = ["<p>正"]\n')
    by_category = make_clean_article({"categories": ["财经", "晨报"]}).raw
    by_author = make_clean_article({"author": "晨报"}).raw
    neither = make_clean_article({"author": "夜报"}).raw

    assert [bool(RuleBook((rule,)).for_article(raw)) for raw in (by_category, by_author, neither)] == [
        True,
        True,
        False,
    ]
    assert RuleBook((rule,)).for_article(neither) == []


CUT, DROP_IF, REWRITE, TAKE = (f"{MATCH}[[{name}]]\n" for name in ("cut", "drop_if", "rewrite_url", "take"))

# Each: a file with one mistake; how the line that tells it begins, and what repair it holds.
MISTAKES = {
    "no TOML": (
        'name = "a"\n\ndrop = [\n"p"\nkeep = 3\n',
        "a.toml:5: cannot read the rule file: ",
        "fix the TOML syntax",
    ),
    "a misspelt key": (f'drp = ["p"]\n{MATCH}', "a.toml:1: unknown key `drp`", "did you mean `drop`?"),
    "a key like no other": (f"qqqq = 1\n{MATCH}", "a.toml:1: unknown key `qqqq`", "use one of name, match, "),
    "a misspelt key of match": (f"{MATCH}sorce = 1\n", "a.toml:3: [match] unknown key `sorce`", "mean `source`?"),
    "a misspelt key of a row": (
        f'{CUT}select = "p"\ntxt = "x"\n',
        "a.toml:5: [[cut]] unknown key `txt`",
        "mean `text`?",
    ),
    "no match": (
        'name = "a"\n',
        "a.toml:1: the rules match no article: source and html are missing",
        'add [match] source = ["…"]',
    ),
    "a match that is no table": ('name = "a"\nmatch = 3\n', "a.toml:2: match must be a table", "write [match]"),
    "no selector": (
        f'name = "a"\ndrop = "p["\n{MATCH}',
        "a.toml:2: “p[” is not a valid CSS selector",
        "docs/rules.md explains selectors",
    ),
    "no selector to rename": (
        f'{MATCH}[rename]\n"p[" = "h3"\n',
        "a.toml:4: “p[” is not a valid CSS selector",
        "docs/rules.md",
    ),
    "no selector in a row": (
        f'{CUT}select = "p["\n',
        "a.toml:4: “p[” is not a valid CSS selector",
        "docs/rules.md explains selectors",
    ),
    "a selector that is missing": (
        f'{CUT}text = "x"\n',
        "a.toml:3: select is missing",
        'add select = "…", a CSS selector',
    ),
    "no pattern": (
        f'{CUT}select = "p"\ntext = "("\n',
        "a.toml:5: “(” is not a valid regular expression: ",
        "correct the pattern",
    ),
    "a pattern that is missing": (
        f'{DROP_IF}select = "p"\n',
        "a.toml:3: text is missing",
        "add text = '…', a regular expression",
    ),
    "a group that the pattern has not": (
        f"{REWRITE}pattern = 'a'\nreplace = '\\1'\n",
        "a.toml:5: “\\1” refers to a group that the pattern does not have",
        "correct the replacement",
    ),
    "no fact": (f'{TAKE}fact = "edtor"\n', "a.toml:4: unknown fact “edtor”", "use one of ticker, editor, "),
    "no truth value": (
        f'{TAKE}fact = "editor"\ndrop = "no"\n',
        "a.toml:5: drop must be true or false",
        "write drop = true",
    ),
    "no text": (f"\nbase = 3\n{MATCH}", "a.toml:2: base must be a string", 'write base = "…"'),
    "no list of texts": (f"drop = [1]\n{MATCH}", "a.toml:1: drop must be a list of strings", 'write drop = ["…"]'),
    "no list of tables": (f"cut = 3\n{MATCH}", "a.toml:1: cut must be a list of tables", "write [[cut]]"),
    "no tag to rename to": (
        f'{MATCH}[rename]\n"p" = 3\n',
        "a.toml:3: rename must be a table of selector = tag",
        'write "selector" = "h3"',
    ),
    "no step": (
        f'steps = ["nope"]\n{MATCH}',
        "a.toml:1: step “nope” is not of the form module:function",
        "write module:function of an installed module",
    ),
    "no function": (
        f'steps = ["os:nope"]\n{MATCH}',
        "a.toml:1: step “os:nope” cannot be imported",
        "write module:function of",
    ),
    "no module": (f'steps = [":nope"]\n{MATCH}', "a.toml:1: ", "write module:function of an installed module"),
}


@pytest.mark.parametrize(("text", "place_and_problem", "repair"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_once_by_file_line_and_repair(
    tmp_path: Path, text: str, place_and_problem: str, repair: str
) -> None:
    (told,) = problems_of(write(tmp_path, a=text))

    assert told.startswith(place_and_problem)
    assert repair in told.partition(" — ")[2]


def test_a_file_that_is_no_utf8_is_told_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b'name = "\xb1\xb1"')

    (told,) = problems_of(tmp_path)

    assert told.startswith("a.toml:1: cannot read the rule file: 'utf-8' codec")


def test_a_word_that_stands_earlier_too_does_not_mislead_the_line(tmp_path: Path) -> None:
    told = problems_of(write(tmp_path, a=f'name = "a fact of life"\n{MATCH}[[take]]\nfact = "nope"\n'))

    assert [line.partition(": ")[0] for line in told] == ["a.toml:5"]


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    own = write(tmp_path / "own", a=f'drp = ["p"]\nbase = 3\n{MATCH}')
    shipped = write(tmp_path / "shipped", b=f'keep = "p["\n{MATCH}')

    places = [line.partition(": ")[0] for line in problems_of(own, shipped)]

    assert places == ["a.toml:1", "a.toml:2", "b.toml:1"]
