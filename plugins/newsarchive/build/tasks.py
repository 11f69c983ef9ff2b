"""What is done to files and articles one by one: the tasks that workers run, anywhere.

Plain values in, plain values out. What a task needs beside them (rules, dictionaries) is loaded once in each process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import ParamSpec, TypeVar

from msgspec import Struct

from newsarchive.cache.fingerprints import fingerprint_of_bytes
from newsarchive.cache.serialization import from_bytes, to_bytes
from newsarchive.clean import clean_article
from newsarchive.clean.article_codec import decode_clean_article, encode_clean_article
from newsarchive.clean.repetition import ArticleFingerprints, drop_repeated, fingerprint_article, repetition_from_marks
from newsarchive.clean.rules import RuleBook
from newsarchive.config.build_config import BuildConfig, load_rule_book
from newsarchive.describe import add_keywords, describe_article
from newsarchive.diagnostics import Diagnostic, RejectedFile
from newsarchive.index.terms import count_article_terms
from newsarchive.models import Article, CleanArticle, RawArticle
from newsarchive.parallel.time_limits import cpu_limit, shared_timer, wall_clock_limit
from newsarchive.read import parse_article, read_bytes
from newsarchive.read.find import FoundFile

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
    rejection: Diagnostic | None = None
    seconds: float = 0.0  # that it took


class FileOutcome(Outcome):
    """A file that was read: `has_same_content` as before, or cleaned (`cleaned`, `evidence`, …)."""

    digest: bytes = b""
    rules: bytes = b""
    is_same: bool = False
    publication: str = ""
    fingerprints: bytes = b""
    cleaned: bytes = b""


class DescribeTask(Struct, frozen=True):
    """A cleaned article, what it shows of its source, and what of that the source is known to repeat."""

    source: str
    cleaned: bytes
    fingerprints: bytes
    repeated_marks: bytes


class DescribeOutcome(Outcome):
    """An article: `card`, the HTML of its `body`, and its `terms` for the search. Its seconds leave out keywords
    and terms, which are found in many at once."""

    repeated_marks: bytes = b""
    card: bytes = b""
    body: bytes = b""
    terms: bytes = b""


def clean_files(config: BuildConfig, tasks: Sequence[FileTask]) -> list[FileOutcome]:
    """Each file read and cleaned."""
    with wall_clock_limit(), shared_timer():
        return [outcome for run in _split_by_size(tasks) for outcome in _clean_run(config, run)]


def _split_by_size(tasks: Sequence[FileTask]) -> Iterator[list[FileTask]]:
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


def _clean_run(config: BuildConfig, tasks: Sequence[FileTask]) -> list[FileOutcome]:
    """All files take one step before any takes the next: what a step works with is in the processor's caches then,
    which saves a fifteenth of the time."""
    outcomes = [FileOutcome(task.file.source) for task in tasks]
    read = [_try(outcome, _read, config, task, outcome) for task, outcome in zip(tasks, outcomes, strict=True)]
    cleaned = [each and _try(outcome, _clean, config, *each) for each, outcome in zip(read, outcomes, strict=True)]
    for article, outcome in zip(cleaned, outcomes, strict=True):
        if article:
            _try(outcome, _pack, article, outcome)
    return outcomes


def _try(outcome: Outcome, step: Callable[P, Done], *given: P.args, **named: P.kwargs) -> Done | None:
    """What a step makes of a file; None where it rejects the file, and `outcome` then says why."""
    began = time.perf_counter()
    try:
        with cpu_limit(outcome.source):
            return step(*given, **named)
    except RejectedFile as rejection:
        outcome.rejection = rejection.diagnostic
    except Exception as error:  # A fault of ours in one article must not take ten thousand others down with it.
        outcome.rejection = _internal_error(outcome.source, error)
    finally:
        outcome.seconds += time.perf_counter() - began
    return None


def _read(config: BuildConfig, task: FileTask, outcome: FileOutcome) -> tuple[RawArticle, RuleBook] | None:
    """What a file holds, and the rules for it; None when both are as they were."""
    data = read_bytes(task.file, config.settings.max_file_bytes)
    outcome.digest = fingerprint_of_bytes(data)
    raw = parse_article(data, task.file.source)
    rules = load_rule_book(config.rule_folders, config.rules_fingerprint).matching(raw)
    outcome.rules = rules.fingerprint
    outcome.is_same = (outcome.digest, outcome.rules) == (task.digest, task.rules)
    return None if outcome.is_same else (raw, rules)


def _clean(config: BuildConfig, raw: RawArticle, rules: RuleBook) -> CleanArticle:
    return clean_article(raw, rules, config.settings.max_html_depth)


def _pack(article: CleanArticle, outcome: FileOutcome) -> None:
    """What is kept of a cleaned article."""
    outcome.publication = article.raw.publication
    outcome.fingerprints = to_bytes(fingerprint_article(article))
    outcome.cleaned = encode_clean_article(article)


def describe_articles(config: BuildConfig, tasks: Sequence[DescribeTask]) -> list[DescribeOutcome]:
    """Each article described, and its terms counted."""
    with wall_clock_limit(), shared_timer():
        return _describe_and_count(config, tasks)


def _describe_and_count(config: BuildConfig, tasks: Sequence[DescribeTask]) -> list[DescribeOutcome]:
    outcomes = [DescribeOutcome(task.source, repeated_marks=task.repeated_marks) for task in tasks]
    opened = [_try(outcome, _open, task) for task, outcome in zip(tasks, outcomes, strict=True)]
    found = [
        (outcome, clean, article)
        for outcome, clean in zip(outcomes, opened, strict=True)
        if clean and (article := _try(outcome, _describe, config, clean))
    ]
    texts = [clean.text for _, clean, _ in found]
    articles = add_keywords([article for _, _, article in found], texts, config.settings.tags_per_article)
    for (outcome, clean, _), article, terms in zip(found, articles, count_article_terms(articles, texts), strict=True):
        outcome.card, outcome.body, outcome.terms = to_bytes(article), clean.html.encode(), terms
    return outcomes


def _open(task: DescribeTask) -> CleanArticle:
    """A cleaned article without what its source is known to repeat."""
    fingerprints = from_bytes(task.fingerprints, ArticleFingerprints)
    return drop_repeated(
        decode_clean_article(task.cleaned),
        repetition_from_marks(task.repeated_marks, fingerprints.publication),
        fingerprints,
    )


def _describe(config: BuildConfig, clean: CleanArticle) -> Article:
    return describe_article(clean, config.settings, config.zone)


def reject_files_after_crash(tasks: Sequence[FileTask]) -> list[FileOutcome]:
    """Files of which the process died that cleaned them."""
    return [FileOutcome(task.file.source, _crash(task.file.source)) for task in tasks]


def reject_articles_after_crash(tasks: Sequence[DescribeTask]) -> list[DescribeOutcome]:
    """Articles of which the process died that described them."""
    return [DescribeOutcome(task.source, _crash(task.source), repeated_marks=task.repeated_marks) for task in tasks]


def _crash(source: str) -> Diagnostic:
    return Diagnostic("internal", source, "internal error: the process died of it", "please report it, with the file")


def _internal_error(source: str, error: Exception) -> Diagnostic:
    reason = f"internal error: {type(error).__name__}: {error}"
    return Diagnostic("internal", source, reason, "please report it, with the file")
