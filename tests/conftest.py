"""Sites built as users build them: by the `pelican` command, in a process of its own; and the marks of tests."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from build_server import BuildServer

PROJECT = Path(__file__).resolve().parent.parent
SHARED = PROJECT.parent / "shared"
PUBLISHED_AT = "https://archive.example/repo"

# Articles of our own writing in the scraped format. `content/` began as a copy of them, but belongs to the user.
SAMPLE = PROJECT / "tests/sample/content"

# Which folders need browsers, and which build whole sites in processes of their own. `make test-fast` runs all others.
MARKS = {"browser": ["browser"], "sites": ["sites"], "shared": ["sites"]}

_SERVER = BuildServer(PROJECT / "plugins")

settings.register_profile("no deadline", deadline=None)  # time never fails a test
settings.load_profile("no deadline")


@dataclass(frozen=True)
class Built:
    """What a build left behind."""

    content: Path
    output: Path
    cache: Path
    exit_code: int
    said: str

    @property
    def ledger(self) -> dict[str, dict[str, Any]]:
        """The ledger's rows by source."""
        lines = (self.cache / "ledger.jsonl").read_text("utf-8").splitlines()
        return {row["source"]: row for row in map(json.loads, lines)}

    def page(self, source: str) -> str:
        """The HTML of the page that a source file became."""
        return (self.output / self.ledger[source]["url"]).read_text("utf-8")

    def body(self, source: str) -> str:
        """The article's text on that page, as HTML."""
        match = re.search(
            r'itemprop="articleBody">\n?(.*?)\n?</div>(?:\n<p class="range">.*?</p>)?\n<footer>',
            self.page(source),
            re.DOTALL,
        )
        assert match, f"{source}: no article body"
        return match[1]

    def tree(self) -> dict[str, bytes]:
        """Every file of the output, by path."""
        return {
            path.relative_to(self.output).as_posix(): path.read_bytes()
            for path in sorted(self.output.rglob("*"))
            if path.is_file()
        }


