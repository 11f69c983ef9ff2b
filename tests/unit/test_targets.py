"""Targets: a build makes what is not current, keeps the rest, and deletes what no build makes any more."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from newsarchive.build.output_writer import OutputError
from newsarchive.build.targets import FILE_LIST, File, Made, Stage, Target, TargetRunner
from newsarchive.cache.build_cache import BuildCache, CacheInUse, OutputFile, TargetRecord
from newsarchive.cache.database import CorruptCache
from newsarchive.parallel.executors import SERIAL, WorkerPool
from newsarchive.parallel.progress import Progress


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """An output folder that is not there yet."""
    return tmp_path / "output"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """The cache folder."""
    return tmp_path / "cache"


@contextmanager
def opened(output: Path, cache: Path) -> Iterator[TargetRunner]:
    """The runner of a build."""
    with closing(BuildCache(cache)) as state, closing(TargetRunner(output, state)) as runner:
        yield runner


def run(runner: TargetRunner, *targets: Target) -> None:
    """Bring targets up to date, in this process."""
    runner.run([Stage("pages", targets)], WorkerPool(SERIAL), Progress())


def page(path: str, data: str | bytes | Path, inputs: Mapping[str, bytes] | None = None) -> Target:
    """A target that makes one file; without `inputs`, it is made in every build."""
    return Target(path, inputs or {}, lambda: [File(path, data)])


class Done(NamedTuple):
    """A whole build, in numbers."""

    written: int
    removed: int
    size: int


def build(output: Path, cache: Path, files: Mapping[str, str | bytes | Path]) -> Done:
    """One whole build of files that are made in every build."""
    return build_targets(output, cache, [page(path, data) for path, data in files.items()])


def build_targets(output: Path, cache: Path, targets: Iterable[Target]) -> Done:
    """One whole build."""
    with opened(output, cache) as runner:
        run(runner, *targets)
        removed, size = runner.finish(runner.stale_targets())
        return Done(runner.writer.written, removed, size)


def tree(folder: Path) -> dict[str, str]:
    """Every file below `folder` and what it holds; the list of them aside."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_text("utf-8") for name, path in files.items() if name != FILE_LIST}


# --- Which files a build writes


def test_pages_are_written_with_a_list_of_them(output: Path, cache: Path) -> None:
    done = build(output, cache, {"index.html": "家", "2021/10/10/a.html": "甲甲"})

    assert tree(output) == {"index.html": "家", "2021/10/10/a.html": "甲甲"}
    assert (output / FILE_LIST).read_text("utf-8") == "6 2021/10/10/a.html\n3 index.html\n"
    assert done == (2 + len([FILE_LIST]), 0, 9)


def test_a_page_that_is_made_again_and_did_not_change_is_not_written(output: Path, cache: Path) -> None:
    build(output, cache, {"a.html": "甲", "b.html": "乙"})
    os.utime(output / "a.html", (0, 0))

    done = build(output, cache, {"a.html": "甲", "b.html": "丙"})

    assert done.written == 1
    assert (output / "a.html").stat().st_mtime == 0


def test_a_text_that_is_no_unicode_does_not_stop_the_build(output: Path, cache: Path) -> None:
    build(output, cache, {"a.html": "甲\ud800"})

    assert tree(output) == {"a.html": "甲?"}


def test_large_files_do_not_wait_until_there_are_many(output: Path, cache: Path) -> None:
    there = []

    def look(path: str) -> list[File]:
        there.append((output / path).exists())
        return []

    images = [page(f"{number}.webp", b"x" * 5_000_000) for number in range(4)]
    look_at_first = Target("look", {}, lambda: look("0.webp"))
    build_targets(output, cache, [*images[:1], look_at_first, *images[1:], look_at_first._replace(name="again")])

    assert there == [False, True]


def test_a_file_is_copied_from_its_path(output: Path, cache: Path, tmp_path: Path) -> None:
    source = tmp_path / "logo.svg"
    source.write_text("<svg/>", "utf-8")

    build(output, cache, {"logo.svg": source})

    assert tree(output) == {"logo.svg": "<svg/>"}
    assert build(output, cache, {"logo.svg": source}).written == 0


