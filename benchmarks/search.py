"""Measure what the search finds and what it costs.

    python benchmarks/search.py quality CONTENT        recall@10 of known items, five kinds of queries
    python benchmarks/search.py index CONTENT          CPU time, memory and size of the index
    python benchmarks/search.py transfer OUTPUT        bytes and milliseconds of searches in Chromium, disk and loopback
    python benchmarks/search.py exact CONTENT          what is found against a plain scan of the texts
    python benchmarks/search.py pagefind CONTENT       the queries of `quality` to Pagefind, for the site in --output,
                                                       which `pagefind --site` (PyPI: pagefind[extended]) has indexed

CONTENT is a content folder, OUTPUT a built site. Queries are made by a seeded rule; nothing is tuned to them.
"""

from __future__ import annotations

import argparse
import gzip
import random
import re
import resource
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

PROJECT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(PROJECT / "plugins"), str(PROJECT / "tests")]

from collecting import gather, index_files, text_of_body  # noqa: E402
from newsarchive.collect import Archive  # noqa: E402
from newsarchive.config.settings import Settings  # noqa: E402
from newsarchive.index import Segment, build_segment, segment_task, split_segments  # noqa: E402
from newsarchive.index.files import File  # noqa: E402
from newsarchive.index.terms import count_article_terms  # noqa: E402
from newsarchive.index.tokens import fold  # noqa: E402
from newsarchive.models import Article  # noqa: E402
from newsarchive.search.engine import search  # noqa: E402
from newsarchive.search.published import open_published  # noqa: E402

QUERIES = 500
HAN = re.compile("[\u3400-\u9fff]+")

Maker = Callable[["Read", random.Random], str | None]


def main() -> None:
    """Run the benchmark that the first argument names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["quality", "index", "transfer", "exact", "pagefind"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--output", type=Path, help="where the index is written (default: a temporary folder)")
    parser.add_argument("--pages", type=int, default=60, help="searches that `transfer` makes of each kind")
    given = parser.parse_args()
    output = given.output or Path(tempfile.mkdtemp())
    {
        "quality": lambda: measure_quality(given.folder, output),
        "index": lambda: measure_index(given.folder),
        "transfer": lambda: measure_transfer(given.folder, given.pages),
        "exact": lambda: measure_exactness(given.folder, output),
        "pagefind": lambda: measure_pagefind(given.folder, output),
    }[given.what]()


class Read(NamedTuple):
    """An article and its text."""

    article: Article
    text: str

    @property
    def title(self) -> str:
        """The article's."""
        return self.article.title


@cache
def read(content: Path) -> list[Read]:
    """Return the articles of a content folder, oldest first."""
    gathered = gather(content)
    return [Read(article, text_of_body(gathered.bodies[article.source])) for article in gathered.archive.articles]


def write(content: Path, output: Path) -> None:
    """Write the index below a folder."""
    archive = Archive(tuple(each.article for each in read(content)))
    texts = {each.article.source: each.text for each in read(content)}
    for path, text in index_files(archive, texts, Settings()):
        target = output / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8", errors="replace")


# --- quality ---------------------------------------------------------------------------------------------------------


def words_of(text: str) -> list[str]:
    """Return the Chinese words of two characters or more of a text, as a segmenter cuts them: people type such."""
    import rjieba  # noqa: PLC0415

    return [word for word in rjieba.cut(text) if len(word) > 1 and HAN.fullmatch(word)]


def title_words(article: Read, dice: random.Random) -> str | None:
    words = list(dict.fromkeys(words_of(article.title)))
    return " ".join(dice.sample(words, min(3, len(words)))) if len(words) >= 2 else None


def title_piece(article: Read, dice: random.Random) -> str | None:
    runs = [run for run in HAN.findall(article.title) if len(run) >= 5]
    return piece_of(dice.choice(runs), dice, 5) if runs else None


def body_keywords(article: Read, dice: random.Random) -> str | None:
    words = [word for word, _ in Counter(words_of(article.text)).most_common(30)]
    return " ".join(dice.sample(words, 4)) if len(words) >= 10 else None


def body_phrase(article: Read, dice: random.Random) -> str | None:
    runs = [run for run in HAN.findall(article.text) if len(run) >= 6]
    return piece_of(dice.choice(runs), dice, dice.randint(4, 6)) if runs else None


def english_words(article: Read, dice: random.Random) -> str | None:
    # Of four letters: with three, half of the misses ask for `via`, `com` or `www`, which a score of articles hold.
    words = list(dict.fromkeys(re.findall(r"\b[A-Za-z]{4,}\b", f"{article.title} {article.text}", re.ASCII)))
    return " ".join(dice.sample(words, 2)) if len(words) >= 2 else None


