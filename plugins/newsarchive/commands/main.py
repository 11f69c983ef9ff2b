"""The `newsarchive` command: everything that is done with articles and sites besides building, which is Pelican's."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from newsarchive import __version__
from newsarchive.clean import clean_article
from newsarchive.clean.repetition import drop_repeated, learn_from
from newsarchive.commands.check_content import add_check
from newsarchive.commands.check_site import add_verify
from newsarchive.commands.clean_report import report_lines
from newsarchive.commands.explain import as_text, explain_article, write_html
from newsarchive.commands.images import add_images
from newsarchive.commands.import_site import add_import
from newsarchive.commands.job_summary import add_summary
from newsarchive.commands.new import add_new
from newsarchive.commands.pack import add_pack
from newsarchive.commands.suggest_rules import suggest_rules
from newsarchive.config import BuildConfig, load_config
from newsarchive.diagnostics import (
    ConfigurationError,
    Diagnostic,
    NewsArchiveError,
    RejectedFile,
    printable,
    printable_lines,
)
from newsarchive.models import CleanArticle
from newsarchive.parallel.time_limits import cpu_limit
from newsarchive.read import read_article
from newsarchive.read.find import FoundFile, find_files

if TYPE_CHECKING:
    from newsarchive.search.engine import SearchResult


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0, or 1 where the input is not what it should be."""
    given = _parser().parse_args(arguments)
    try:
        answer: str | tuple[str, int] = given.run(given)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 1
    except NewsArchiveError as error:
        print(f"newsarchive: {printable_lines(str(error))}", file=sys.stderr)
        return 1
    text, status = (answer, 0) if isinstance(answer, str) else answer
    sys.stdout.write(printable_lines(text))
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="newsarchive",
        description="Check scraped articles, look at what cleaning does to them, keep their images; start, search and"
        " verify sites.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    explain = commands.add_parser("explain", help="show what was removed from one article, and by which rule or sign")
    explain.add_argument("file", type=Path, help="a file in the content folder")
    explain.add_argument("--content", type=Path, default=Path("content"), help="the content folder (default: content)")
    explain.add_argument("--html", type=Path, metavar="OUT.html", help="write a page with both versions side by side")
    explain.set_defaults(run=_explain)

    report = commands.add_parser("clean-report", help="per source: how much was removed, by what, the outliers first")
    report.add_argument("content", type=Path, nargs="?", default=Path("content"), help="(default: content)")
    report.set_defaults(run=_report)

    search = commands.add_parser("search", help="search a built site, as its search page does")
    search.add_argument("output", type=Path, help="the folder of the built site")
    search.add_argument(
        "query", help='words, "a phrase", -word, word*, title: source: section: tag: date: (docs/search.md)'
    )
    search.add_argument("--limit", type=int, default=10, help="hits to show (default: 10; 0: all)")
    search.add_argument("--json", action="store_true", help="print one JSON object")
    search.set_defaults(run=_search)

    for add_command in (add_images, add_check, add_verify, add_pack, add_summary, add_new, add_import):
        add_command(commands)

    rules = commands.add_parser("rules", help="work on rule files")
    actions = rules.add_subparsers(required=True, metavar="ACTION")
    new = actions.add_parser("new", help="print a rule file for a source, with candidates found by repetition")
    new.add_argument("source", help="the source's name, as its articles' categories give it")
    new.add_argument("--content", type=Path, default=Path("content"), help="the content folder (default: content)")
    new.set_defaults(run=_start_rules)
    return parser


def _explain(given: argparse.Namespace) -> str:
    config = _config(given.content)
    target = given.file.resolve()
    found = [file for file in _files(config) if Path(file.path).resolve() == target]
    if not found:
        reason = f"is no article of {given.content}"
        raise RejectedFile(Diagnostic("not-found", str(given.file), reason, "name the content folder by --content"))
    raw = read_article(found[0], config.settings.max_file_bytes)
    same_source = [clean for clean in _clean_all(config) if clean.raw.publication == raw.publication]
    with cpu_limit(raw.source):
        explanation = explain_article(raw, config, learn_from(same_source))
    if given.html:
        write_html(explanation, given.html)
        return f"{given.html}\n"
    return as_text(explanation)


def _report(given: argparse.Namespace) -> str:
    config = _config(given.content)
    cleaned = _clean_all(config)
    repetition = learn_from(cleaned)
    return "\n".join(report_lines([drop_repeated(clean, repetition) for clean in cleaned], config.rules)) + "\n"


def _search(given: argparse.Namespace) -> str:
    # lunr and numpy, which the other commands can do without
    from newsarchive.search.engine import describe_hits, search  # noqa: PLC0415
    from newsarchive.search.published import open_published  # noqa: PLC0415

    archive = open_published(given.output)
    answer = search(archive, given.query)
    hits = list(describe_hits(archive, answer.hits[: given.limit] if given.limit > 0 else answer.hits))
    if given.json:
        told = {"query": given.query, "total": len(answer.hits), "notes": list(answer.notes), "hits": hits}
        return json.dumps(told, ensure_ascii=False, indent=1) + "\n"
    return "\n".join([_summary(answer), *(_hit_lines(hit) for hit in hits)]) + "\n"


_NOTES = {
    "any": "no article has all the words; these have some of them",
    "prefix": "no article has the whole word; these have words that begin so",
}


def _summary(answer: SearchResult) -> str:
    if not answer.has_criteria:
        return "The query asks for nothing."
    return "; ".join([f"{len(answer.hits):,} articles", *(_NOTES[note] for note in answer.notes)])


def _hit_lines(hit: dict[str, str | float]) -> str:
    facts = " · ".join(str(hit[name]) for name in ("source", "date", "url") if hit[name])
    return f"{hit['score']:8.3f}  {printable(str(hit['title']))}\n          {printable(facts)}"


def _start_rules(given: argparse.Namespace) -> str:
    config = _config(given.content)
    return suggest_rules(given.source, [clean.raw for clean in _clean_all(config)])


def _config(content: Path) -> BuildConfig:
    if not content.is_dir():
        raise RejectedFile(Diagnostic("not-found", str(content), "there is no such folder", "name the content folder"))
    return load_config(content=content)


def _files(config: BuildConfig) -> list[FoundFile]:
    return find_files(config.content, config.settings.article_extensions, config.ignore, config.exclude)


def _clean_all(config: BuildConfig) -> list[CleanArticle]:
    cleaned = []
    for file in _files(config):
        try:
            with cpu_limit(file.source):
                raw = read_article(file, config.settings.max_file_bytes)
                cleaned.append(clean_article(raw, config.rules, config.settings.max_html_depth))
        except RejectedFile as rejection:
            print(rejection, file=sys.stderr)
    return cleaned


if __name__ == "__main__":
    raise SystemExit(main())
