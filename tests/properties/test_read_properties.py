"""Properties of the read stage: no bytes stop a build, and no character of a body is lost."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from datetime import timedelta

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import SAMPLE
from newsarchive.diagnostics import RejectedFile
from newsarchive.read import read_article
from newsarchive.read.decode import decode
from newsarchive.read.find import FoundFile
from newsarchive.read.front_matter import split_front_matter
from newsarchive.read.plain_yaml import read_plain_yaml

from .strategies import any_text, hostile_text, property_test, quick_property_test

encoded_text = st.tuples(hostile_text, st.sampled_from(["utf-8", "utf-16", "utf-32", "gb18030", "utf-7"])).map(
    lambda pair: pair[0].encode(pair[1])
)
bytes_of_files = st.lists(
    st.binary(max_size=200) | encoded_text | st.sampled_from([b"---\n", b"+++\n", b"title: ", b"\xff\xfe", b"\0"]),
    max_size=6,
).map(b"".join)

# Lines that front matter is made of, whole and broken.
yaml_pieces = st.lists(
    st.sampled_from(
        ["title: ", "title:", "categories:", " - ", ": ", "a = ", "<p>", "...", *"---\n +++\n '\"[]{}*&|>#!%?x甲"]
    )
    | st.sampled_from(["---\n", "+++\n", "---", "+++", "\n\n", "\t"]),
    max_size=30,
).map("".join)


def _quote_as_yaml_does(text: str) -> str:
    return '"' + "".join(f"\\U{ord(char):08x}" for char in text) + '"'


def _quote_singly(text: str) -> str:
    """As the crawler writes, but with the quotes inside doubled; what cannot be printed only YAML's escapes can say."""
    return "'" + text.replace("'", "''") + "'" if text.isprintable() else _quote_as_yaml_does(text)


@settings(property_test, deadline=timedelta(seconds=1))
@given(bytes_of_files)
def test_any_bytes_are_an_article_or_a_rejection_in_less_than_a_second(data: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".md") as file:
        file.write(data)
        file.flush()

        with contextlib.suppress(RejectedFile):
            read_article(FoundFile(file.name, "a.md"), 10_000)


@property_test
@given(bytes_of_files)
def test_what_is_decoded_can_be_written_as_utf8_and_holds_no_control_character(data: bytes) -> None:
    with contextlib.suppress(RejectedFile):
        text = decode(data, "a.md")[0]

        assert text.encode("utf-8").decode("utf-8") == text
        assert not any(char < " " and char not in "\t\n" for char in text)


@property_test
@given(any_text)
def test_utf8_is_read_as_it_was_written(text: str) -> None:
    decoded, diagnostics = decode(("甲" + text).encode(), "a.md")

    assert decoded == decode(decoded.encode(), "a.md")[0]
    assert diagnostics == []


@quick_property_test
@given(yaml_pieces | hostile_text)
def test_no_text_is_too_broken_to_split(text: str) -> None:
    split = split_front_matter(text, "a.md")

    assert all(isinstance(value, str | list) for value in split.metadata.values())
    assert all(diagnostic.location.startswith("a.md:") and diagnostic.hint for diagnostic in split.diagnostics)


@property_test
@given(
    title=hostile_text,
    categories=st.lists(hostile_text, max_size=3),
    body=any_text,
    quote=st.sampled_from([_quote_as_yaml_does, _quote_singly]),
)
def test_front_matter_that_is_well_formed_gives_back_every_character(
    title: str, categories: list[str], body: str, quote: Callable[[str], str]
) -> None:
    items = "".join(f" - {quote(each)}\n" for each in categories)
    text = f"\n---\ntitle: {quote(title)}\ncategories:\n{items}date: 2021-10-10\n---\n{body}"

    split = split_front_matter(text, "a.md")

    assert split.metadata == {
        "title": title,
        "categories": [each for each in categories if each.strip()],
        "date": "2021-10-10",
    }
    assert split.body.strip() == body.strip()
    assert split.diagnostics == []


@quick_property_test
@given(lines=st.lists(st.text("甲乙 abc:-#*<>'\"[]", max_size=20), max_size=8))
def test_a_fence_that_never_closes_costs_no_line_of_the_body(lines: list[str]) -> None:
    body = "\n".join(["<p>正文</p>", *lines])

    split = split_front_matter(f"---\ntitle: 甲\ndate: 2021-10-10\n\n{body}", "a.md")

    assert split.metadata["title"] == "甲"
    assert split.body.lstrip("\n") == body


# What front matter is made of: keys, items, quotes, and what YAML reads otherwise than it looks.
_YAML_MARKS = [
    *"abc字1- :#'\"\\,.[]{}?!&*|>%@`~\t\x85\u00a0\u2028\ufeff\U0001f600",
    "title",
    "date",
    ": ",
    " - ",
    " #",
    "''",
]
_yaml_values = st.lists(st.sampled_from(_YAML_MARKS), max_size=6).map("".join)
_yaml_lines = (
    st.tuples(st.sampled_from(["title: ", "date: ", "tags:", " - ", "  - ", "- ", "Title: ", "a-b_c:  "]), _yaml_values)
    .map("".join)
    .flatmap(lambda line: st.sampled_from([line, line + " "]))
)
_quoted_lines = st.tuples(st.sampled_from(["title: ", " - "]), st.sampled_from("'\""), _yaml_values).map(
    lambda parts: f"{parts[0]}{parts[1]}{parts[2]}{parts[1]}"
)


@quick_property_test
@given(st.lists(_yaml_lines | _quoted_lines | _yaml_values, max_size=5).map("\n".join))
def test_what_is_read_without_a_yaml_parser_is_what_the_parser_reads(block: str) -> None:
    plain = read_plain_yaml(f"\n{block}\n")

    assert plain is None or list(plain.items()) == list(yaml.load(block, Loader=yaml.BaseLoader).items())


def test_the_front_matter_of_the_samples_needs_no_parser_and_says_the_same() -> None:
    read = 0
    for path in sorted(SAMPLE.rglob("*.md")):
        block = path.read_text("utf-8", "replace").partition("---\n")[2].partition("\n---")[0]
        if plain := read_plain_yaml(block):
            assert plain == yaml.load(block, Loader=yaml.BaseLoader), path
            read += 1

    assert read > 20
