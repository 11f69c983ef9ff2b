"""Measure cleaning against the allowlist alone: CPU time for each article, as a ratio within one run.

python benchmarks/cleaning.py [FOLDER]      a folder of scraped files (default: the sample articles)
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import nh3

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / "plugins"))

from newsarchive.clean import clean_article  # noqa: E402
from newsarchive.clean.rule_files import load_rules  # noqa: E402
from newsarchive.config.build_config import SHIPPED_RULES  # noqa: E402
from newsarchive.diagnostics import RejectedFile  # noqa: E402
from newsarchive.models import RawArticle  # noqa: E402
from newsarchive.read import read_article  # noqa: E402
from newsarchive.read.find import find_files  # noqa: E402

ROUNDS = 15


def load(folder: Path) -> list[RawArticle]:
    """Return the readable articles of a folder."""
    articles = []
    for file in find_files(folder, ["md"], exclude=["pages"]):
        try:
            articles.append(read_article(file, 20_000_000))
        except RejectedFile:
            continue
    return articles


def milliseconds(work: Callable[[RawArticle], object], articles: list[RawArticle]) -> float:
    """Return the CPU seconds of `work` for each article, in one round."""
    start = time.process_time()
    for article in articles:
        work(article)
    return (time.process_time() - start) * 1000 / len(articles)


def main() -> None:
    """Measure both in turn, and print medians."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PROJECT / "content"
    articles, rules = load(folder), load_rules([SHIPPED_RULES])
    ours, alone = [], []
    for _ in range(ROUNDS):
        alone.append(milliseconds(lambda article: nh3.clean(article.body), articles))
        ours.append(milliseconds(lambda article: clean_article(article, rules, 100), articles))
    print(f"{len(articles)} articles of {folder.name}, medians of {ROUNDS} rounds")
    print(f"cleaning {median(ours):.2f} ms, nh3 alone {median(alone):.2f} ms, ratio {median(ours) / median(alone):.1f}")


if __name__ == "__main__":
    main()
