"""The index on disk: what it holds, what changes it, and that the terminal answers as the browser does."""

from __future__ import annotations

import json
import multiprocessing
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from collecting import index_files
from newsarchive.cache.fingerprints import fingerprint_of_bytes
from newsarchive.cache.serialization import to_bytes
from newsarchive.collect import Archive
from newsarchive.collect.archive import sort_key
from newsarchive.commands.main import main
from newsarchive.config.settings import Settings
from newsarchive.index import build_segment, segment_digest, segment_task
from newsarchive.index.files import File
from newsarchive.index.integer_coding import NumberReader, encode_numbers
from newsarchive.index.merge_postings import merge_terms, plan_term_ranges, split_tasks, utf16_key
from newsarchive.index.quantized_lengths import LEVELS, level_of
from newsarchive.index.segments import split_segments
from newsarchive.index.shards import Shard, pack_terms, split_shards, unpack_terms
from newsarchive.index.term_vectors import FIELDS, TermVectors
from newsarchive.index.terms import FACTS, FieldTexts, count_article_terms, count_terms
from newsarchive.index.tokens import fold, tag_term, tokenise
from newsarchive.models import Article, Image
from newsarchive.search.engine import search
from newsarchive.search.published import NoIndexError, open_published, read_shard
from unit.factories import make_article

from .corpus import SETTINGS, fields_of, mixed_archive, mixed_texts, write_index
from .node import run_node


@given(st.lists(st.integers(0, 2**32 - 1) | st.integers(0, 20_000)))
def test_numbers_are_read_as_they_were_written(values: list[int]) -> None:
    text = encode_numbers(np.array(values, np.uint32))

    assert NumberReader(text).read_all() == values
    assert not set(text) & set('"\\\n')


@given(st.integers(0, 10**7))
def test_a_length_is_stored_with_at_most_a_fifth_of_it_lost(length: int) -> None:
    stored = LEVELS[level_of(length)]

    assert stored <= length
    assert length > LEVELS[-1] or length <= max(stored * 1.25, stored)


def shards_of(counted: Sequence[bytes], task_size: int = 10_000, budget: int = 4_000) -> list[Shard]:
    """The shards of articles whose terms are counted."""
    packed = TermVectors.from_entries(enumerate(counted))
    words, *pairs = map(merge_terms, split_tasks(packed, plan_term_ranges(packed, task_size)))
    return list(split_shards(words, pairs, budget))


@given(st.lists(st.text("中国北京ab1#𠀀", min_size=1, max_size=2), unique=True))
def test_terms_are_unpacked_as_they_were_packed(texts: list[str]) -> None:
    terms = sorted({token for text in texts for token in tokenise(text)}, key=utf16_key)

    assert list(unpack_terms(pack_terms(terms))) == terms


@given(st.lists(st.text("中国北京ab1 #𠀀"), min_size=1), st.integers(1, 9))
def test_shards_hold_the_vocabulary_in_order_however_small_they_are(texts: list[str], budget: int) -> None:
    shards = shards_of(count_terms([FieldTexts(text, "", "") for text in texts]), task_size=3, budget=budget)

    written = [list(unpack_terms(shard.terms)) for shard in shards]
    assert [term for terms in written for term in terms] == sorted(
        {t for x in texts for t in tokenise(x)}, key=utf16_key
    )
    assert [shard.first for shard in shards] == [terms[0] for terms in written]


def test_the_vocabulary_stands_in_the_order_in_which_javascript_compares() -> None:
    counted = count_terms([FieldTexts("中国 𠀀𠀁 国𠀀国 国人 﨎豈 zebra", "ꀀ Apple 王", "한국", ["标签"])])

    written = [term for shard in shards_of(counted) for term in unpack_terms(shard.terms)]

    assert written == sorted(written, key=utf16_key)
    assert {"#标签", "𠀀𠀁", "𠀁", "国𠀀", "𠀀国", "国人", "王", "zebra", "한국"} <= set(written)


@given(
    st.lists(
        st.builds(FieldTexts, *[st.text("中国人𠀀𠀁ab1é한か #，", max_size=90)] * 3, tags=st.lists(st.text("中a 𠀀")))
    )
)
def test_every_posting_says_how_often_a_term_stands_in_a_field(articles: list[FieldTexts]) -> None:
    told = {
        (term, field, document): count
        for shard in shards_of(count_terms(articles), task_size=10)
        for term, posting in read_shard(shard.terms, shard.postings, len(FIELDS))
        for field in range(len(FIELDS))
        for document, count in zip(posting[field].documents, posting[field].counts, strict=True)
    }

    assert told == Counter(
        (term, field, document)
        for document, (*texts, tags) in enumerate(articles)
        for field, text in enumerate(texts)
        for term in [*tokenise(text), *(tag_term(tag) for tag in tags if field == FACTS)]
    )


