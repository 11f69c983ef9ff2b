"""The rooms of the package: imports point one way, one room knows Pelican, and nothing works before it is asked to."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import newsarchive
from newsarchive.config.settings import PREFIX, SETTINGS, setting_name

PACKAGE = Path(newsarchive.__path__[0])
PROJECT = Path(__file__).resolve().parents[2]

# In the order of the data: each may import from its own stage and from those before it.
STAGES = (
    "diagnostics",
    "models",
    "fs",
    "cache",
    "parallel",
    "i18n",
    "read",
    "clean",
    "config",
    "describe",
    "collect",
    "index",
    "images",
    "render",
    "build",
    "net",  # from here on: what the commands do, each by itself
    "fetch",
    "search",
    "verify",
    "pack",
    "scaffold",
    "importers",
    "commands",  # the two entry points, side by side: the `newsarchive` command, and Pelican
    "__main__",
    "pelican_plugin",
)

MODULES = sorted(PACKAGE.rglob("*.py"))

# Dictionaries of words: seconds and hundreds of megabytes that a program may not need.
DICTIONARIES = {"jieba", "rjieba", "opencc"}


def name_of(path: Path) -> str:
    """The module in a file: "newsarchive.read.find"."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def stage_of(module: str) -> str:
    """The stage a module belongs to; "" for the package itself."""
    return ".".join(module.split(".")[1:2])


def imported_by(path: Path) -> Iterator[str]:
    """Every module that a file imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: relative import"
            yield node.module or ""


def run(script: str, folder: Path) -> str:
    """What a script prints in a process of its own, where nothing is imported yet."""
    environment = {"PYTHONPATH": str(PACKAGE.parent), "PYTHONDONTWRITEBYTECODE": "1", "HOME": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_belongs_to_a_stage(path: Path) -> None:
    module = name_of(path)

    assert module == "newsarchive" or stage_of(module) in STAGES, "give the new stage a place in STAGES"


@pytest.mark.parametrize("path", [path for path in MODULES if name_of(path) != "newsarchive"], ids=name_of)
def test_imports_point_one_way(path: Path) -> None:
    own = STAGES.index(stage_of(name_of(path)))

    backwards = [
        module
        for module in imported_by(path)
        if module.startswith("newsarchive.") and STAGES.index(stage_of(module)) > own
    ]

    assert backwards == []


def test_stages_of_one_module_or_more_do_not_import_one_another_in_a_circle() -> None:
    edges = {name_of(path): {m for m in imported_by(path) if m.startswith("newsarchive.")} for path in MODULES}
    edges.pop("newsarchive")  # hands over to the host, which imports everything

    while free := [module for module, needed in edges.items() if not needed & edges.keys() - {module}]:
        for module in free:
            del edges[module]

    assert edges == {}


def test_one_module_knows_pelican() -> None:
    knowing = [name_of(path) for path in MODULES if any(m.split(".")[0] == "pelican" for m in imported_by(path))]

    assert knowing == ["newsarchive.pelican_plugin"]


def test_the_library_works_without_pelican_and_without_dictionaries(tmp_path: Path) -> None:
    loaded = json.loads(
        run(
            "import json, sys, newsarchive.build.site_build, newsarchive.build.site_targets\n"
            "print(json.dumps(list(sys.modules)))",
            tmp_path,
        )
    )

    assert {"pelican", "blinker", *DICTIONARIES} & {module.split(".")[0] for module in loaded} == set()


def test_a_build_in_which_nothing_changed_loads_no_parser_and_no_arrays(tmp_path: Path) -> None:
    loaded = json.loads(
        run("import json, sys, newsarchive.pelican_plugin; print(json.dumps(list(sys.modules)))", tmp_path)
    )

    assert {"newsarchive.pelican_plugin", "newsarchive.build.article_stages"} <= set(loaded)
    assert not {"numpy", "selectolax", "nh3", "newsarchive.clean", "newsarchive.collect"} & set(loaded)


def test_importing_every_module_leaves_nothing_behind(tmp_path: Path) -> None:
    names = [name_of(path) for path in MODULES]

    said = run(f"import importlib\nfor name in {names}: importlib.import_module(name)", tmp_path)

    assert said == ""
    assert list(tmp_path.iterdir()) == []


def public_parts(path: Path) -> Iterator[tuple[str, ast.AST]]:
    """The module, and its public functions, classes and methods, by name."""
    tree = ast.parse(path.read_text("utf-8"))
    yield name_of(path), tree
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node
            for inner in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_"):
                    yield f"{node.name}.{inner.name}", inner


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_everything_public_says_what_it_is_for(path: Path) -> None:
    silent = [
        name
        for name, node in public_parts(path)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and not ast.get_docstring(node)
    ]

    assert silent == []


def test_the_reference_describes_every_setting_and_no_other() -> None:
    described = re.findall(rf"^\| `({PREFIX}\w+)`", (PROJECT / "docs/settings.md").read_text("utf-8"), re.MULTILINE)

    assert described == [setting_name(setting) for setting in SETTINGS]