def test_a_file_that_cannot_be_copied_is_reported_in_each_build_and_not_published(
    output: Path, cache: Path, tmp_path: Path
) -> None:
    source = tmp_path / "logo.svg"
    source.write_text("<svg/>", "utf-8")
    target = page("logo.svg", source, {"file": b"1"})
    build_targets(output, cache, [target, page("a.html", "甲")])
    source.unlink()

    for inputs, removed in (({"file": b"2"}, 1), ({"file": b"2"}, 0), ({}, 0)):
        with opened(output, cache) as runner:
            run(runner, target._replace(inputs=inputs), page("a.html", "甲"))
            assert [error.filename for error in runner.failed_copies] == [str(source)]
            assert runner.finish(runner.stale_targets())[0] == removed
        assert tree(output) == {"a.html": "甲"}


# --- Current targets


def count_made(made: list[str], path: str, text: str, **inputs: bytes) -> Target:
    """A page that notes when it is made."""

    def make() -> list[File]:
        made.append(path)
        return [File(path, text)]

    return Target(path, inputs, make)


def test_a_target_with_the_same_inputs_is_not_made_again(output: Path, cache: Path) -> None:
    made: list[str] = []
    for words in (b"1", b"1", b"2"):
        targets = [count_made(made, "a.html", "甲", words=b"1"), count_made(made, "b.html", "乙", words=words)]
        build_targets(output, cache, targets)

    assert made == ["a.html", "b.html", "b.html"]
    assert tree(output) == {"a.html": "甲", "b.html": "乙"}


@pytest.mark.parametrize("inputs", [{"words": b"2"}, {"title": b"1"}, {"words": b"1", "title": b"1"}, {}])
def test_a_target_with_other_inputs_is_made_again(output: Path, cache: Path, inputs: dict[str, bytes]) -> None:
    made: list[str] = []
    build_targets(output, cache, [count_made(made, "a.html", "甲", words=b"1")])

    build_targets(output, cache, [count_made(made, "a.html", "乙", **inputs)])

    assert made == ["a.html"] * 2
    assert tree(output) == {"a.html": "乙"}


def test_a_target_without_inputs_is_made_in_every_build(output: Path, cache: Path) -> None:
    made: list[str] = []
    for _ in range(3):
        build_targets(output, cache, [count_made(made, "a.html", "甲")])

    assert made == ["a.html"] * 3


@pytest.mark.parametrize(
    "change",
    [Path.unlink, lambda path: os.utime(path, (0, 0)), lambda path: path.write_text("another text", "utf-8")],
)
def test_a_target_whose_file_was_changed_is_made_again(
    output: Path, cache: Path, change: Callable[[Path], object]
) -> None:
    made: list[str] = []
    build_targets(output, cache, [count_made(made, "a.html", "甲", words=b"1")])
    change(output / "a.html")

    build_targets(output, cache, [count_made(made, "a.html", "甲", words=b"1")])

    assert made == ["a.html"] * 2
    assert tree(output) == {"a.html": "甲"}


def list_of(made: list[str], pages: Mapping[str, bytes], inputs: bytes) -> Target:
    """The pages of a list: finer targets with inputs of their own."""

    def make() -> Iterator[Target]:
        made.append("list")
        for path, words in pages.items():
            yield count_made(made, path, words.decode(), words=words)

    return Target("list 甲", {"list": inputs}, make)


def test_the_pages_of_a_list_with_the_same_inputs_are_not_even_looked_at(output: Path, cache: Path) -> None:
    made: list[str] = []
    pages = {"甲.html": b"1", "甲/2.html": b"2"}
    build_targets(output, cache, [list_of(made, pages, b"1")])

    build_targets(output, cache, [list_of(made, pages, b"1")])

    assert made == ["list", "甲.html", "甲/2.html"]
    assert set(tree(output)) == set(pages)


def test_of_a_list_that_changed_only_the_pages_that_changed_are_made(output: Path, cache: Path) -> None:
    made: list[str] = []
    build_targets(output, cache, [list_of(made, {"甲.html": b"1", "甲/2.html": b"2", "甲/3.html": b"3"}, b"1")])
    made.clear()

    done = build_targets(output, cache, [list_of(made, {"甲.html": b"1", "甲/2.html": b"another"}, b"2")])

    assert made == ["list", "甲/2.html"]
    assert tree(output) == {"甲.html": "1", "甲/2.html": "another"}
    assert done.removed == 1


def test_a_list_is_made_again_when_a_page_of_it_was_deleted(output: Path, cache: Path) -> None:
    made: list[str] = []
    pages = {"甲.html": b"1", "甲/2.html": b"2"}
    build_targets(output, cache, [list_of(made, pages, b"1")])
    (output / "甲/2.html").unlink()
    made.clear()

    build_targets(output, cache, [list_of(made, pages, b"1")])

    assert made == ["list", "甲/2.html"]
    assert set(tree(output)) == set(pages)


