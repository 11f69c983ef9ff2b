"""Two builds of the same input differ in nothing: neither in a byte nor in the rights of a file."""

from __future__ import annotations

import os
import random
import shutil
import stat
from pathlib import Path

import pytest

from conftest import Built, build_site

from .editing import EditedSite
from .test_incremental import differences

FILE, FOLDER = 0o644, 0o755


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> EditedSite:
    """A small site, with a rule file and templates of its own."""
    site = EditedSite(tmp_path_factory.mktemp("here"), seed=17)
    site.write_rule()
    site.add_duplicate()
    site.add_page()
    site.override_template()
    return site


@pytest.fixture(scope="module")
def here(site: EditedSite) -> Built:
    """The site as it is built here."""
    built = site.build("plain", in_a_process_of_its_own=True)
    assert built.exit_code == 0, built.said
    return built


def build(site: EditedSite, work: Path, content: Path | None = None, **environment: str) -> Built:
    """The site as it is built elsewhere."""
    work.mkdir(parents=True, exist_ok=True)
    built = build_site(content or site.content, work, *site.options(), environment=environment)
    assert built.exit_code == 0, built.said
    return built


def modes(output: Path) -> dict[str, int]:
    """The rights of everything below a folder, and of itself."""
    paths = [output, *output.rglob("*")]
    return {path.relative_to(output).as_posix(): stat.S_IMODE(path.stat().st_mode) for path in paths}


def in_another_order(content: Path, target: Path) -> Path:
    """The same files, made in another order, with other times: disks list by either."""
    files = sorted(path for path in content.rglob("*") if path.is_file())
    random.Random(5).shuffle(files)
    for number, path in enumerate(files):
        copied = target / path.relative_to(content)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copied)
        os.utime(copied, (1_500_000_000 - number, 1_500_000_000 - number))
    return target


ENVIRONMENTS = {
    "another time zone": {"TZ": "America/Los_Angeles"},
    "another language": {"LC_ALL": "C", "LANG": "de_DE.UTF-8", "LANGUAGE": "de"},
    "another order of hashing": {"PYTHONHASHSEED": "12345"},
    "another home": {"HOME": "/nonexistent", "USER": "nobody", "COLUMNS": "40", "PYTHONOPTIMIZE": "1"},
    "one process": {"NEWSARCHIVE_EXECUTOR": "serial"},
}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_build_in_another_environment_is_the_same(site: EditedSite, here: Built, tmp_path: Path, name: str) -> None:
    there = build(site, tmp_path, **ENVIRONMENTS[name])

    assert differences(there, here) == []
    assert modes(there.output) == modes(here.output)


def test_a_build_of_files_elsewhere_that_came_in_another_order_is_the_same(
    site: EditedSite, here: Built, tmp_path: Path
) -> None:
    content = in_another_order(site.content, tmp_path / "a folder with ümlauts/内容")

    there = build(site, tmp_path / "and the work 在别处", content)

    assert differences(there, here) == []
    assert modes(there.output) == modes(here.output)


@pytest.mark.parametrize("umask", [0o000, 0o027, 0o077])
def test_files_have_the_rights_that_a_web_server_needs_whatever_the_mask(
    site: EditedSite, here: Built, tmp_path: Path, umask: int
) -> None:
    before = os.umask(umask)
    try:
        there = build(site, tmp_path / "work")
    finally:
        os.umask(before)

    assert differences(there, here) == []
    assert modes(there.output) == modes(here.output)
    assert {mode for path, mode in modes(there.output).items() if (there.output / path).is_file()} == {FILE}
    assert {mode for path, mode in modes(there.output).items() if (there.output / path).is_dir()} == {FOLDER}


def test_a_build_gives_the_mask_back(site: EditedSite, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        assert site.build(tmp_path.name).exit_code == 0
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
