"""The 1,228 attack payloads beside the project, each as body, in every metadata field and as file name, in Chromium and
Firefox, without the content security policy.

All articles are opened in Chromium, and all lists in both, where titles, categories, authors and tags of fifty stand on
each page. Firefox opens every tenth article; with ALL_VECTORS=1 in the environment all of them, which takes minutes.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from conftest import build_site, write_attacks

from .browsers import Browser
from .looking import looking, without_policy
from .sites import Site, kind_of

STEPS = {"chromium": 1, "firefox": 1 if os.environ.get("ALL_VECTORS") else 10}
MOST_LISTS = 100_000 if os.environ.get("ALL_VECTORS") else 60


@pytest.fixture(scope="module")
def hostile_site(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site whose every article is one payload, without its policy."""
    lines = (shared / "security/xss_vectors.jsonl").read_text("utf-8").splitlines()
    work = tmp_path_factory.mktemp("hostile")
    write_attacks(work / "content", [json.loads(line)["payload"] for line in lines])
    built = build_site(work / "content", work)
    assert built.exit_code == 0, built.said
    assert len(built.ledger) == len(lines)
    return Site.on_disk(without_policy(built.output, work / "open"))


def test_no_payload_runs_wherever_it_stands(browser: Browser, hostile_site: Site) -> None:
    articles = [path for path in hostile_site.pages() if kind_of(path) == "article"]
    lists = [path for path in hostile_site.pages() if kind_of(path) not in {"article", "404"}]
    looked = articles[:: STEPS[browser.name]] + lists[:MOST_LISTS]

    with looking(browser, hostile_site) as look:
        dangers = {path: seen for path in looked if (seen := look(path))}

    print(f"{browser.name}: {len(looked)} pages, {len(dangers)} with dangers")
    assert len(articles) > 1200
    assert dangers == {}