def test_a_list_without_pages_is_no_list(output: Path, cache: Path) -> None:
    made: list[str] = []
    build_targets(output, cache, [list_of(made, {"甲.html": b"1"}, b"1")])

    build_targets(output, cache, [list_of(made, {}, b"2")])
    build_targets(output, cache, [list_of(made, {}, b"2")])

    assert tree(output) == {}


# --- Targets that are made by workers, and their values


def copy_words(words: bytes, tasks: Sequence[str]) -> list[Made]:
    """Two files for each task, and a value."""
    files = [[File(f"{task}/{number}.js", words) for number in range(2)] for task in tasks]
    return [Made(each, f"value of {task}".encode()) for task, each in zip(tasks, files, strict=True)]


def segments(names: Sequence[str], words: bytes = b"1") -> Stage:
    """Targets of several files that workers make."""
    targets = [Target(name, {"words": words}, partial(str, name)) for name in names]
    return Stage("index", targets, partial(copy_words, words), batch=2, is_written_last=True)


def build_index(output: Path, cache: Path, *stages: Stage) -> tuple[Done, dict[str, bytes]]:
    """A whole build, and the values of its targets at its end."""
    with closing(WorkerPool("processes", 2)) as pool, opened(output, cache) as runner:
        runner.run(stages, pool, Progress())
        values = {each.name: runner.value_of(each.name) for stage in stages for each in stage.targets}
        removed, size = runner.finish(runner.stale_targets())
        return Done(runner.writer.written, removed, size), values


def test_workers_make_targets_of_several_files_with_values(output: Path, cache: Path) -> None:
    done, values = build_index(output, cache, segments("abc"))

    assert tree(output) == {f"{name}/{number}.js": "1" for name in "abc" for number in range(2)}
    assert values == {name: f"value of {name}".encode() for name in "abc"}
    assert build_index(output, cache, segments("abc")) == (Done(0, 0, done.size), values)


def test_a_file_that_a_target_makes_no_longer_is_deleted(output: Path, cache: Path) -> None:
    several = Target("list", {"words": b"1"}, lambda: [File(f"{number}.js", "") for number in range(3)])
    build_targets(output, cache, [several])

    done = build_targets(output, cache, [Target("list", {"words": b"2"}, lambda: [File("1.js", "")])])

    assert set(tree(output)) == {"1.js"}
    assert done.removed == 2


def test_what_is_written_last_is_written_after_the_stages_behind_it(output: Path, cache: Path) -> None:
    there = []

    def manifest() -> list[File]:
        there.extend([(output / "a/0.js").exists(), (output / "page.html").exists()])
        return [File("manifest.js", "")]

    stages = [
        segments("a"),
        Stage("manifest", [Target("manifest", {}, manifest)], is_written_last=True),
        Stage("pages", [page("page.html", "")]),
    ]
    build_index(output, cache, *stages)

    assert there == [True, True]


def test_a_value_of_a_target_that_is_not_known_is_damage(output: Path, cache: Path) -> None:
    with opened(output, cache) as runner, pytest.raises(CorruptCache, match="nothing is known of search/2021-10"):
        runner.value_of("search/2021-10")


# --- What is deleted


def test_what_this_build_no_longer_has_is_deleted_with_its_folders(output: Path, cache: Path) -> None:
    build(output, cache, {"index.html": "", "2021/10/10/a.html": "", "2021/11/b.html": ""})

    build(output, cache, {"index.html": "", "2021/11/b.html": ""})

    assert set(tree(output)) == {"index.html", "2021/11/b.html"}
    assert not (output / "2021/10").exists()


def test_the_number_of_deleted_files_is_said(output: Path, cache: Path) -> None:
    build(output, cache, {"a.html": "", "b.html": "", "c.html": ""})

    assert build(output, cache, {}).removed == 3


def test_a_file_of_the_users_is_never_deleted(output: Path, cache: Path) -> None:
    build(output, cache, {"a/1.html": ""})
    (output / "a/CNAME").write_text("news.example", "utf-8")

    build(output, cache, {})

    assert tree(output) == {"a/CNAME": "news.example"}


def test_a_file_that_the_user_deleted_already_is_no_problem(output: Path, cache: Path) -> None:
    build(output, cache, {"a.html": ""})
    (output / "a.html").unlink()

    assert build(output, cache, {}).removed == 1


