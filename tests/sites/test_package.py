"""The package, installed from its wheel where nothing else is: it brings all it needs, and a new site works with it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from conftest import PROJECT
from newsarchive.verify import verify_site

from .runner import Runner

SITE = "https://user.github.io/demo"


def run(*command: str | Path, folder: Path, programs: Path | None = None) -> str:
    """What a command says, in a folder; its program is looked for in `programs` first."""
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "SITEURL"}}
    if programs:
        environment["PATH"] = f"{programs}:{environment['PATH']}"
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the sources."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, folder=PROJECT)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the programs of an environment are that holds the wheel, and what it depends on, and nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", folder, folder=folder)
    run(folder / "bin/pip", "install", "--quiet", wheel, folder=folder)
    return folder / "bin"


def files(folder: Path) -> dict[str, bytes]:
    """What stands in a folder, by path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_all_sources_and_the_theme_and_nothing_that_others_wrote(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist() if ".dist-info/" not in name}

    package = {f"newsarchive/{path}": data for path, data in files(PROJECT / "plugins/newsarchive").items()}
    theme = {f"newsarchive/theme/{path}": data for path, data in files(PROJECT / "theme").items()}
    assert held == package | theme


def test_two_wheels_of_the_same_sources_are_equal(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, folder=PROJECT)

    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


def test_every_command_works_where_only_the_wheel_is(programs: Path, tmp_path: Path) -> None:
    said = run(programs / "newsarchive", "--help", folder=tmp_path)

    for command in re.findall(r"^    ([a-z-]+)", said, re.MULTILINE):
        assert "usage" in run(programs / "newsarchive", command, "--help", folder=tmp_path)


def test_a_new_site_is_built_by_the_package_it_was_made_with(programs: Path, tmp_path: Path) -> None:
    run("newsarchive", "new", "demo", folder=tmp_path, programs=programs)

    said = run("make", "html", folder=tmp_path / "demo", programs=programs)

    verdict = verify_site(tmp_path / "demo/output")
    assert "1 files: 1 published" in said
    assert verdict.diagnostics == []
    assert (tmp_path / "demo/output/search/lunr.js").is_file()
    assert (tmp_path / "demo/output/theme/css/site.css").is_file()
    assert "1 articles" in run("newsarchive", "search", "demo/output", "档案", folder=tmp_path, programs=programs)


def test_a_new_site_publishes_itself_with_an_environment_of_its_own(
    wheel: Path, programs: Path, tmp_path: Path
) -> None:
    run("newsarchive", "new", "demo", folder=tmp_path, programs=programs)
    (tmp_path / "demo/wheels").mkdir()
    (tmp_path / "demo/wheels" / wheel.name).write_bytes(wheel.read_bytes())
    (tmp_path / "store").mkdir()
    runner = Runner(tmp_path / "store", tmp_path / "published")

    assert runner.run(tmp_path / "demo", SITE, {"PYTHON": sys.executable}), runner.said

    assert verify_site(tmp_path / "published").diagnostics == []
    assert f"<loc>{SITE}/index.html</loc>" in (tmp_path / "published/sitemap.xml").read_text("utf-8")
    assert "| published | 1 |" in runner.summary
