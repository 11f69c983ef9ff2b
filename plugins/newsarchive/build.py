"""The program, read aloud: find → read → clean → describe → collect. Rendering and publishing follow in `host`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from newsarchive.articles import Article
from newsarchive.clean import clean_article
from newsarchive.clean.rule_files import SHIPPED_RULES, load_rules
from newsarchive.clean.rules import RuleBook
from newsarchive.collect import Archive, collect_archive
from newsarchive.describe import describe_article
from newsarchive.problems import Problem, RejectedFile
from newsarchive.read import read_article
from newsarchive.read.find import FoundFile, find_files
from newsarchive.settings import Settings


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


def load_rule_book(content: Path, settings: Settings) -> RuleBook:
    """The user's rules, then the shipped ones. Raises ConfigurationError with every problem in every file."""
    return load_rules([content / settings.rules_path, SHIPPED_RULES])


def gather(plan: Plan) -> Gathered:
    """Everything that becomes of the input, in memory. One bad file never stops the others."""
    found = find_files(plan.content, plan.settings.article_extensions, plan.ignore, plan.left_out)
    articles: list[Article] = []
    rejected: list[tuple[str, Problem]] = []
    for file in found:
        try:
            articles.append(prepare_article(file, plan))
        except RejectedFile as rejection:
            rejected.append((file.source, rejection.problem))
    return Gathered(collect_archive(articles, plan.settings), articles, rejected)


def prepare_article(file: FoundFile, plan: Plan) -> Article:
    """One file all the way to an Article, by itself. Raises RejectedFile."""
    try:
        raw = read_article(file, plan.settings.max_file_bytes)
        clean = clean_article(raw, plan.rules, plan.settings.max_depth)
        return describe_article(clean, plan.settings, plan.zone)
    except RejectedFile:
        raise
    except Exception as error:  # A fault of ours in one article must not take ten thousand others down with it.
        reason = f"internal error: {type(error).__name__}: {error}"
        raise RejectedFile(Problem("internal", file.source, reason, "please report it, with the file")) from error