def test_two_output_folders_of_one_cache_do_not_clean_each_other(tmp_path: Path, cache: Path) -> None:
    build(tmp_path / "one", cache, {"a.html": "甲"})
    (tmp_path / "two").mkdir()
    (tmp_path / "two/a.html").write_text("the user's", "utf-8")

    build(tmp_path / "two", cache, {"b.html": "乙"})

    assert tree(tmp_path / "one") == {"a.html": "甲"}
    assert tree(tmp_path / "two") == {"a.html": "the user's", "b.html": "乙"}


# --- Paths that cannot be


@pytest.mark.parametrize("path", ["../a.html", "a/../../b.html", "/etc/a.html", "a/..", "", "."])
def test_a_page_outside_the_output_folder_is_refused(output: Path, cache: Path, path: str) -> None:
    with opened(output, cache) as runner:
        with pytest.raises(OutputError, match="leads out of the output folder — give the page another address"):
            run(runner, page(path, ""))
        runner.finish(runner.stale_targets())

    assert tree(output) == {}


@pytest.mark.parametrize("inputs", [{}, {"words": b"1"}])
def test_two_pages_at_one_address_are_refused(output: Path, cache: Path, inputs: dict[str, bytes]) -> None:
    for _ in range(2):  # nor does the second build take one of them
        with pytest.raises(OutputError, match=r"^a\.html: two pages want this file — give one of them another addres"):
            build_targets(output, cache, [page("a.html", "甲", inputs), page("a.html", "乙", inputs)])


@pytest.mark.parametrize("inputs", [{}, {"words": b"1"}])
def test_a_page_at_the_address_of_a_page_that_another_target_makes_is_refused(
    output: Path, cache: Path, inputs: dict[str, bytes]
) -> None:
    other = Target("list", inputs, lambda: [File("a.html", "乙")])
    finer = Target("list", inputs, lambda: [page("a.html", "乙", inputs)])
    for second in (other, finer):
        build_targets(output, cache, [second])  # so that it may be kept
        for targets in ([page("a.html", "甲", inputs), second], [second, page("a.html", "甲", inputs)]):
            with pytest.raises((OutputError, CorruptCache), match=r"a\.html"):
                build_targets(output, cache, targets)


# --- Builds that are killed, and a cache that is lost or damaged


def kill_a_build(output: Path, cache: Path, files: Mapping[str, str]) -> None:
    """A build that is killed when it has written some of its files."""
    with opened(output, cache) as runner:
        run(runner, *[page(path, text) for path, text in files.items()])


def test_without_its_cache_a_build_that_is_killed_leaves_no_stale_file_for_ever(output: Path, cache: Path) -> None:
    build(output, cache, {"deleted.html": "", "kept.html": ""})
    shutil.rmtree(cache)

    kill_a_build(output, cache, {"added.html": ""})

    assert build(output, cache, {"kept.html": "", "added.html": ""}).removed == 1
    assert set(tree(output)) == {"kept.html", "added.html"}


def test_a_file_of_a_build_that_was_killed_is_ours(output: Path, cache: Path) -> None:
    kill_a_build(output, cache, {"added.html": ""})

    assert build(output, cache, {}).removed == 1
    assert tree(output) == {}


def test_a_page_that_changed_before_the_build_was_killed_is_ours_still(output: Path, cache: Path) -> None:
    build(output, cache, {"a.html": "", "b.html": ""})
    shutil.rmtree(cache)

    kill_a_build(output, cache, {"a.html": "longer than before"})

    assert build(output, cache, {"b.html": ""}).removed == 1


def test_a_target_that_a_killed_build_made_is_made_again(output: Path, cache: Path) -> None:
    made: list[str] = []
    build_targets(output, cache, [count_made(made, "a.html", "甲", words=b"1")])
    with opened(output, cache) as runner:
        run(runner, count_made(made, "a.html", "乙", words=b"2"))

    build_targets(output, cache, [count_made(made, "a.html", "丙", words=b"3")])

    assert made == ["a.html"] * 3
    assert tree(output) == {"a.html": "丙"}


def test_in_a_folder_that_was_renamed_a_build_that_is_killed_leaves_no_stale_file_for_ever(
    tmp_path: Path, cache: Path
) -> None:
    build(tmp_path / "output", cache, {"deleted.html": "", "kept.html": ""})
    (tmp_path / "output").rename(tmp_path / "public")

    kill_a_build(tmp_path / "public", cache, {"added.html": ""})

    assert build(tmp_path / "public", cache, {"kept.html": "", "added.html": ""}).removed == 1
    assert set(tree(tmp_path / "public")) == {"kept.html", "added.html"}


