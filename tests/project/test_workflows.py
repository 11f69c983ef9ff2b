"""The workflows: what GitHub takes, with no more rights than they need, and nothing in them that cannot run here."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from newsarchive.scaffold import TEMPLATE

PROJECT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((PROJECT / ".github/workflows").glob("*.yml"))
SITES = [PROJECT / "Makefile", TEMPLATE / "Makefile"]


def load(path: Path) -> dict[Any, Any]:
    """A workflow. YAML reads the key `on` as a truth value."""
    found: dict[Any, Any] = yaml.safe_load(path.read_text("utf-8"))
    return found


def jobs(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The jobs of a workflow by name."""
    yield from load(path)["jobs"].items()


def steps(path: Path) -> Iterator[dict[str, Any]]:
    """The steps of all jobs."""
    for _, job in jobs(path):
        yield from job["steps"]


def targets(makefile: Path) -> set[str]:
    """What make can be asked for."""
    return set(re.findall(r"^([a-z-]+):.*##", makefile.read_text("utf-8"), re.MULTILINE))


def test_there_are_the_workflows_that_the_documents_speak_of() -> None:
    assert [path.name for path in WORKFLOWS] == ["audit.yml", "content-check.yml", "publish.yml", "test.yml"]


@pytest.mark.slow
@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_github_takes_the_workflow(path: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(path)]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_to_a_commit_and_says_which_version_it_is(path: Path) -> None:
    used = re.findall(r"uses: *(.*)", path.read_text("utf-8"))

    assert used
    assert [each for each in used if not re.fullmatch(r"[\w-]+(?:/[\w-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each)] == []


def test_an_action_is_the_same_commit_wherever_it_is_used() -> None:
    used = {
        each for path in WORKFLOWS for each in re.findall(r"uses: *([\w-]+/[\w-]+)\S*(@.*)", path.read_text("utf-8"))
    }

    assert len({name for name, _ in used}) == len(used)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_read_and_only_the_deployment_may_write(path: Path) -> None:
    assert load(path)["permissions"] == {"contents": "read"}
    for name, job in jobs(path):
        writing = {right for right, level in job.get("permissions", {}).items() if level == "write"}

        assert writing == ({"pages", "id-token"} if name == "deploy" else set())


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_nothing_runs_for_ever_or_twice_at_once(path: Path) -> None:
    assert load(path)["concurrency"]["group"]
    for name, job in jobs(path):
        assert job["timeout-minutes"] <= 45, name


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_what_a_stranger_can_name_never_becomes_a_command(path: Path) -> None:
    triggers = load(path)[True]

    assert "pull_request_target" not in triggers
    assert [step["run"] for step in steps(path) if "${{" in step.get("run", "")] == []
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_command_is_a_target_or_a_script_of_this_repository(path: Path) -> None:
    commands = [step["run"] for step in steps(path) if "run" in step]

    for command in commands:
        target = re.match(r"make ([a-z-]+)", command)
        script = re.match(r"bash (\.ci/[a-z-]+)", command)
        assert (target and target[1] in targets(PROJECT / "Makefile")) or (script and (PROJECT / script[1]).is_file())


@pytest.mark.parametrize("script", ["run", "portable", "publish"])
def test_every_target_that_a_script_of_ci_makes_exists(script: str) -> None:
    lines = (PROJECT / ".ci" / script).read_text("utf-8").splitlines()
    made = {line.split()[2] for line in lines if re.match(r"(?:must|start|step) make ", line)}

    assert {target for target in made if "/" not in target} <= targets(PROJECT / "Makefile")
    assert script != "run" or made


@pytest.mark.parametrize("name", ["publish.yml", "content-check.yml"])
def test_a_site_made_by_newsarchive_new_has_the_targets_too(name: str) -> None:
    commands = [step["run"] for step in steps(PROJECT / ".github/workflows" / name) if "run" in step]

    assert {command.split()[1] for command in commands} <= targets(TEMPLATE / "Makefile")


def test_articles_alone_do_not_start_the_tests_and_code_alone_no_check_of_articles() -> None:
    test, check = (load(PROJECT / ".github/workflows" / name)[True] for name in ("test.yml", "content-check.yml"))

    assert test["push"]["paths-ignore"] == test["pull_request"]["paths-ignore"] == ["content/**"]
    assert check["pull_request"]["paths"] == ["content/**"]
