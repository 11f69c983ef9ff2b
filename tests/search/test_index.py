"""The index on disk: what it holds, what changes it, and that the terminal answers as the browser does."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.cli import main
from newsarchive.collect import Archive
from newsarchive.index import index_archive
from newsarchive.index.lengths import LEVELS, level_of
from newsarchive.index.numbers import MARKS, NumberReader, encode_numbers
from newsarchive.index.postings import merge_postings, utf16
from newsarchive.index.segments import cut_segments
from newsarchive.index.shards import pack_terms, unpack_terms
from newsarchive.index.terms import count_terms
from newsarchive.index.tokens import fold, tokenise
from newsarchive.search.engine import search
from newsarchive.search.published import NoIndexError, open_published
from newsarchive.settings import Settings
from unit.making import make_article, make_clean_article

from .corpus import SETTINGS, fields_of, mixed_archive, mixed_bodies, write_index
from .node import run_node


@given(st.lists(st.tuples(st.integers(0, 2**40), st.booleans())))
def test_numbers_and_marks_are_read_as_they_were_written(given_: list[tuple[int, bool]]) -> None:
    values = [value % 8 if is_mark else value for value, is_mark in given_]
    marks = np.array([is_mark for _, is_mark in given_], np.bool_)

    text, starts = encode_numbers(np.array(values, np.uint64), marks)

    reader = NumberReader(text)
    read = [reader.mark() if is_mark else reader.number() for is_mark in marks]
    assert read == values
    assert len(starts) == len(values)
    assert not set(text) & set('"\\\n')
    assert MARKS < 92


@given(st.lists(st.text("中国北京ab1#𠀀", min_size=1, max_size=2), unique=True))
def test_terms_are_unpacked_as_they_were_packed(texts: list[str]) -> None:
    terms = sorted({token for text in texts for token in tokenise(text)}, key=utf16)

    assert list(unpack_terms(pack_terms(terms))) == terms


@given(st.integers(0, 10**7))
def test_a_length_is_stored_with_at_most_a_fifth_of_it_lost(length: int) -> None:
    stored = LEVELS[level_of(length)]

    assert stored <= length
    assert length > LEVELS[-1] or length <= max(stored * 1.25, stored)


def test_the_vocabulary_stands_in_the_order_in_which_javascript_compares() -> None:
    terms = [count_terms(("中国 𠀀𠀁 﨎豈 zebra", "ꀀ Apple 王", "한국"), ["#标签"])]

    written = [term for part in merge_postings(terms) for term in part.terms]

    assert written == sorted(written, key=utf16)
    assert {"#标签", "𠀀𠀁", "𠀁", "王", "zebra", "한국"} <= set(written)


def test_segments_are_cut_by_the_newest_articles_date() -> None:
    dates = ["", "2019-05-01", "2020-12-31", "2021-01-01", "2021-06-30", "2021-07-01", "2021-07-09"]
    articles = [make_article(f"{number}.md", date) for number, date in enumerate(dates)]

    cut = {segment.name: [article.source for article in segment.articles] for segment in cut_segments(articles)}

    assert cut == {"closed": ["0.md", "1.md", "2.md"], "year": ["3.md", "4.md"], "month": ["5.md", "6.md"]}
    assert cut_segments([]) == []
    assert [segment.name for segment in cut_segments(articles[:1])] == ["closed"]


def test_a_new_article_changes_its_months_segment_alone() -> None:
    archive, bodies = mixed_archive(), mixed_bodies()
    newest = archive.articles[-1]
    new = replace(newest, source="new.md", id="f" * 16, url="x.html", title="新的一篇")

    before = dict(index_archive(archive, bodies, SETTINGS))
    after = dict(index_archive(Archive((*archive.articles, new)), {**bodies, "new.md": make_clean_article()}, SETTINGS))

    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert changed
    assert {path.split("/")[1] for path in changed} <= {"month", "manifest.js"}


def test_two_builds_of_an_index_are_equal_to_the_byte() -> None:
    first, second = (list(index_archive(mixed_archive(), mixed_bodies(), SETTINGS)) for _ in range(2))

    assert first == second


def test_a_smaller_budget_makes_more_and_smaller_files() -> None:
    archive = mixed_archive()

    small, large = (
        [
            text
            for path, text in index_archive(archive, mixed_bodies(), Settings(search_shard_bytes=size))
            if "/terms-" in path
        ]
        for size in (1_024, 65_536)
    )

    assert len(small) > 3 * len(large)


def random_queries(count: int) -> list[str]:
    """What people type: words and pieces out of articles, with every rule of the language."""
    dice = random.Random(9)
    articles = mixed_archive().articles
    return [
        _random_query(dice, fields_of(dice.choice(articles), mixed_bodies())[1] + dice.choice(articles).title)
        for _ in range(count)
    ]


def _random_query(dice: random.Random, text: str) -> str:
    parts = []
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(max(1, len(text) - 6))
        piece = re.sub(r"\s", "", text[at : at + dice.randint(1, 5)]) or "雨"
        form = dice.choice(["{}", "{}", "{}", '"{}"', "-{}", "title:{}", "{}*", "标签:{}"])
        parts.append(form.format(piece))
    return " ".join([*parts, dice.choice(["", "", "", "date:2020..2021", "来源:晚报", "-section:文化", "Har", "sky"])])


def test_the_terminal_answers_as_the_browser_does(mixed_output: Path, tmp_path: Path) -> None:
    queries = [*random_queries(300), "王", "的", "", "-雨", "天文", "la*", "ne*", "栏目:科技"]
    published = open_published(mixed_output)

    told = run_node("terminal.js", {"output": str(mixed_output), "queries": queries}, tmp_path)

    ours = [search(published, query) for query in queries]
    wrong = [
        query
        for query, browser, answer in zip(queries, told, ours, strict=True)
        if browser != {"notes": list(answer.notes), "hits": [list(hit) for hit in answer.hits]}
    ]
    assert wrong == []
    assert sum(bool(answer.hits) for answer in ours) > 200


@pytest.mark.parametrize("length", [1, 2])
def test_every_article_that_holds_a_character_or_a_pair_is_found_and_no_other(mixed_output: Path, length: int) -> None:
    articles = mixed_archive().articles
    published = open_published(mixed_output)
    texts = [" | ".join(fold(text) for text in fields_of(article, mixed_bodies())) for article in articles]
    pieces = {text[at : at + length] for text in texts[::20] for at in range(0, len(text) - length, 7)}
    wanted = sorted(piece for piece in pieces if len(tokenise(piece)) == length and not piece.isascii())

    wrong = [
        piece
        for piece in wanted
        if {document for document, _ in search(published, piece).hits}
        != {document for document, text in enumerate(texts) if piece in text}
    ]
    assert wrong == []
    assert len(wanted) > 100


def test_an_article_is_found_by_its_tag_source_section_and_day(mixed_output: Path) -> None:
    published = open_published(mixed_output)
    articles = mixed_archive().articles
    number, article = next((n, a) for n, a in enumerate(articles) if a.tags and a.date and len(a.categories) > 1)
    day = f"{article.date:%Y-%m-%d}"

    for query in (
        f'标签:"{article.tags[0]}"',
        f'来源:"{article.publication}"',
        f"section:{article.categories[0]}",
        f"date:{day}",
        f"date:{day[:7]}..{day[:7]}",
    ):
        assert number in {document for document, _ in search(published, query).hits}, query


def test_an_excluded_phrase_excludes_only_what_has_all_of_it(tmp_path: Path) -> None:
    one = make_article("a.md", title="甲")
    other = make_article("b.md", title="乙")
    bodies = {"a.md": make_clean_article(text="中国的经济"), "b.md": make_clean_article(text="中国经济")}
    published = open_published(write_index(Archive((one, other)), bodies, tmp_path))

    assert [document for document, _ in search(published, "中国 -中国经济").hits] == [0]


def test_the_command_prints_hits_and_json(mixed_output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", str(mixed_output), "天文台", "--limit", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert main(["search", str(mixed_output), "天文台", "--json", "--limit", "0"]) == 0
    told = json.loads(capsys.readouterr().out)

    assert lines[0] == f"{told['total']:,} articles"
    assert len(lines) == 1 + 2 * 2
    assert len(told["hits"]) == told["total"] > 2
    assert told["hits"][0]["title"] in lines[1]


def test_a_folder_without_an_index_is_told_with_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", str(tmp_path), "x"]) == 1

    assert "there is no such file — name the folder of a built site that has a search" in capsys.readouterr().err


def test_files_of_two_builds_are_noticed(tmp_path: Path) -> None:
    output = write_index(mixed_archive(), mixed_bodies(), tmp_path)
    shard = next((output / "search/closed").glob("terms-*.js"))
    shard.write_text(shard.read_text("utf-8").replace('receive("', 'receive("0', 1), "utf-8")
    published = open_published(output)

    with pytest.raises(NoIndexError, match="build the site again"):
        published.collect(lambda segment: range(len(segment.firsts)), lambda _: True)
