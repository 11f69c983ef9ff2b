"""The property of publishing: whatever was built before, the folder holds the last build and what is the user's."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from newsarchive.build.output_writer import FILE_LIST, OutputWriter
from newsarchive.cache.build_cache import BuildCache

from .strategies import hostile_text, slow_property_test

# Folders and files have names of their own: a build that turns one into the other is none of ours.
pages = st.builds("{}{}.html".format, st.sampled_from(["", "a/", "a/b/", "c/"]), st.sampled_from("xyz"))
builds = st.lists(st.dictionaries(pages, hostile_text, max_size=6), min_size=1, max_size=4)
users_files = st.sets(st.sampled_from(["CNAME", "a/robots.txt", "a/b/photo.jpg", "d/notes.txt"]))


@slow_property_test
@given(builds, users_files, st.booleans())
def test_the_folder_holds_the_last_build_and_the_users_files(
    sequence: list[dict[str, str]], users: set[str], keeps_state: bool
) -> None:
    with tempfile.TemporaryDirectory() as name:
        output, state = Path(name, "output"), BuildCache(Path(name, "cache"))
        for file in users:
            (output / file).parent.mkdir(parents=True, exist_ok=True)
            (output / file).write_text(f"the user's {file}", "utf-8")

        for built in sequence:
            if not keeps_state:
                state.close()
                state = BuildCache(Path(name, "cache"))
            _build(output, state, built)

        assert _listed(output) == {path: len(text.encode("utf-8", "replace")) for path, text in sequence[-1].items()}
        assert _tree(output) == sequence[-1] | {file: f"the user's {file}" for file in users}
        assert not list(output.rglob("*.part"))
        state.close()


@slow_property_test
@given(builds)
def test_building_the_same_again_writes_nothing(sequence: list[dict[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        output, state = Path(name, "output"), BuildCache(Path(name, "cache"))
        for built in sequence:
            _build(output, state, built)

        again = _build(output, state, sequence[-1])

        assert (again.written, again.finish()) == (0, 0)
        state.close()


def _build(output: Path, state: BuildCache, files: dict[str, str]) -> OutputWriter:
    publisher = OutputWriter(output, state)
    for path, text in files.items():
        publisher.write(path, text)
    publisher.finish()
    return publisher


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
