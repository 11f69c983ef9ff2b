"""The program, read aloud: find → read → clean → learn what repeats → describe → collect.

Rendering and publishing follow in `host`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from newsarchive.articles import Article, Bodies, CleanArticle
from newsarchive.clean import clean_article
from newsarchive.clean.repetition import Repetition, drop_repeated, find_evidence, learn_repetition
from newsarchive.clean.rule_files import SHIPPED_RULES, load_rules
from newsarchive.clean.rules import RuleBook
from newsarchive.collect import Archive, collect_archive
from newsarchive.describe import describe_article
from newsarchive.problems import Problem, RejectedFile
from newsarchive.read import read_article
from newsarchive.read.find import FoundFile, find_files
from newsarchive.settings import Settings

Item = TypeVar("Item", FoundFile, CleanArticle)
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a build works from, checked. `ignore` and `left_out` are as in `find_files`."""

    content: Path
    settings: Settings
    zone: ZoneInfo
    rules: RuleBook
    ignore: Sequence[str] = ("**/.*",)
    left_out: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Gathered:
    """Every input file's fate: an article (published or merged, as `archive` says), or a rejection."""

    archive: Archive
    articles: Sequence[Article]
    rejected: Sequence[tuple[str, Problem]] = field(default_factory=list)  # (path, why)
    bodies: Bodies = field(default_factory=dict)


def load_rule_book(content: Path, settings: Settings) -> RuleBook:
    """The user's rules, then the shipped ones. Raises ConfigurationError with every problem in every file."""
    return load_rules([content / settings.rules_path, SHIPPED_RULES])


def gather(plan: Plan) -> Gathered:
    """Everything that becomes of the input, in memory. One bad file never stops the others."""
    found = find_files(plan.content, plan.settings.article_extensions, plan.ignore, plan.left_out)
    rejected: list[tuple[str, Problem]] = []
    cleaned = list(_each(found, lambda file: read_and_clean(file, plan), rejected))
    repetition = learn_repetition(map(find_evidence, cleaned)) if plan.settings.repetition else Repetition()
    finished = list(_each(cleaned, lambda clean: finish_article(clean, repetition, plan), rejected))
    articles = [article for _, article in finished]
    bodies = {clean.raw.source: clean for clean, _ in finished}
    return Gathered(collect_archive(articles, plan.settings), articles, rejected, bodies)


def read_and_clean(file: FoundFile, plan: Plan) -> CleanArticle:
    """One file to a CleanArticle, by itself. Raises RejectedFile."""
    return clean_article(read_article(file, plan.settings.max_file_bytes), plan.rules, plan.settings.max_depth)


def finish_article(clean: CleanArticle, repetition: Repetition, plan: Plan) -> tuple[CleanArticle, Article]:
    """A CleanArticle without what its source repeats, and what is said of it. Raises RejectedFile."""
    clean = drop_repeated(clean, repetition)
    return clean, describe_article(clean, plan.settings, plan.zone)


def _each(items: Iterable[Item], work: Callable[[Item], Done], rejected: list[tuple[str, Problem]]) -> Iterator[Done]:
    """What `work` makes of each item; an item that is rejected goes into `rejected` instead."""
    for item in items:
        source = item.raw.source if isinstance(item, CleanArticle) else item.source
        try:
            yield work(item)
        except RejectedFile as rejection:
            rejected.append((source, rejection.problem))
        except Exception as error:  # A fault of ours in one article must not take ten thousand others down with it.
            reason = f"internal error: {type(error).__name__}: {error}"
            rejected.append((source, Problem("internal", source, reason, "please report it, with the file")))
