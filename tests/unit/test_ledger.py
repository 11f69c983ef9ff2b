"""The ledger tells every input file's fate, and the summary what to look at first."""

from __future__ import annotations

import json

from newsarchive.build.collect_site import CollectedSite
from newsarchive.build.ledger import ledger_rows, ledger_text, summary_lines
from newsarchive.collect import collect_archive
from newsarchive.config.settings import Settings
from newsarchive.describe.ids import article_id
from newsarchive.diagnostics import Diagnostic
from newsarchive.images.image_selection import ImageSelection
from newsarchive.models import Article
from unit.factories import make_article

STORY = "同一篇文章，长到不会有第二篇一样的。" * 3


def gather(articles: list[Article], rejected: list[Diagnostic]) -> CollectedSite:
    """What a build knows at its end."""
    reasons = [(diagnostic.location, diagnostic) for diagnostic in rejected]
    return CollectedSite(collect_archive(articles, Settings()), articles, reasons, {}, {}, ImageSelection())


def rejection(source: str) -> Diagnostic:
    """Why an empty file is none."""
    return Diagnostic("empty", source, "file is empty", "delete it")


MIXED = gather(
    [
        make_article("d.md", title="甲", text=STORY, removed={"hidden element": 2}),
        make_article("a.md", date="2021-10-11", title="甲", text=STORY),
        make_article("b.md", title="乙", diagnostics=(Diagnostic("date", "b.md", "no date", "give it one"),)),
    ],
    [rejection("c.md")],
)


def test_every_file_has_one_row_in_order_of_the_paths() -> None:
    fates = {row["source"]: row["status"] for row in ledger_rows(MIXED)}

    assert fates == {"a.md": "merged", "b.md": "published", "c.md": "rejected", "d.md": "published"}
    assert list(fates) == sorted(fates)


def test_a_published_article_says_where_it_is_and_what_was_odd_about_it() -> None:
    _, b, _, d = ledger_rows(MIXED)

    assert b["warnings"] == [{"code": "date", "location": "b.md", "message": "no date", "hint": "give it one"}]
    assert (d["url"], d["title"], d["removed"], d["reason"]) == (
        f"2021/10/10/{article_id('d.md')}.html",
        "甲",
        {"hidden element": 2},
        "",
    )


def test_a_merged_article_leads_to_the_page_that_has_it() -> None:
    a, _, _, d = ledger_rows(MIXED)

    assert (a["url"], a["reason"]) == (d["url"], "same title and text as the page at this address")


def test_a_rejected_file_says_why() -> None:
    c = ledger_rows(MIXED)[2]

    assert (c["url"], c["title"], c["reason"]) == ("", "", "c.md: file is empty — delete it")


def test_every_row_has_the_same_keys() -> None:
    assert len({tuple(row) for row in ledger_rows(MIXED)}) == 1


def test_the_ledger_is_a_line_of_json_a_file_in_readable_chinese() -> None:
    text = ledger_text(ledger_rows(gather([make_article("财经/甲\n乙.md", title="“甲”\u2028")], [])))

    (line,) = text.removesuffix("\n").split("\n")
    assert json.loads(line)["source"] == "财经/甲\n乙.md"
    assert "“甲”" in line


def test_a_ledger_of_nothing_is_empty() -> None:
    assert ledger_text(ledger_rows(gather([], []))) == ""


def test_the_summary_begins_with_the_totals() -> None:
    assert next(summary_lines(ledger_rows(MIXED))) == ("info", "4 files: 2 published, 1 merged, 1 rejected, 0 withheld")


def test_the_summary_counts_warnings_by_kind_the_commonest_first() -> None:
    late = tuple(Diagnostic("date", f"{n}.md", "no date", "give it one") for n in range(2))
    rare = Diagnostic("a-rare-one", "b.md", "odd", "mend it")
    rows = ledger_rows(gather([make_article("a.md", diagnostics=late), make_article("b.md", diagnostics=(rare,))], []))

    assert [line for level, line in summary_lines(rows) if level == "warning"] == [
        "2 × date, first: 0.md: no date — give it one",
        "1 × a-rare-one, first: b.md: odd — mend it",
    ]


def test_the_summary_names_the_first_rejections_and_counts_the_rest() -> None:
    rows = ledger_rows(gather([], [rejection(f"{number}.md") for number in range(7)]))

    assert [line for level, line in summary_lines(rows, first=2) if level == "error"] == [
        "rejected: 0.md: file is empty — delete it",
        "rejected: 1.md: file is empty — delete it",
        "rejected: 5 more, see the ledger",
    ]


def test_a_file_name_cannot_forge_a_line_of_the_summary() -> None:
    rows = ledger_rows(gather([], [rejection("a\n0 files.md")]))

    assert [line for _, line in summary_lines(rows)][1] == r"rejected: a\n0 files.md: file is empty — delete it"