def test_a_term_that_stands_in_an_article_hundreds_of_times_is_counted_in_full() -> None:
    counted = count_terms([FieldTexts("", "哈" * 1_000 + " ha" * 500, "")])

    (shard,) = shards_of(counted)

    counts = {term: posting[1].counts for term, posting in read_shard(shard.terms, shard.postings, len(FIELDS))}
    assert counts == {"哈哈": [999], "哈": [1], "ha": [500]}


@pytest.mark.parametrize("task_size", [1, 1_000, 10**9])
def test_shards_do_not_depend_on_how_the_work_is_cut(task_size: int) -> None:
    counted = mixed_terms(mixed_archive().articles)

    assert shards_of(counted, task_size) == shards_of(counted)


def test_months_before_the_newest_stand_in_up_to_three_segments_of_about_one_size() -> None:
    counts = {"2019-02": 90, "2019-03": 610, "2020-01": 1_000, "2020-12": 500, "2021-05": 900, "2021-06": 300}
    months = {**counts, "2022-01": 400, "2022-03": 7}
    articles = [make_article(f"{month}-{n}.md", f"{month}-02") for month, count in months.items() for n in range(count)]

    cut = {segment.name: len(segment.articles) for segment in split_segments(articles)}

    assert cut == {"2019-02": 700, "2020-01": 1_500, "2021-05": 1_600, "2022-03": 7}


def test_segments_are_cut_by_dates_alone() -> None:
    dates = ["", "2019-05-01", "2020-12-31", "2021-06-30", "2021-07-01", "2021-07-09"]
    articles = [make_article(f"{number}.md", date) for number, date in enumerate(dates)]

    cut = {segment.name: [article.source for article in segment.articles] for segment in split_segments(articles)}

    assert cut == {"2019-05": ["0.md", "1.md", "2.md", "3.md"], "2021-07": ["4.md", "5.md"]}
    assert split_segments([]) == []
    assert [segment.name for segment in split_segments(articles[:1])] == ["undated"]


def test_an_article_more_seldom_moves_a_month_to_another_segment() -> None:
    dates = [f"{2018 + number % 4}-{number % 12 + 1:02}-0{number % 9 + 1}" for number in range(4_000)]
    articles = sorted((make_article(f"{number}.md", date) for number, date in enumerate(dates)), key=sort_key)

    names = {
        tuple(segment.name for segment in split_segments(articles[:number] + articles[number + 1 :]))
        for number in range(0, 4_000, 90)
    }

    assert len(names) == 1


def test_a_new_article_changes_its_months_segment_alone() -> None:
    archive = mixed_archive()
    newest = archive.articles[-1]
    new = replace(newest, source="new.md", id="f" * 16, url="x.html", title="新的一篇")
    texts = {**mixed_texts(), "new.md": "新的一篇"}

    before = dict(index_files(archive, texts, SETTINGS))
    after = dict(index_files(Archive((*archive.articles, new)), texts, SETTINGS))

    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert changed
    assert {path.split("/")[1] for path in changed} <= {f"{newest.date:%Y-%m}", "manifest.js"}


def mixed_terms(articles: Sequence[Article]) -> list[bytes]:
    """The terms of articles of the mixed archive; what has another path has no text."""
    return count_article_terms(articles, [mixed_texts().get(article.source, "") for article in articles])


class BuiltSegment(NamedTuple):
    """A segment as a build makes it."""

    entry: dict[str, Any]  # in the manifest
    files: list[File]


def segments_of(
    articles: Sequence[Article], count: Callable[[Sequence[Article]], list[bytes]] = mixed_terms
) -> dict[str, BuiltSegment]:
    """The segments of articles, by name."""
    tasks = [segment_task(segment, count, SETTINGS) for segment in split_segments(articles)]
    return {task.name: BuiltSegment(*build_segment(task)) for task in tasks}


def digests_of(articles: Sequence[Article], settings: Settings = SETTINGS) -> dict[str, bytes]:
    """The digests of all that segments are made from, by name."""
    return {segment.name: segment_digest(segment, digest_of, settings) for segment in split_segments(articles)}