def test_a_folder_in_the_place_of_one_that_is_known_is_known_by_its_list(tmp_path: Path, cache: Path) -> None:
    output = tmp_path / "output"
    build(tmp_path / "other", tmp_path / "others", {"deleted.html": "", "kept.html": ""})
    build(output, cache, {"kept.html": ""})
    shutil.rmtree(output)
    (tmp_path / "other").rename(output)

    build(output, cache, {"kept.html": ""})

    assert set(tree(output)) == {"kept.html"}


def test_a_site_is_complete_only_where_every_file_is_known_and_as_it_was_left(output: Path, cache: Path) -> None:
    def is_complete() -> bool:
        with opened(output, cache) as runner:
            return runner.is_complete()

    assert not is_complete()
    build(output, cache, {"a.html": "", "b.html": ""})
    assert is_complete()

    os.utime(output / "a.html", (0, 0))
    assert not is_complete()

    build(output, cache, {"a.html": "", "b.html": ""})
    assert is_complete()
    (output / "a.html").unlink()
    assert not is_complete()


def test_a_site_is_not_complete_after_a_build_that_was_killed(output: Path, cache: Path) -> None:
    build(output, cache, {"a.html": ""})

    with opened(output, cache) as runner:
        run(runner, page("a.html", ""), page("new.html", ""))

    with opened(output, cache) as runner:
        assert not runner.is_complete()


def test_a_file_whose_record_is_lost_is_still_deleted_when_its_page_goes(output: Path, cache: Path) -> None:
    build(output, cache, {"a.html": "", "b.html": ""})
    with closing(BuildCache(cache)) as state:
        state.forget_targets(output, ["a.html"])
        state.commit()

    build(output, cache, {"b.html": ""})

    assert set(tree(output)) == {"b.html"}


def test_the_list_of_files_is_right_after_a_build_that_writes_nothing(output: Path, cache: Path) -> None:
    target = page("a.html", "甲", {"words": b"1"})
    build_targets(output, cache, [target])
    before = (output / FILE_LIST).stat()

    assert build_targets(output, cache, [target]) == Done(0, 0, 3)

    assert (output / FILE_LIST).stat().st_mtime_ns == before.st_mtime_ns
    (output / FILE_LIST).unlink()
    build_targets(output, cache, [target])
    assert (output / FILE_LIST).read_text("utf-8") == "3 a.html\n"


@pytest.mark.parametrize("path", ["../victim.txt", "a/../../victim.txt", "{outside}", "x\0y", ""])
def test_a_cache_whose_paths_lead_out_of_the_output_is_not_believed(
    tmp_path: Path, output: Path, cache: Path, path: str
) -> None:
    victim = tmp_path / "victim.txt"
    victim.write_text("mine", "utf-8")
    output.mkdir()
    with closing(BuildCache(cache)) as state:
        file = OutputFile(path.format(outside=victim), 4, 0)
        state.store_targets(output, {"index.html": TargetRecord({"words": b"1"}, (file,))})

        with pytest.raises(CorruptCache, match="leads out of it"):
            TargetRunner(output, state)
        with pytest.raises(CorruptCache, match="leads out of it"):  # not that the folder is in use
            TargetRunner(output, state)

    assert victim.read_text("utf-8") == "mine"


@pytest.mark.parametrize("path", ["x" * 300, "index.html/x", "folder"])
def test_a_path_at_which_no_file_can_be_stops_no_build(output: Path, cache: Path, path: str) -> None:
    build(output, cache, {"index.html": ""})
    (output / "folder").mkdir()
    with closing(BuildCache(cache)) as state:
        state.store_targets(output, {path: TargetRecord({}, (OutputFile(path, -1, -1),))})
        state.commit()

    build(output, cache, {"index.html": ""})

    assert set(tree(output)) == {"index.html"}
    assert (output / "folder").is_dir()


def test_a_target_that_is_missing_in_the_cache_is_made_good_by_the_list(output: Path, cache: Path) -> None:
    build(output, cache, {"a.html": "", "b.html": ""})
    with closing(BuildCache(cache)) as state:
        state.forget_targets(output, ["a.html"])
        state.commit()

    assert build(output, cache, {"b.html": ""}).removed == 1
    assert set(tree(output)) == {"b.html"}


