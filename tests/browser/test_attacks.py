"""Hostile articles stay harmless: every vector is tried as body, title, category, author, tag, image and file name.

The pages are opened without the content security policy. It would stop most of these attacks by itself; the point here
is that nothing is left for it to stop.

``vectors.json`` holds ``{title, payload, expected}``: ``expected`` is the danger that the watch must see when the
payload stands in a page as it is (so every vector proves itself, and the watch with it), or ``inert`` for what a
browser leaves alone but a careless cleaner, normaliser or template would bring to life.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from conftest import article, build_site

from .browsers import Browser
from .looking import looking, without_policy
from .sites import Site, kind_of
from .watch import Watch

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text("utf-8"))

# All articles and as many list pages (where titles and categories show again) as keep this under a minute. Over http,
# where the cleaner has nothing to say that it does not say on disk, and in Firefox, which takes twice as long, fewer.
MOST_OTHER_PAGES = 60
STEP = 5

RAW_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>raw</title>
<script type="application/ld+json">{{}}</script>
<article><h1>raw</h1><div itemprop="articleBody">{payload}</div></article>"""


def test_no_page_of_hostile_articles_runs_script_or_leaves_the_site(
    chromium: Browser, attack_site: Path, address: Callable[[Path], Site]
) -> None:
    site = address(attack_site)
    articles = [path for path in site.pages() if kind_of(path) == "article"]
    others = [path for path in site.pages() if kind_of(path) != "article" and path != "404.html"]

    with chromium.page(site, bypass_csp=True) as page:
        watch = Watch(page)
        step = 1 if site.base.startswith("file:") else STEP
        looked = articles[::step] + others[: MOST_OTHER_PAGES // step]
        dangers = {path: seen for path in looked if (seen := watch.look_at(path))}

    assert len(articles) >= len(VECTORS)
    assert dangers == {}


def test_in_firefox_nothing_of_them_runs_either(firefox: Browser, attack_site: Path, tmp_path: Path) -> None:
    site = Site.on_disk(without_policy(attack_site, tmp_path / "open"))
    articles = [path for path in site.pages() if kind_of(path) == "article"]
    others = [path for path in site.pages() if kind_of(path) not in {"article", "404"}]

    with looking(firefox, site) as look:
        dangers = {path: seen for path in articles[::STEP] + others[: MOST_OTHER_PAGES // STEP] if (seen := look(path))}

    assert dangers == {}


@pytest.fixture(scope="module")
def site_of_boxes(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Articles whose images are not here: the boxes in their places say what they showed, and where they were."""
    work = tmp_path_factory.mktemp("boxes")
    (work / "content").mkdir()
    for number, vector in enumerate(VECTORS):
        said = html.escape(vector["payload"])
        image = f'<img src="https://p.example/{quote(vector["payload"], errors="replace")}.png?a={said}" alt="{said}">'
        text = article(f"图{number}", f"<p>前面的话。</p>{image}<a href='https://p.example/'>{image}</a>")
        (work / "content" / f"{number}.md").write_text(text, "utf-8", errors="replace")
    built = build_site(work / "content", work, "-e", 'NEWSARCHIVE_IMAGES="local"')
    assert built.exit_code == 0, built.said
    return Site.on_disk(built.output)


def test_what_a_lost_image_showed_is_told_and_does_not_run(chromium: Browser, site_of_boxes: Site) -> None:
    articles = [path for path in site_of_boxes.pages() if kind_of(path) == "article"]

    with chromium.page(site_of_boxes, bypass_csp=True) as page:
        watch = Watch(page)
        dangers = {path: seen for path in articles if (seen := watch.look_at(path))}

    boxes = sum((site_of_boxes.folder / path).read_text("utf-8").count('class="missing"') for path in articles)
    assert boxes > len(VECTORS)
    assert dangers == {}


@pytest.fixture(scope="module")
def raw_site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site of the worst kind: every vector stands in its page as it is."""
    folder = tmp_path_factory.mktemp("raw")
    for number, vector in enumerate(VECTORS):
        page = RAW_PAGE.format(payload=vector["payload"])
        (folder / f"{number}.html").write_text(page, "utf-8", errors="surrogatepass")
    return Site.on_disk(folder)


def test_every_vector_is_seen_as_the_danger_it_is_when_nothing_cleans_it(chromium: Browser, raw_site: Site) -> None:
    with chromium.page(raw_site, bypass_csp=True) as page:
        watch = Watch(page)
        seen = [{danger.kind for danger in watch.look_at(f"{number}.html")} for number in range(len(VECTORS))]

    missed = {
        vector["title"]: f"expected {vector['expected']}, saw {sorted(kinds)}"
        for vector, kinds in zip(VECTORS, seen, strict=True)
        if (vector["expected"] not in kinds if vector["expected"] != "inert" else kinds)
    }
    assert missed == {}


def test_vectors_have_names_of_their_own() -> None:
    titles = [vector["title"] for vector in VECTORS]

    assert len(titles) >= 60
    assert len(set(titles)) == len(titles)
