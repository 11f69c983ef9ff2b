"""Whatever metadata, links, markers and rule files say: a build reads and writes its own folders, and nothing else.

Python itself tells of every path that the build, and each of its workers, is about to open, make, move or delete.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import PROJECT, article, write_files

from .fault_injection import FaultyBuilds, Outcome

PROCESSES = 'NEWSARCHIVE_EXECUTOR="processes"'

# Where Python, its libraries and their tables are, and the settings.
MACHINERY = tuple(
    os.path.realpath(path)
    for path in (sys.prefix, sys.base_prefix, sysconfig.get_path("stdlib"), PROJECT, "/usr/share/zoneinfo", "/dev/null")
)

SECRET = "what nobody is to see"


class Place:
    """A site, and beside it what is none of its business."""

    def __init__(self, folder: Path, builds: FaultyBuilds) -> None:
        self.builds = builds
        self.work = folder / "site"
        self.content, self.theme = self.work / "content", self.work / "theme"
        self.output, self.cache = self.work / "output", self.work / "cache"
        self.outside = folder / "outside"
        for name in ("secret.txt", "secret.md", "secret.toml", "folder/secret.txt", "folder/secret.md"):
            path = self.outside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"Title: {SECRET}\n\n{SECRET}\n", "utf-8")
        self.before = self._outside()
        text = article("甲", "<p>第一篇文章的正文。</p>") + f"-- 乙.md --\n{article('乙', '<p>另一篇的正文。</p>')}"
        write_files(self.content, f"-- 甲.md --\n{text}-- images/dot.txt --\nstatic\n")
        write_files(self.content, "-- pages/about.md --\nTitle: 关于\nSave_as: about.html\n\n手写。\n")

    def build(self, *options: str, theme: Path = PROJECT / "theme") -> Outcome:
        """Build it."""
        folders = ["-o", str(self.output), "--cache-path", str(self.cache), "-t", str(theme)]
        given = [str(self.content), "-s", str(PROJECT / "pelicanconf.py"), *folders, "--log-handler", "plain"]
        return self.builds.run([*given, "-e", PROCESSES, *options], self.work, [self.work])

    def problems_of(self, outcome: Outcome, *, may_fail: bool = True) -> str:
        """What the build did that it must not."""
        roots = tuple(os.path.realpath(path) for path in (self.content, self.theme, self.output, self.cache))
        ours = (*MACHINERY, *roots)
        found = [f"read {path}" for path in outcome.read if not _is_below(path, (*ours, str(self.work)))]
        found += [f"changed {path}" for path in outcome.changed if not _is_below(path, (*roots[2:], "/dev/null"))]
        if "Traceback" in outcome.said:
            found.append(outcome.said)
        if outcome.status and not (may_fail and " — " in outcome.said):
            found.append(f"ended in {outcome.status}: {outcome.said}")
        if self._outside() != self.before:
            found.append(f"what is outside changed: {sorted(self._outside())}")
        found += [f"shown in {path}" for path in self.output.rglob("*") if _shows(path)]
        return "\n".join(found)

    def _outside(self) -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in sorted(self.outside.rglob("*")) if path.is_file()}


def _is_below(path: str, roots: tuple[str, ...]) -> bool:
    return any(path == root or path.startswith(os.path.join(root, "")) for root in roots)


def _shows(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and SECRET.encode() in path.read_bytes()


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyBuilds]:
    """The process that builds; warm."""
    builds = FaultyBuilds(PROJECT / "plugins")
    assert Place(tmp_path_factory.mktemp("warm"), builds).build().status == 0
    yield builds
    builds.close()


@pytest.fixture
def place(tmp_path: Path, builds: FaultyBuilds) -> Place:
    """A site of its own."""
    return Place(tmp_path, builds)


HOSTILE_NAMES = [
    "../../../outside/x",
    "/outside/x",
    "..",
    ".",
    "..\\..\\outside\\x",
    "C:\\outside",
    "\\\\server\\share",
    "x\0y",
    "長" * 3_000,
    "a/" * 500,
    "CON",
    "aux.html",
    "index",
    "~root",
    "$HOME",
    "{slug}",
    "%2e%2e%2f%2e%2e%2f",
]


def test_the_layer_sees_a_build_that_leaves_its_folders(place: Place) -> None:
    place.output.mkdir()
    stray = place.work / "stray.py"
    stray.write_text(
        f"open({str(place.outside / 'secret.txt')!r}).read(); open({str(place.work / 'x')!r}, 'w')", "utf-8"
    )
    settings = place.work / "settings.py"
    settings.write_text(f"from pelicanconf import *\nexec(open({str(stray)!r}).read())\n", "utf-8")

    given = [str(place.content), "-s", str(settings), "-o", str(place.output), "--cache-path", str(place.cache)]
    found = place.problems_of(place.builds.run(given, place.work, [place.work])).splitlines()

    assert [line for line in found if line.startswith("read") and line.endswith("outside/secret.txt")]
    assert [line for line in found if line.startswith("changed") and line.endswith("site/x")]


def test_names_in_an_articles_metadata_lead_nowhere(place: Place) -> None:
    for number, name in enumerate(HOSTILE_NAMES):
        field = '"' + name.replace("\\", "\\\\").replace("\0", "\\0") + '"'
        keys = ("title", "author", "slug", "save_as", "url", "template", "lang", "thumbnail", "headimg", "path", "date")
        lines = "\n".join(f"{key}: {field}" for key in keys)
        lists = f"categories: [{field}, {field}, 要闻]\ntags: [{field}, 标签]"
        links = "".join(f'<p><a href="{{{kind}}}{name}">x</a></p>' for kind in ("static", "attach", "filename"))
        text = f"---\n{lines}\n{lists}\n---\n\n<div><p>第 {number} 篇的正文。</p>{links}</div>\n"
        (place.content / f"{number}.md").write_text(text, "utf-8")

    outcome = place.build()

    assert place.problems_of(outcome, may_fail=False) == ""
    assert len(list(place.output.rglob("*.html"))) > len(HOSTILE_NAMES)
    names = {part for path in place.output.rglob("*") for part in path.relative_to(place.output).parts}
    assert [name for name in names if len(name) > 80 or not name.isascii() or name.startswith((".", "~", "$"))] == []


@pytest.mark.parametrize("key", ["Save_as", "Slug", "Template", "Lang", "Timezone"])
@pytest.mark.parametrize("name", ["../../outside/x.html", "a/../b.html", "x\0y", "長" * 300, "C:\\x"])
def test_a_hand_made_page_that_asks_for_a_place_elsewhere_gets_none(place: Place, key: str, name: str) -> None:
    others = f"Url: {name}\nCategory: {name}\nTags: {name}\nAuthor: {name}\nSummary: {{static}}{name}\n"
    (place.content / "pages/evil.md").write_text(f"Title: x\n{key}: {name}\n{others}\n正文。\n", "utf-8")

    assert place.problems_of(place.build()) == ""


@pytest.mark.parametrize("kind", ["static", "attach", "filename"])
@pytest.mark.parametrize("target", ["../../outside/secret.txt", "../link.txt", "../pages"])
def test_a_hand_made_page_that_links_to_a_file_elsewhere_does_not_get_it(place: Place, kind: str, target: str) -> None:
    (place.content / "link.txt").symlink_to(place.outside / "secret.txt")
    (place.content / "pages/evil.md").write_text(f"Title: x\nSave_as: e.html\n\n[x]({{{kind}}}{target})\n", "utf-8")

    outcome = place.build()

    assert place.problems_of(outcome) == ""


def test_a_file_that_a_page_attaches_stands_beside_it_and_goes_with_it(place: Place) -> None:
    page = place.content / "pages/evil.md"
    (place.content / "images/one.txt").write_text("one", "utf-8")
    page.write_text("Title: x\nSave_as: a/b.html\n\n[x]({attach}../images/one.txt)\n", "utf-8")

    first = place.build()
    attached = (place.output / "a/one.txt").read_text("utf-8")
    page.unlink()
    second = place.build()

    assert place.problems_of(first) == place.problems_of(second) == ""
    assert attached == "one"
    assert (place.output / "images/one.txt").read_text("utf-8") == "one"
    assert not (place.output / "a").exists()


def test_pages_that_include_files_do_not_get_them(place: Place) -> None:
    included = (
        f".. include:: {place.outside / 'secret.txt'}\n\n.. raw:: html\n   :file: {place.outside / 'secret.txt'}\n"
    )
    (place.content / "pages/evil.rst").write_text(f"标题\n####\n\n:save_as: e.html\n\n{included}", "utf-8")

    assert place.problems_of(place.build()) == ""


@pytest.mark.parametrize("folder", ["", "pages", "images", "images/deep"])
def test_a_link_in_the_content_that_leads_out_of_it_is_told_and_not_followed(place: Place, folder: str) -> None:
    (place.content / folder).mkdir(exist_ok=True)
    targets = {"page.md": "secret.md", "text.txt": "secret.txt", "folder": "folder", "nothing": "there/is/nothing"}
    for name, target in targets.items():
        (place.content / folder / name).symlink_to(place.outside / target)

    outcome = place.build()

    assert place.problems_of(outcome, may_fail=False) == ""
    ledger = (place.cache / "ledger.jsonl").read_text("utf-8")
    assert [name for name in targets if f"{name}: " not in (outcome.said if folder else ledger)] == []


@pytest.mark.parametrize("folder", ["", "pages", "images", "rules"])
def test_links_that_lead_in_a_circle_end(place: Place, folder: str) -> None:
    (place.content / folder).mkdir(exist_ok=True)
    for name in ("one", "two"):
        (place.content / folder / name).symlink_to(place.content)
    (place.content / folder / "self").symlink_to("self")

    outcome = place.build()

    assert place.problems_of(outcome) == ""
    assert len(outcome.read) < 5_000


@pytest.mark.parametrize("folder", ["pages", "images", "rules"])
def test_a_folder_that_is_a_link_out_of_the_content_is_not_read(place: Place, folder: str) -> None:
    for path in sorted((place.content / folder).glob("*")):
        path.unlink()
    if (place.content / folder).exists():
        (place.content / folder).rmdir()
    (place.content / folder).symlink_to(place.outside / "folder")

    outcome = place.build()

    assert place.problems_of(outcome) == ""
    assert "link" in outcome.said or "leads out" in outcome.said


def test_a_rule_file_that_is_a_link_out_of_the_content_stops_the_build(place: Place) -> None:
    (place.content / "rules").mkdir()
    (place.content / "rules/a.toml").symlink_to(place.outside / "secret.toml")

    outcome = place.build()

    assert place.problems_of(outcome) == ""
    assert outcome.status == 1
    assert "symbolic link leads out of" in outcome.said
    assert not place.output.exists()


@pytest.mark.parametrize("name", ["static/css/more.css", "templates/partials/head.html", "translations/xx.po"])
def test_a_link_out_of_the_theme_stops_the_build(place: Place, name: str) -> None:
    shutil.copytree(PROJECT / "theme", place.theme)
    (place.theme / name).unlink(missing_ok=True)
    (place.theme / name).symlink_to(place.outside / "secret.txt")

    outcome = place.build(theme=place.theme)

    assert place.problems_of(outcome) == ""
    assert outcome.status == 1
    assert not place.output.exists()


def test_a_pipe_among_the_files_keeps_no_build_waiting(place: Place) -> None:
    for name in ("pipe.md", "images/pipe.png", "pages/pipe.md"):
        os.mkfifo(place.content / name)

    assert place.problems_of(place.build(), may_fail=False) == ""


def test_a_folder_of_the_output_that_is_a_link_is_told_and_nothing_goes_through_it(place: Place) -> None:
    place.output.mkdir()
    (place.output / "2021").symlink_to(place.outside / "folder")

    outcome = place.build()

    assert place.problems_of(outcome) == ""
    assert outcome.status == 1
    assert "2021: is a symbolic link, and nothing is written there — remove it" in outcome.said


def test_a_stale_page_behind_a_link_is_not_deleted_there(place: Place) -> None:
    assert place.build().status == 0
    (place.output / "images/dot.txt").unlink()
    (place.output / "images").rmdir()
    (place.outside / "dot.txt").write_text("somebody else's", "utf-8")
    place.before = place._outside()
    (place.output / "images").symlink_to(place.outside)
    (place.content / "images/dot.txt").unlink()

    assert place.problems_of(place.build()) == ""


def test_a_file_of_the_output_that_is_a_link_is_replaced_and_what_it_leads_to_stays(place: Place) -> None:
    assert place.build().status == 0
    page = (place.output / "index.html").read_bytes()
    for name in ("index.html", "theme/css/site.css", "images/dot.txt"):
        (place.output / name).unlink()
        (place.output / name).symlink_to(place.outside / "secret.txt")

    outcome = place.build()

    assert place.problems_of(outcome, may_fail=False) == ""
    assert (place.output / "index.html").read_bytes() == page
    assert not [path for path in place.output.rglob("*") if path.is_symlink()]


@pytest.mark.parametrize("name", ["build.sqlite", "ledger.jsonl"])
def test_a_link_in_the_cache_is_replaced_and_what_it_leads_to_stays(place: Place, name: str) -> None:
    place.cache.mkdir()
    (place.cache / name).symlink_to(place.outside / "secret.txt")

    outcome = place.build()

    assert place.problems_of(outcome, may_fail=False) == ""
    assert not (place.cache / name).is_symlink()
