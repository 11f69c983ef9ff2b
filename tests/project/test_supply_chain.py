"""What the program is made of is locked to the byte, and can be told."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import PROJECT

LOCKS = sorted(PROJECT.glob("requirements*.txt"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_of_a_lock_has_one_version_and_hashes(lock: Path) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", lock.read_text("utf-8").strip())

    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


@pytest.mark.parametrize("lock", ["package-lock.json", "tests/audit/package-lock.json"])
def test_every_package_of_npm_has_a_digest_and_no_address(lock: str) -> None:
    packages = json.loads((PROJECT / lock).read_text("utf-8"))["packages"]

    for path, package in packages.items():
        assert not path or package["integrity"].startswith("sha512-")
        assert "resolved" not in package


def test_what_is_installed_in_ci_is_installed_by_its_hashes() -> None:
    installs = re.findall(r"\$\(BIN\)/pip install.*", (PROJECT / "Makefile").read_text("utf-8"))

    assert len(installs) >= 5
    assert [each for each in installs if "--require-hashes" not in each and "--no-deps" not in each] == []


@pytest.mark.slow
def test_the_bill_of_materials_names_every_package_and_is_the_same_again(tmp_path: Path) -> None:
    bills = [write_bill(tmp_path / name) for name in ("once", "again")]

    purls = {component["purl"] for component in json.loads(bills[0])["components"]}
    locked = re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", (PROJECT / "requirements.txt").read_text("utf-8"), re.MULTILINE)
    assert bills[0] == bills[1]
    assert {f"pkg:pypi/{name}@{version}" for name, version in locked} <= purls
    assert any(purl.startswith("pkg:npm/lunr@") for purl in purls)


def write_bill(folder: Path) -> str:
    """The bill that `make sbom` writes; the tool exits with an error when it breaks CycloneDX's schema."""
    folder.mkdir()
    lock = [str(PROJECT / "requirements.txt"), "--pyproject", str(PROJECT / "pyproject.toml")]
    options = ["--short-PURLs", "--output-reproducible", "-o", str(folder / "python.json")]
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", *lock, *options]
    subprocess.run(command, check=True, capture_output=True)
    bill = [str(folder / "python.json"), str(PROJECT / "package-lock.json"), str(folder / "sbom.json")]
    subprocess.run([sys.executable, str(PROJECT / "tools/write_sbom.py"), *bill], check=True, capture_output=True)
    return (folder / "sbom.json").read_text("utf-8")