def build_site(content: Path, work: Path, *options: str, environment: dict[str, str] | None = None) -> Built:
    """Build `content` into `work`/output with the project's own settings; more `pelican` options may follow.

    The build has a process of its own: one that is forked and has all imports already, or, where variables are given
    (Python obeys some of them only when it starts), a new one.
    """
    output, cache = work / "output", work / "cache"
    if environment is None:
        exit_code, said = _SERVER.run(pelican_command(content, work, *options)[3:], work)
        return Built(content, output, cache, exit_code, said)
    done = subprocess.run(
        pelican_command(content, work, *options),
        cwd=work,
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return Built(content, output, cache, done.returncode, done.stdout + done.stderr)


def pelican_command(content: Path, work: Path, *options: str) -> list[str]:
    """The command that builds `content` into `work`/output."""
    command = [sys.executable, "-m", "pelican", str(content), "-s", str(PROJECT / "pelicanconf.py")]
    folders = ["-o", str(work / "output"), "--cache-path", str(work / "cache")]
    return [*command, *folders, "--log-handler", "plain", *options]


def write_files(folder: Path, text: str) -> Path:
    """Files out of one text: each begins with a line `-- path --`. Returns `folder`."""
    for match in re.finditer(r"^-- (.+?) --\n(.*?)(?=^-- .+? --\n|\Z)", text, re.MULTILINE | re.DOTALL):
        path = folder / match[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(match[2], "utf-8")
    return folder


def article(
    title: str, body: str, categories: tuple[str, ...] = ("财经", "晨报", "要闻"), date: str = "2021-10-10"
) -> str:
    """One file in the scraped format."""
    levels = "".join(f" - {each}\n" for each in categories)
    return (
        f"\n---\ntitle: '{title}'\ncategories: \n{levels}author: 晨报\ncomments: false\ndate: {date}\n---\n\n"
        f"<div>   \n{body}\n</div>\n            \n"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by their folder."""
    for item in items:
        folder = item.path.relative_to(PROJECT / "tests").parts[0]
        for mark in MARKS.get(folder, []):
            item.add_marker(mark)


def pytest_unconfigure() -> None:
    """End the process that builds were forked from."""
    _SERVER.close()


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., Built]:
    """A function: the text of a tiny site (`-- path --` before each file) and `pelican` options → what was built."""

    def built(text: str, *options: str, environment: dict[str, str] | None = None) -> Built:
        content = write_files(tmp_path / "content", text)
        content.mkdir(exist_ok=True)
        return build_site(content, tmp_path, *options, environment=environment)

    return built


@contextmanager
def once_in_a_run(factory: pytest.TempPathFactory, name: str) -> Iterator[tuple[Path, Path]]:
    """Give a folder and the path of a file: all workers of a test run get the same, one after the other.

    The first finds no file, fills the folder and writes the file; the others find both.
    """
    import fcntl  # which Windows has not

    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield root / name, root / f"{name}.json"


def build_once(factory: pytest.TempPathFactory, name: str, write: Callable[[Path], object], *options: str) -> Built:
    """Build a site once in a test run, in the folder `name`, whichever worker asks first; it must not be changed.

    `write` is called with the path of the content folder, which it makes. The build must succeed.
    """
    with once_in_a_run(factory, name) as (work, file):
        content = work / "content"
        if not file.exists():
            shutil.rmtree(work, ignore_errors=True)  # of a worker that failed half-way
            work.mkdir()
            write(content)
            built = build_site(content, work, *options)
            assert built.exit_code == 0, built.said
            file.write_text(json.dumps([built.exit_code, built.said]), "utf-8")
        return Built(content, work / "output", work / "cache", *json.loads(file.read_text("utf-8")))


def copy_sample(content: Path) -> None:
    """Write the sample articles."""
    shutil.copytree(SAMPLE, content)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The sample articles, built."""
    return build_once(tmp_path_factory, "sample", copy_sample)


@pytest.fixture(scope="session")
def sample_site(sample: Built) -> Path:
    """The output folder of the sample site."""
    return sample.output


@pytest.fixture(scope="session")
def published_sample(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The sample articles, built for the address `PUBLISHED_AT`."""
    return build_once(tmp_path_factory, "published", copy_sample, "-e", f'SITEURL="{PUBLISHED_AT}"')


@pytest.fixture(scope="session")
def attack_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose articles are the vectors of tests/browser: each as body, title, category and author."""
    vectors = json.loads((PROJECT / "tests/browser/vectors.json").read_text("utf-8"))
    payloads = [vector["payload"] for vector in vectors]
    return build_once(tmp_path_factory, "attack", lambda content: write_attacks(content, payloads)).output


def write_attacks(content: Path, payloads: list[str]) -> None:
    """An article for each payload, which is its body, title, categories, author, tags, images and file name."""
    content.mkdir(parents=True)
    for number, payload in enumerate(payloads):
        # A block scalar quotes anything but a line that is not indented.
        field = "|-\n" + "\n".join(f"  {line}" for line in payload.splitlines() or [""])
        item = field.replace("\n", "\n  ")
        text = (
            f"---\ntitle: {field}\ncategories:\n  - 攻击\n  - {item}\ntags:\n  - {item}\nauthor: {field}\n"
            f"thumbnail: {field}\nheadimg: {field}\nsource: {field}\ndate: 2021-10-10 10:00:{number % 60:02}\n---\n"
            f"\n<div>\n{payload}\n</div>\n"
        )
        name = payload.replace("/", "∕").replace("\0", "").encode("utf-8", "replace")[:150].decode("utf-8", "ignore")
        (content / f"{number:04} {name}.md").write_text(text, "utf-8", errors="replace")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of larger corpora beside the project, for whoever has it."""
    if not SHARED.is_dir():
        pytest.skip("skipped: no ../shared")  # The project's own tests carry the weight by themselves.
    return SHARED
