"""The property of targets: whatever was built before, the folder holds the last build and what is the user's."""

from __future__ import annotations

import shutil
import tempfile
from itertools import chain
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from newsarchive.build.targets import FILE_LIST, File, Stage, Target, TargetRunner
from newsarchive.cache.build_cache import BuildCache
from newsarchive.cache.fingerprints import fingerprint
from newsarchive.parallel.executors import SERIAL, WorkerPool
from newsarchive.parallel.progress import Progress

from .strategies import hostile_text, slow_property_test

# Folders and files have names of their own: a build that turns one into the other is none of ours.
pages = st.builds("{}{}.html".format, st.sampled_from(["", "a/", "a/b/", "c/"]), st.sampled_from("xyz"))
builds = st.lists(st.dictionaries(pages, hostile_text, max_size=6), min_size=1, max_size=4)
users_files = st.sets(st.sampled_from(["CNAME", "a/robots.txt", "a/b/photo.jpg", "d/notes.txt"]))


@slow_property_test
@given(builds, users_files, st.booleans(), st.booleans())
def test_the_folder_holds_the_last_build_and_the_users_files(
    sequence: list[dict[str, str]], users: set[str], has_inputs: bool, keeps_cache: bool
) -> None:
    with tempfile.TemporaryDirectory() as name:
        output, cache = Path(name, "output"), BuildCache(Path(name, "cache"))
        for file in users:
            (output / file).parent.mkdir(parents=True, exist_ok=True)
            (output / file).write_text(f"the user's {file}", "utf-8")

        for built in sequence:
            if not keeps_cache:
                cache.close()
                shutil.rmtree(cache.path.parent)
                cache = BuildCache(Path(name, "cache"))
            _build(output, cache, built, has_inputs)

        assert _listed(output) == {path: len(text.encode("utf-8", "replace")) for path, text in sequence[-1].items()}
        assert _tree(output) == sequence[-1] | {file: f"the user's {file}" for file in users}
        assert not list(output.rglob("*.part"))
        cache.close()


@slow_property_test
@given(builds, st.booleans())
def test_building_the_same_again_writes_nothing(sequence: list[dict[str, str]], has_inputs: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        output, cache = Path(name, "output"), BuildCache(Path(name, "cache"))
        for built in sequence:
            _build(output, cache, built, has_inputs)

        assert _build(output, cache, sequence[-1], has_inputs) == (0, 0)
        cache.close()


@slow_property_test
@given(builds)
def test_the_same_is_built_with_inputs_and_without(sequence: list[dict[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        trees = []
        for has_inputs in (True, False):
            output, cache = Path(name, f"output {has_inputs}"), BuildCache(Path(name, f"cache {has_inputs}"))
            for built in sequence:
                _build(output, cache, built, has_inputs)
            trees.append((_tree(output), (output / FILE_LIST).read_bytes()))
            cache.close()

        assert trees[0] == trees[1]


def _build(output: Path, cache: BuildCache, files: dict[str, str], has_inputs: bool) -> tuple[int, int]:
    """Build pages, of each folder as a list; returns how many files were written and deleted."""

    def page(path: str, text: str) -> Target:
        return Target(path, {"text": fingerprint(text)} if has_inputs else {}, lambda: [File(path, text)])

    def group(folder: str) -> Target:
        pages = {path: text for path, text in files.items() if path.rpartition("/")[0] == folder}
        inputs = {"pages": fingerprint(*chain.from_iterable(sorted(pages.items())))} if has_inputs else {}
        return Target(f"list {folder}", inputs, lambda: [page(*each) for each in pages.items()])

    runner = TargetRunner(output, cache)
    folders = sorted({path.rpartition("/")[0] for path in files})
    runner.run([Stage("pages", map(group, folders))], WorkerPool(SERIAL), Progress())
    removed, _ = runner.finish(runner.stale_targets())
    runner.close()
    return runner.writer.written, removed


def _listed(output: Path) -> dict[str, int]:
    """The build's own list: path → size."""
    lines = (output / FILE_LIST).read_text("utf-8").splitlines()
    return {path: int(size) for size, _, path in (line.partition(" ") for line in lines)}


def _tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode("utf-8")
        for path in folder.rglob("*")
        if path.is_file() and path.name != FILE_LIST
    }
