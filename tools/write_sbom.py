"""Add the npm packages that sites contain (lunr.js) to a software bill of materials (SBOM) of Python packages.

    python tools/write_sbom.py PYTHON.json PACKAGE-LOCK.json SBOM.json

Reads and writes CycloneDX, and checks the result against the schema of version 1.6.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator


def write_sbom(python: Path, lock: Path, target: Path) -> None:
    """Write the SBOM `python` with the runtime packages of `lock`, sorted. Exits if it does not match the schema."""
    bill: dict[str, Any] = json.loads(python.read_text("utf-8"))
    packages: dict[str, dict[str, Any]] = json.loads(lock.read_text("utf-8"))["packages"]
    found = [component(path, package) for path, package in packages.items() if path and not package.get("dev")]
    bill["components"] = sorted([*map(_without_references, bill["components"]), *found], key=lambda each: each["purl"])
    bill.setdefault("dependencies", []).extend({"ref": each["bom-ref"]} for each in found)
    text = json.dumps(bill, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        sys.exit(f"{target}: {error}")
    target.write_text(text, "utf-8")


def _without_references(component: dict[str, Any]) -> dict[str, Any]:
    """Return a component without the address of the package index: it belongs to the machine, not to the program."""
    return {key: value for key, value in component.items() if key != "externalReferences"}


def component(path: str, package: dict[str, Any]) -> dict[str, Any]:
    """Return a package of package-lock.json as a CycloneDX component."""
    name, version = path.rpartition("node_modules/")[2], package["version"]
    algorithm, _, digest = package["integrity"].partition("-")
    return {
        "type": "library",
        "bom-ref": f"npm:{name}@{version}",
        "name": name,
        "version": version,
        "purl": f"pkg:npm/{name}@{version}",
        "hashes": [{"alg": algorithm.upper().replace("SHA", "SHA-"), "content": base64.b64decode(digest).hex()}],
        "licenses": [{"license": {"id": package["license"]}}],
    }


if __name__ == "__main__":
    write_sbom(*map(Path, sys.argv[1:]))