def digest_of(article: Article) -> bytes:
    return fingerprint_of_bytes(to_bytes(article))


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The names of segments that are others now."""
    return [name for name, value in after.items() if before.get(name) != value]


def test_a_new_article_makes_the_segment_of_its_month_anew_and_no_other() -> None:
    articles = mixed_archive().articles
    new = replace(articles[-1], source="new.md", id="f" * 16, url="x.html", title="新的一篇")

    assert changed(digests_of(articles), digests_of((*articles, new))) == [f"{new.date:%Y-%m}"]
    assert changed(segments_of(articles), segments_of((*articles, new))) == [f"{new.date:%Y-%m}"]


def test_the_files_of_a_segment_are_in_its_folder_and_hold_its_id() -> None:
    for name, segment in segments_of(mixed_archive().articles).items():
        assert segment.entry["name"] == name
        assert {path.rpartition("/")[0] for path, _ in segment.files} == {f"search/{name}"}
        assert all(text.startswith(f'newsarchive.receive("{segment.entry["id"]}",') for _, text in segment.files)


def test_another_budget_for_shards_makes_all_segments_anew() -> None:
    articles = mixed_archive().articles

    before, after = (digests_of(articles, Settings(search_shard_bytes=n)) for n in (2_048, 4_096))
    assert changed(before, after) == list(before)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "另一个标题"},
        {"source": "another.md", "body": b"another"},
        {"tags": ("另一个标签",)},
        {"url": "2019/another.html"},
        {"summary": "另一个摘要"},
        {"categories": ("别处", "别报")},
        {"also_in": (("别处", "别报"),)},
        {"lead": Image("https://example.org/another.jpg")},
    ],
)
def test_whatever_a_search_shows_or_finds_makes_a_segment_anew(change: dict[str, Any]) -> None:
    articles = mixed_archive().articles
    edited = (*articles[:100], replace(articles[100], **change), *articles[101:])

    (made,) = changed(digests_of(articles), digests_of(edited))

    before, after = segments_of(articles), segments_of(edited)
    assert changed(before, after) == [made]
    assert after[made].entry["id"] not in {segment.entry["id"] for segment in before.values()}


def test_the_texts_are_not_needed_where_the_terms_are_kept() -> None:
    articles = mixed_archive().articles
    counted = dict(zip((article.id for article in articles), mixed_terms(articles), strict=True))

    made = segments_of(articles, lambda some: [counted[article.id] for article in some])

    files = [file for segment in made.values() for file in segment.files]
    assert files == list(index_files(mixed_archive(), mixed_texts(), SETTINGS))[:-2]


def test_other_processes_make_the_same_index() -> None:
    articles = mixed_archive().articles

    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        tasks = (segment_task(each, mixed_terms, SETTINGS) for each in split_segments(articles))
        made = [BuiltSegment(*built) for built in pool.map(build_segment, tasks)]

    assert made == list(segments_of(articles).values())


def test_two_builds_of_an_index_are_equal_to_the_byte() -> None:
    one, other = (list(index_files(mixed_archive(), mixed_texts(), SETTINGS)) for _ in range(2))

    assert one == other


def test_a_smaller_budget_makes_more_and_smaller_files() -> None:
    made = [index_files(mixed_archive(), mixed_texts(), Settings(search_shard_bytes=n)) for n in (1_024, 65_536)]

    small, large = ([text for path, text in files if "/terms-" in path] for files in made)

    assert len(small) > 3 * len(large)


def random_queries(count: int) -> list[str]:
    """What people type: words and pieces out of articles, with every rule of the language."""
    dice = random.Random(9)
    articles, texts = mixed_archive().articles, mixed_texts()
    found = ((dice.choice(articles), dice.choice(articles)) for _ in range(count))
    return [_random_query(dice, texts[one.source] + other.title) for one, other in found]


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
    texts = [" | ".join(fold(text) for text in fields_of(article, mixed_texts())) for article in articles]
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
    archive = Archive((make_article("a.md", title="甲"), make_article("b.md", title="乙")))
    texts = {"a.md": "中国的经济", "b.md": "中国经济"}
    published = open_published(write_index(archive, texts, tmp_path))

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

    assert "no such file — give the folder of a built site with a search index" in capsys.readouterr().err


def test_files_of_two_builds_are_noticed(tmp_path: Path) -> None:
    output = write_index(mixed_archive(), mixed_texts(), tmp_path)
    shard = next((output / "search").glob("2*/terms-*.js"))
    shard.write_text(shard.read_text("utf-8").replace('receive("', 'receive("0', 1), "utf-8")
    published = open_published(output)

    with pytest.raises(NoIndexError, match="build the site again"):
        published.load_postings(lambda segment: range(len(segment.first_terms)), lambda _: True)