def piece_of(run: str, dice: random.Random, length: int) -> str:
    """Return a piece of a run of characters, from a random position."""
    at = dice.randrange(len(run) - length + 1)
    return run[at : at + length]


KINDS: dict[str, Maker] = {
    "title words": title_words,
    "pieces of titles": title_piece,
    "body keywords": body_keywords,
    "body phrases": body_phrase,
    "two English words": english_words,
}


def make_queries(articles: Sequence[Read], make: Maker) -> list[tuple[int, str]]:
    """Return (document, query) pairs, at most QUERIES of them."""
    dice = random.Random(2022)
    numbers = dice.sample(range(len(articles)), len(articles))
    made = ((number, make(articles[number], dice)) for number in numbers)
    return [(number, query) for number, query in made if query][:QUERIES]


def measure_quality(content: Path, output: Path) -> None:
    """Print how often the article of a query, or one with its title, is among the first ten results."""
    articles = read(content)
    write(content, output)
    published = open_published(output)
    titles = [fold(article.title) for article in articles]
    for name, make in KINDS.items():
        queries = make_queries(articles, make)
        found = 0
        for number, query in queries:
            first = [titles[document] for document, _ in search(published, query).hits[:10]]
            found += titles[number] in first
        print(f"{name:20} recall@10 {found / max(1, len(queries)):.3f} of {len(queries)} queries", flush=True)


ASK_PAGEFIND = """async (query) => {
  window.pagefind = window.pagefind || await import('/pagefind/pagefind.js');
  const {results} = await window.pagefind.search(query);
  return Promise.all(results.slice(0, 10).map(async (result) => (await result.data()).meta.title));
}"""


def measure_pagefind(content: Path, site: Path) -> None:
    """Print what `measure_quality` prints, for Pagefind, which needs a page without a policy and a web server."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    from browser.browsers import start_chromium  # noqa: PLC0415
    from browser.server import serving  # noqa: PLC0415

    articles = read(content)
    (site / "empty.html").write_text("<!DOCTYPE html><title>empty</title>", "utf-8")
    with sync_playwright() as playwright, serving(site) as address:
        browser = start_chromium(playwright)
        tab = browser.engine.new_context().new_page()
        tab.goto(f"{address}empty.html")
        for name, make in KINDS.items():
            queries = make_queries(articles, make)
            answers = [[fold(title) for title in tab.evaluate(ASK_PAGEFIND, query)] for _, query in queries]
            found = sum(
                fold(articles[number].title) in first for (number, _), first in zip(queries, answers, strict=True)
            )
            print(f"{name:20} recall@10 {found / max(1, len(queries)):.3f} of {len(queries)} queries", flush=True)
        browser.engine.close()


# --- index -----------------------------------------------------------------------------------------------------------


def measure_index(content: Path) -> None:
    """Print CPU time and memory of counting terms and of indexing, in a process that has read the articles.

    Then what an article with an old date costs: one stretch of the archive made again, the rest remembered.
    """
    texts = [each.text for each in read(content)]
    articles = [each.article for each in read(content)]
    count, held = len(articles), peak_memory()
    began = time.process_time()
    terms = dict(zip((article.id for article in articles), count_article_terms(articles, texts), strict=True))
    counted = time.process_time() - began
    size = sum(map(len, terms.values()))
    print(f"{count:,} articles, terms: {counted:.1f} s of CPU, {counted / count * 1e3:.3f} ms an article", end=", ")
    print(f"{size / count:,.0f} bytes an article")

    def build(segment: Segment) -> list[File]:
        return build_segment(segment_task(segment, lambda some: [terms[each.id] for each in some], Settings()))[1]

    counting = peak_memory()
    sizes: dict[str, list[int]] = {}
    began = time.process_time()
    for segment in split_segments(articles):
        for path, text in build(segment):
            sizes.setdefault(Path(path).name.split("-")[0], []).append(len(text.encode("utf-8", "replace")))
    seconds = time.process_time() - began
    print(f"index: {seconds:.1f} s of CPU, {seconds / count * 1e3:.3f} ms an article", end="; ")
    print(f"{peak_memory():,} MiB at most, {counting:,} before it, {held:,} before the terms")
    for kind, found in sizes.items():
        print(f"{kind:12} {len(found):6,} files {sum(found) / 1e6:8.2f} MB")
    files = [size for found in sizes.values() for size in found]
    print(f"{'all':12} {len(files):6,} files {sum(files) / 1e6:8.2f} MB")
    for segment in split_segments(articles):
        began = time.process_time()
        build(segment)
        seconds = time.process_time() - began
        print(f"{segment.name:12} {len(segment.articles):6,} articles made again in {seconds:.2f} s of CPU")


def peak_memory() -> int:
    """Return the peak memory of this process, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