@pytest.mark.parametrize("change", ["name = 'b.html'", "record = zeroblob(30)", "record = 'x'", "name = x'00'"])
def test_a_row_of_the_cache_that_was_changed_is_noticed(output: Path, cache: Path, change: str) -> None:
    build(output, cache, {"a.html": ""})
    with closing(sqlite3.connect(cache / "build.sqlite")) as connection, connection:
        connection.execute(f"UPDATE targets SET {change} WHERE name = 'a.html'")

    with closing(BuildCache(cache)) as state, pytest.raises(CorruptCache):
        state.targets(output)


def change_record(cache: Path, output: Path, name: str, record: TargetRecord) -> None:
    """Let the cache hold another record of a target."""
    with closing(BuildCache(cache)) as state:
        known = state.targets(output)[name]
        state.store_targets(output, {name: TargetRecord(known.inputs, record.files, record.targets)})
        state.commit()


@pytest.mark.parametrize(
    "record", [TargetRecord({}, ()), TargetRecord({}, (), ("list", "list")), TargetRecord({}, (), ("a.html",))]
)
def test_a_record_without_files_or_with_those_of_another_target_does_not_make_a_target_current(
    output: Path, cache: Path, record: TargetRecord
) -> None:
    several = Target("list", {"words": b"1"}, lambda: [File("1.js", "1"), File("2.js", "2")])
    targets = [page("a.html", "甲", {"words": b"1"}), several]
    build_targets(output, cache, targets)
    change_record(cache, output, "list", record)

    build_targets(output, cache, targets)

    assert tree(output) == {"a.html": "甲", "1.js": "1", "2.js": "2"}


def test_a_record_that_takes_the_page_of_a_later_target_is_damage(output: Path, cache: Path) -> None:
    targets = [page("a.html", "甲", {"words": b"1"}), page("b.html", "乙", {"words": b"1"})]
    build_targets(output, cache, targets)
    with closing(BuildCache(cache)) as state:
        both = tuple(file for name in ("a.html", "b.html") for file in state.targets(output)[name].files)

    for record in (TargetRecord({}, both), TargetRecord({}, both[:1], ("b.html",))):
        change_record(cache, output, "a.html", record)
        with pytest.raises(CorruptCache, match=r"^b\.html: a target has the file of another"):
            build_targets(output, cache, targets)


def corrupt_header(state: Path) -> None:
    """Not a database at all."""
    state.write_bytes(b"not a database" * 1_000)


def corrupt_pages(state: Path) -> None:
    """A database whose first page alone is whole."""
    state.write_bytes(state.read_bytes()[:4_096] + b"\xaa" * (state.stat().st_size - 4_096))


def cut_off(state: Path) -> None:
    """What a crash may leave."""
    state.write_bytes(state.read_bytes()[:5_000])


def empty(state: Path) -> None:
    """What a full disk may leave."""
    state.write_bytes(b"")


def write_other_table(state: Path) -> None:
    """A database as another version of the program may have it."""
    state.unlink()
    with closing(sqlite3.connect(state)) as connection, connection:
        connection.execute("CREATE TABLE targets (name TEXT)")


@pytest.mark.parametrize("damage", [corrupt_header, corrupt_pages, cut_off, empty, write_other_table])
def test_a_cache_that_is_damaged_costs_no_build(output: Path, cache: Path, damage: Callable[[Path], None]) -> None:
    build(output, cache, {f"{number}/{'x' * 50}.html": "" for number in range(200)})
    damage(cache / "build.sqlite")

    build(output, cache, {"a.html": "甲"})
    build(output, cache, {"b.html": "乙"})

    assert "a.html" not in tree(output)
    assert tree(output)["b.html"] == "乙"


def test_a_damaged_cache_is_said(output: Path, cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    build(output, cache, {"a.html": ""})
    corrupt_header(cache / "build.sqlite")

    with caplog.at_level(logging.WARNING):
        build(output, cache, {"a.html": ""})

    assert "build.sqlite: not a build cache of this version — starting with a new one" in caplog.text


def test_a_first_build_has_nothing_to_complain_about(
    output: Path, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    build(output, cache, {"a.html": ""})

    assert caplog.text == ""


def test_a_cache_that_another_build_is_using_is_not_thrown_away(output: Path, cache: Path) -> None:
    build(output, cache, {"a.html": ""})

    with closing(BuildCache(cache)), pytest.raises(CacheInUse, match="another build is at work here — wait"):
        BuildCache(cache)

    with closing(BuildCache(cache)) as state:
        assert set(state.targets(output)) == {"a.html", FILE_LIST}
