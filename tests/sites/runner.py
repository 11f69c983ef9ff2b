"""Runs the steps of publish.yml here, in their order, as GitHub would: a stand-in for the four actions that matter."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import PROJECT, SAMPLE

# At the root of the repository: the package has modules called `build` and `cache`.
NOT_IN_GIT = {".git", ".venv", "node_modules", "output", "cache", "dist", "build", ".hypothesis"}
NOT_IN_GIT_ANYWHERE = ("*.egg-info", "__pycache__", ".*_cache", "node_modules")


@dataclass
class Runner:
    """A machine that is new for each run; what outlives it is the `store` of caches and the `published` site."""

    store: Path
    published: Path
    summary: str = ""
    said: list[str] = field(default_factory=list)

    def run(self, repository: Path, site_url: str, environment: dict[str, str] | None = None) -> bool:
        """All steps of the build; whether it went well. The site is put in place only then, by the deployment."""
        (self.store / "summary.md").unlink(missing_ok=True)
        variables = {**os.environ, "GITHUB_STEP_SUMMARY": str(self.store / "summary.md"), **(environment or {})}
        artifact, good, done = None, True, set()
        workflow = yaml.safe_load((repository / ".github/workflows/publish.yml").read_text("utf-8"))
        for step in workflow["jobs"]["build"]["steps"]:
            if not good and not ("build" in done and "steps.build.outcome == 'success'" in step.get("if", "")):
                continue
            if "run" in step:
                own = {name: site_url if "base_url" in value else value for name, value in step.get("env", {}).items()}
                went_well = self._bash(step["run"], repository, {**variables, **own})
                done |= {step.get("id")} if went_well else set()
                good &= went_well
            else:
                artifact = self._act(step, repository) or artifact
        if (self.store / "summary.md").exists():
            self.summary = (self.store / "summary.md").read_text("utf-8")
        if good and artifact:
            shutil.rmtree(self.published, ignore_errors=True)
            shutil.copytree(artifact, self.published)
        return good

    def _bash(self, command: str, repository: Path, environment: dict[str, str]) -> bool:
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command],
            cwd=repository,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        self.said.append(f"$ {command}\n{done.stdout}{done.stderr}")
        return done.returncode == 0

    def _act(self, step: dict[str, Any], repository: Path) -> Path | None:
        action = step["uses"].partition("@")[0]
        options = step.get("with", {})
        if action == "actions/cache/restore":
            for path in options["path"].split():
                if (self.store / path).is_dir():
                    shutil.copytree(self.store / path, repository / path)
        if action == "actions/cache/save":
            for path in options["path"].split():
                shutil.rmtree(self.store / path, ignore_errors=True)
                shutil.copytree(repository / path, self.store / path)
        return repository / options["path"] if action == "actions/upload-pages-artifact" else None


def clone(target: Path) -> Path:
    """What git would check out, without what was built, and with the sample as `content/`: users replace theirs."""
    anywhere = shutil.ignore_patterns(*NOT_IN_GIT_ANYWHERE)

    def left_out(folder: str, names: list[str]) -> set[str]:
        return anywhere(folder, names) | (NOT_IN_GIT & set(names) if Path(folder) == PROJECT else set())

    shutil.copytree(PROJECT, target, ignore=left_out)
    shutil.rmtree(target / "content")
    shutil.copytree(SAMPLE, target / "content")
    return target


def share_environment(repository: Path) -> None:
    """Let a clone use this environment instead of making one of its own, which takes a minute."""
    if not (PROJECT / ".venv/ready-dev").is_file():  # else the clone's `make` would write into it
        pytest.fail("this environment was not made by the Makefile — run: make test", pytrace=False)
    for name in (".venv", "node_modules"):
        (repository / name).symlink_to(PROJECT / name)
    for name in ("requirements.txt", "requirements-node.txt", "pyproject.toml", "package-lock.json"):
        os.utime(repository / name, (0, 0))