# --- exactness -------------------------------------------------------------------------------------------------------


def measure_exactness(content: Path, output: Path) -> None:
    """Compare results for one, two and four characters with a scan of all texts."""
    articles = read(content)
    write(content, output)
    published = open_published(output)
    texts = [
        "\n".join(fold(line) for line in [a.title, *a.text.split("\n"), *a.article.categories, *a.article.tags])
        for a in articles
    ]
    for length in (1, 2, 4):
        dice = random.Random(length)
        pieces = list(_random_pieces(texts, dice, length))
        missed = extra = 0
        for piece in pieces:
            held = {number for number, text in enumerate(texts) if piece in text}
            found = {document for document, _ in search(published, piece).hits}
            missed += len(held - found)
            extra += len(found - held)
        print(
            f"{length} characters, {len(pieces)} queries: {missed} articles missed, {extra} found that do not hold it"
        )


def _random_pieces(texts: list[str], dice: random.Random, length: int) -> Iterator[str]:
    for _ in range(200):
        runs = [run for run in HAN.findall(dice.choice(texts)) if len(run) >= length]
        if runs:
            yield piece_of(dice.choice(runs), dice, length)


# --- transfer --------------------------------------------------------------------------------------------------------


def measure_transfer(output: Path, count: int) -> None:
    """Print what Chromium loads, and the time from the last key to results."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    from browser.browsers import start_chromium  # noqa: PLC0415
    from browser.server import serving  # noqa: PLC0415
    from browser.sites import Site  # noqa: PLC0415

    queries = two_words(output, count)
    with sync_playwright() as playwright, serving(output) as address:
        browser = start_chromium(playwright)
        for name, site, slowness in (
            ("file://", Site.on_disk(output), 1),
            ("http://", Site(output, address), 1),
            ("file://, CPU 6 × slower", Site.on_disk(output), 6),
        ):
            report_searches(name, browser, site, queries, slowness)
        browser.engine.close()


def two_words(output: Path, count: int) -> list[str]:
    """Return queries of two words from the title or summary of one article."""
    published = open_published(output)
    dice = random.Random(6)
    queries = []
    while len(queries) < count:
        title, _, _, summary, _ = published.stored_fields(dice.randrange(published.document_count))
        words = list(dict.fromkeys(words_of(f"{title} {summary}")))
        if len(words) >= 2:
            queries.append(" ".join(dice.sample(words, 2)))
    return queries


MEASURE = """(typed) => new Promise((done) => {
  const field = document.querySelector('#search-words');
  const hits = document.querySelector('.search-hits');
  const began = performance.now();
  new MutationObserver((_, watch) => {
    watch.disconnect();
    requestAnimationFrame(() => done(performance.now() - began));
  }).observe(hits, {childList: true});
  field.value = typed;
  field.dispatchEvent(new InputEvent('input'));
})"""


def report_searches(name: str, browser: Any, site: Any, queries: list[str], slowness: int) -> None:
    """Measure the first search, with everything it loads, then the others on the same page."""
    # A bare tab: the one of the tests intercepts requests, which costs milliseconds for each file.
    context = browser.engine.new_context()
    tab = context.new_page()
    if slowness > 1:
        context.new_cdp_session(tab).send("Emulation.setCPUThrottlingRate", {"rate": slowness})
    requests: list[str] = []
    tab.on("request", lambda request: requests.append(request.url))
    tab.goto(site.url("search.html"))
    times, sizes, texts = [], [], []
    for query in queries:
        times.append(tab.evaluate(MEASURE, query))
        paths = [site.path(url) for url in requests if site.holds(url)]
        requests.clear()
        sizes.append(sum(packed(site.folder / path) for path in paths if path.startswith(("search", "theme"))))
        texts.append(sum(packed(site.folder / path) for path in paths if not path.startswith(("search", "theme"))))
    context.close()
    if times:
        print(f"{name}: first search {sizes[0] / 1000:.0f} kB gzip in all, {times[0]:.0f} ms;", end=" ")
        print(
            f"then median {statistics.median(sizes[1:]) / 1000:.0f} kB, {statistics.median(times[1:]):.0f} ms", end=" "
        )
        print(f"(90 %: {statistics.quantiles(sizes[1:], n=10)[8] / 1000:.0f} kB,", end=" ")
        print(
            f"{statistics.quantiles(times[1:], n=10)[8]:.0f} ms); articles' pages for snippets, beside that:", end=" "
        )
        print(f"median {statistics.median(texts[1:]) / 1000:.0f} kB", flush=True)


def packed(file: Path) -> int:
    """Return the bytes of a file as a web host sends it, after gzip."""
    return len(gzip.compress(file.read_bytes(), 6)) if file.is_file() else 0


if __name__ == "__main__":
    main()
