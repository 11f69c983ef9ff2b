"""The 1,228 attack payloads beside the project, each as body and in every metadata field, in Chromium."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import build_site, write_attacks

from .browsers import Browser
from .sites import Site, kind_of
from .watch import Watch


@pytest.fixture(scope="module")
def hostile_site(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose every article is one payload."""
    lines = (shared / "security/xss_vectors.jsonl").read_text("utf-8").splitlines()
    work = tmp_path_factory.mktemp("hostile")
    write_attacks(work / "content", [json.loads(line)["payload"] for line in lines])
    built = build_site(work / "content", work)
    assert built.exit_code == 0, built.said
    return built.output


def test_no_payload_runs_in_any_article_opened_from_disk(chromium: Browser, hostile_site: Path) -> None:
    site = Site.on_disk(hostile_site)
    articles = [path for path in site.pages() if kind_of(path) == "article"]

    with chromium.page(site, bypass_csp=True) as page:
        watch = Watch(page)
        dangers = {path: seen for path in articles if (seen := watch.look_at(path))}

    assert len(articles) > 1200
    assert dangers == {}
