"""What is done to files and articles one by one: the tasks that workers run, anywhere.

Plain values in, plain values out. What a task needs beside them (rules, dictionaries) is loaded once in each process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import ParamSpec, TypeVar

from msgspec import Struct

from newsarchive.articles import Article, CleanArticle, RawArticle
from newsarchive.clean import clean_article
from newsarchive.clean.kept import clean_from_bytes, clean_to_bytes
from newsarchive.clean.repetition import Evidence, drop_repeated, find_evidence, known_by
from newsarchive.clean.rules import RuleBook
from newsarchive.describe import add_keywords, describe_article
from newsarchive.fingerprints import fingerprint_of_bytes
from newsarchive.index.terms import count_articles
from newsarchive.plan import Plan, load_rule_book
from newsarchive.problems import Problem, RejectedFile
from newsarchive.read import parse_article, read_bytes
from newsarchive.read.find import FoundFile
from newsarchive.records import from_bytes, to_bytes
from newsarchive.watchdog import article_clock, last_wall, running_clock

Done = TypeVar("Done")
P = ParamSpec("P")


class FileTask(Struct, frozen=True):
    """A file to clean, unless what it holds and the rules for it are still what they were (b"" when unknown)."""

    file: FoundFile
    digest: bytes = b""
    rules: bytes = b""


class Outcome(Struct):
    """What became of a file in a stage, filled in step by step: a rejection, or what the stage makes of files."""

    source: str
    rejection: Problem | None = None
    seconds: float = 0.0  # that it took


class FileOutcome(Outcome):
    """A file that was read: `is_same` as before, or cleaned (`cleaned`, `evidence`, …)."""

    digest: bytes = b""
    rules: bytes = b""
    is_same: bool = False
    publication: str = ""
    evidence: bytes = b""
    cleaned: bytes = b""


class DescribeTask(Struct, frozen=True):
    """A cleaned article, what it shows of its source, and what of that the source is known to repeat."""

    source: str
    cleaned: bytes
    evidence: bytes
    verdict: bytes


class DescribeOutcome(Outcome):
    """An article: `card`, the HTML of its `body`, and its `terms` for the search. Its seconds leave out keywords
    and terms, which are found in many at once."""

    verdict: bytes = b""
    card: bytes = b""
    body: bytes = b""
    terms: bytes = b""


def clean_files(plan: Plan, tasks: Sequence[FileTask]) -> list[FileOutcome]:
    """Each file read and cleaned."""
    with last_wall(), running_clock():
        return [outcome for run in _runs(tasks) for outcome in _clean_run(plan, run)]


def _runs(tasks: Sequence[FileTask]) -> Iterator[list[FileTask]]:
    """As many at a time as are small beside what one large file takes."""
    run, size = list[FileTask](), 0
    for task in tasks:
        size += task.file.size
        if run and size > _MOST_BYTES:
            yield run
            run, size = [], task.file.size
        run.append(task)
    yield run


_MOST_BYTES = 1_000_000


def _clean_run(plan: Plan, tasks: Sequence[FileTask]) -> list[FileOutcome]:
    """All files take one step before any takes the next: what a step works with is in the processor's caches then,
    which saves a fifteenth of the time."""
    outcomes = [FileOutcome(task.file.source) for task in tasks]
    read = [_try(outcome, _read, plan, task, outcome) for task, outcome in zip(tasks, outcomes, strict=True)]
    cleaned = [each and _try(outcome, _clean, plan, *each) for each, outcome in zip(read, outcomes, strict=True)]
    for article, outcome in zip(cleaned, outcomes, strict=True):
        if article:
            _try(outcome, _pack, article, outcome)
    return outcomes


def _try(outcome: Outcome, step: Callable[P, Done], *given: P.args, **named: P.kwargs) -> Done | None:
    """What a step makes of a file; None where it rejects the file, and `outcome` then says why."""
    began = time.perf_counter()
    try:
        with article_clock(outcome.source):
            return step(*given, **named)
    except RejectedFile as rejection:
        outcome.rejection = rejection.problem
    except Exception as error:  # A fault of ours in one article must not take ten thousand others down with it.
        outcome.rejection = _internal(outcome.source, error)
    finally:
        outcome.seconds += time.perf_counter() - began
    return None


def _read(plan: Plan, task: FileTask, outcome: FileOutcome) -> tuple[RawArticle, RuleBook] | None:
    """What a file holds, and the rules for it; None when both are as they were."""
    data = read_bytes(task.file, plan.settings.max_file_bytes)
    outcome.digest = fingerprint_of_bytes(data)
    raw = parse_article(data, task.file.source)
    rules = load_rule_book(plan.rule_folders, plan.rules_fingerprint).matching(raw)
    outcome.rules = rules.fingerprint
    outcome.is_same = (outcome.digest, outcome.rules) == (task.digest, task.rules)
    return None if outcome.is_same else (raw, rules)


def _clean(plan: Plan, raw: RawArticle, rules: RuleBook) -> CleanArticle:
    return clean_article(raw, rules, plan.settings.max_depth)


def _pack(article: CleanArticle, outcome: FileOutcome) -> None:
    """What is kept of a cleaned article."""
    outcome.publication = article.raw.publication
    outcome.evidence = to_bytes(find_evidence(article))
    outcome.cleaned = clean_to_bytes(article)


def describe_articles(plan: Plan, tasks: Sequence[DescribeTask]) -> list[DescribeOutcome]:
    """Each article described, and its terms counted."""
    with last_wall(), running_clock():
        return _describe_and_count(plan, tasks)


def _describe_and_count(plan: Plan, tasks: Sequence[DescribeTask]) -> list[DescribeOutcome]:
    outcomes = [DescribeOutcome(task.source, verdict=task.verdict) for task in tasks]
    opened = [_try(outcome, _open, task) for task, outcome in zip(tasks, outcomes, strict=True)]
    found = [
        (outcome, clean, article)
        for outcome, clean in zip(outcomes, opened, strict=True)
        if clean and (article := _try(outcome, _describe, plan, clean))
    ]
    texts = [clean.text for _, clean, _ in found]
    articles = add_keywords([article for _, _, article in found], texts, plan.settings.tags_per_article)
    for (outcome, clean, _), article, terms in zip(found, articles, count_articles(articles, texts), strict=True):
        outcome.card, outcome.body, outcome.terms = to_bytes(article), clean.html.encode(), terms
    return outcomes


def _open(task: DescribeTask) -> CleanArticle:
    """A cleaned article without what its source is known to repeat."""
    evidence = from_bytes(task.evidence, Evidence)
    return drop_repeated(clean_from_bytes(task.cleaned), known_by(task.verdict, evidence.publication), evidence)


def _describe(plan: Plan, clean: CleanArticle) -> Article:
    return describe_article(clean, plan.settings, plan.zone)


def give_up_files(tasks: Sequence[FileTask]) -> list[FileOutcome]:
    """Files of which the process died that cleaned them."""
    return [FileOutcome(task.file.source, _deadly(task.file.source)) for task in tasks]


def give_up_articles(tasks: Sequence[DescribeTask]) -> list[DescribeOutcome]:
    """Articles of which the process died that described them."""
    return [DescribeOutcome(task.source, _deadly(task.source), verdict=task.verdict) for task in tasks]


def _deadly(source: str) -> Problem:
    return Problem("internal", source, "internal error: the process died of it", "please report it, with the file")


def _internal(source: str, error: Exception) -> Problem:
    reason = f"internal error: {type(error).__name__}: {error}"
    return Problem("internal", source, reason, "please report it, with the file")
