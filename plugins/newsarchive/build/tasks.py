"""The tasks of worker processes: clean a batch of files, describe a batch of articles.

Tasks and outcomes are plain values that can be pickled. Rules and dictionaries are loaded once in each process. A task
neither reads nor writes the cache: see `build.article_stages`.
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

Result = TypeVar("Result")
P = ParamSpec("P")


class FileTask(Struct, frozen=True):
    """A file to clean, unless its content and its rules have these digests."""

    file: FoundFile
    digest: bytes = b""  # of the content that was cleaned before; b"" if it never was
    rules: bytes = b""  # of the rules that it was cleaned with


class Outcome(Struct):
    """The result for one file in one stage, filled in step by step: a rejection, or the fields of a subclass."""

    source: str
    rejection: Diagnostic | None = None
    seconds: float = 0.0  # of wall time, that its steps took


class FileOutcome(Outcome):
    """The result of reading and cleaning a file."""

    digest: bytes = b""  # of its content; b"" if it could not be read
    rules: bytes = b""  # digest of the rules that match it
    is_same: bool = False  # digest and rules are those of the task: nothing was cleaned
    publication: str = ""
    fingerprints: bytes = b""  # an encoded `ArticleFingerprints`
    cleaned: bytes = b""  # a `CleanArticle`, encoded by `article_codec`


class DescribeTask(Struct, frozen=True):
    """An article to describe."""

    source: str
    cleaned: bytes  # a `CleanArticle`, encoded by `article_codec`
    fingerprints: bytes  # an encoded `ArticleFingerprints`
    repeated_marks: bytes  # what of it its source repeats, and is dropped


class DescribeOutcome(Outcome):
    """The result of describing an article. `seconds` leaves out keywords and terms, counted for a whole batch."""

    repeated_marks: bytes = b""  # those of the task
    card: bytes = b""  # an encoded `Article`
    body: bytes = b""  # its HTML, in UTF-8
    terms: bytes = b""  # for the search index, see `index.terms`


def clean_files(config: BuildConfig, tasks: Sequence[FileTask]) -> list[FileOutcome]:
    """Read and clean each file. Rejected files have a `rejection`; nothing is raised."""
    with wall_clock_limit(), shared_timer():
        return [outcome for run in _split_by_size(tasks) for outcome in _clean_run(config, run)]


def _split_by_size(tasks: Sequence[FileTask]) -> Iterator[list[FileTask]]:
    """Yield runs of tasks with at most `_MAX_RUN_BYTES` of content, or with one file."""
    run, size = list[FileTask](), 0
    for task in tasks:
        size += task.file.size
        if run and size > _MAX_RUN_BYTES:
            yield run
            run, size = [], task.file.size
        run.append(task)
    yield run


# In bytes. The files of a run are in memory together: this is little compared with one file of the largest size.
_MAX_RUN_BYTES = 1_000_000


def _clean_run(config: BuildConfig, tasks: Sequence[FileTask]) -> list[FileOutcome]:
    """Clean a run of files: all of them take one step before any takes the next.

    Code and tables of a step stay in the processor's caches that way, which saves 7% of the time.
    """
    outcomes = [FileOutcome(task.file.source) for task in tasks]
    read = [_try(outcome, _read, config, task, outcome) for task, outcome in zip(tasks, outcomes, strict=True)]
    cleaned = [each and _try(outcome, _clean, config, *each) for each, outcome in zip(read, outcomes, strict=True)]
    for article, outcome in zip(cleaned, outcomes, strict=True):
        if article:
            _try(outcome, _encode, article, outcome)
    return outcomes


def _try(outcome: Outcome, step: Callable[P, Result], *given: P.args, **named: P.kwargs) -> Result | None:
    """Return the result of a step, within the time limit; if it fails, return None and set `outcome.rejection`."""
    start = time.perf_counter()
    try:
        with cpu_limit(outcome.source):
            return step(*given, **named)
    except RejectedFile as rejection:
        outcome.rejection = rejection.diagnostic
    except Exception as error:  # A bug that one article triggers must not stop the build of the others.
        outcome.rejection = _internal_error(outcome.source, error)
    finally:
        outcome.seconds += time.perf_counter() - start
    return None


def _read(config: BuildConfig, task: FileTask, outcome: FileOutcome) -> tuple[RawArticle, RuleBook] | None:
    """Return an article and its rules, or None if both have the digests of the task."""
    data = read_bytes(task.file, config.settings.max_file_bytes)
    outcome.digest = fingerprint_of_bytes(data)
    raw = parse_article(data, task.file.source)
    rules = load_rule_book(config.rule_folders, config.rules_fingerprint).matching(raw)
    outcome.rules = rules.fingerprint
    outcome.is_same = (outcome.digest, outcome.rules) == (task.digest, task.rules)
    return None if outcome.is_same else (raw, rules)


def _clean(config: BuildConfig, raw: RawArticle, rules: RuleBook) -> CleanArticle:
    return clean_article(raw, rules, config.settings.max_html_depth)


def _encode(article: CleanArticle, outcome: FileOutcome) -> None:
    """Encode a cleaned article into `outcome`."""
    outcome.publication = article.raw.publication
    outcome.fingerprints = to_bytes(fingerprint_article(article))
    outcome.cleaned = encode_clean_article(article)


def describe_articles(config: BuildConfig, tasks: Sequence[DescribeTask]) -> list[DescribeOutcome]:
    """Describe each article, and count its terms. Rejected articles have a `rejection`; nothing is raised."""
    with wall_clock_limit(), shared_timer():
        return _describe_and_count(config, tasks)


def _describe_and_count(config: BuildConfig, tasks: Sequence[DescribeTask]) -> list[DescribeOutcome]:
    outcomes = [DescribeOutcome(task.source, repeated_marks=task.repeated_marks) for task in tasks]
    decoded = [_try(outcome, _decode, task) for task, outcome in zip(tasks, outcomes, strict=True)]
    described = [
        (outcome, clean, article)
        for outcome, clean in zip(outcomes, decoded, strict=True)
        if clean and (article := _try(outcome, _describe, config, clean))
    ]
    texts = [clean.text for _, clean, _ in described]
    articles = add_keywords([article for _, _, article in described], texts, config.settings.tags_per_article)
    terms_of_all = count_article_terms(articles, texts)
    for (outcome, clean, _), article, terms in zip(described, articles, terms_of_all, strict=True):
        outcome.card, outcome.body, outcome.terms = to_bytes(article), clean.html.encode(), terms
    return outcomes


def _decode(task: DescribeTask) -> CleanArticle:
    """Return the article of a task without what its source repeats."""
    fingerprints = from_bytes(task.fingerprints, ArticleFingerprints)
    return drop_repeated(
        decode_clean_article(task.cleaned),
        repetition_from_marks(task.repeated_marks, fingerprints.publication),
        fingerprints,
    )


def _describe(config: BuildConfig, clean: CleanArticle) -> Article:
    return describe_article(clean, config.settings, config.zone)


def reject_files_after_crash(tasks: Sequence[FileTask]) -> list[FileOutcome]:
    """Return the outcomes of files that killed the process that cleaned them."""
    return [FileOutcome(task.file.source, _crash(task.file.source)) for task in tasks]


def reject_articles_after_crash(tasks: Sequence[DescribeTask]) -> list[DescribeOutcome]:
    """Return the outcomes of articles that killed the process that described them."""
    return [DescribeOutcome(task.source, _crash(task.source), repeated_marks=task.repeated_marks) for task in tasks]


def _crash(source: str) -> Diagnostic:
    return Diagnostic("internal", source, "internal error: a worker process died of this file", _REPORT_BUG)


def _internal_error(source: str, error: Exception) -> Diagnostic:
    message = f"internal error: {type(error).__name__}: {error}"
    return Diagnostic("internal", source, message, _REPORT_BUG)


_REPORT_BUG = "report a bug and attach the file"
