"""Articles that are made to cost: each is published, trimmed or rejected in seconds, and the others go on."""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from conftest import Built, article
from newsarchive.build.tasks import DescribeTask, FileTask, clean_files, describe_articles
from newsarchive.cache.serialization import from_bytes
from newsarchive.config import load_config
from newsarchive.config.build_config import BuildConfig, rules_of
from newsarchive.config.settings import Settings
from newsarchive.diagnostics import Diagnostic
from newsarchive.models import Article
from newsarchive.parallel import time_limits
from newsarchive.parallel.executors import WorkerPool
from newsarchive.read.find import FoundFile
from newsarchive.verify.content import check_content

# Seconds of the processor and megabytes that one article may cost beside what the program costs by itself.
MOST_SECONDS, MOST_MEGABYTES = 5.0, 500

SENTENCE = "北京两区建设今天取得了新的进展，各方面都表示满意。"


def body(markup: str) -> str:
    return article("标题", markup)


def front(lines: str) -> str:
    return f"---\ntitle: 标题\n{lines}\n---\n\n<p>正文</p>\n"


# What each holds for 20 million bytes or 100,000 of its kind; the name is what is wrong with it.
ARTICLES: dict[str, Callable[[], str]] = {
    "elements nested 100,000 deep": lambda: body("<div>" * 100_000 + "最深处"),
    "lists nested 100,000 deep": lambda: body("<ul><li>" * 100_000 + "最深处"),
    "nesting that its closing tags hide": lambda: body("</x>" * 20_000 + "<div>" * 20_000 + "最深处"),
    "nesting in the smallest file": lambda: body("<div>" * 3_000 + "最深处"),
    "100,000 attributes": lambda: body("<p " + " ".join(f"a{i}=1" for i in range(100_000)) + ">文字</p>"),
    "attributes that brackets hide": lambda: body("<p " + " ".join(f'a{i}=">"' for i in range(40_000)) + ">文字</p>"),
    "formatting that is never closed": lambda: body(
        "".join(f"<font color=c{i}>" for i in range(5_000)) + "<p>x" * 9_000
    ),
    "formatting closed in the wrong order": lambda: body("".join(f"<div><b id=b{i}></div>" for i in range(9_000))),
    "links around blocks": lambda: body("<a href='https://e.example'><div></a>x" * 40_000),
    "100,000 paragraphs": lambda: body(f"<p>{SENTENCE}</p>" * 100_000),
    "one line of 20 MB": lambda: body("<p>" + SENTENCE * 260_000 + "</p>"),
    "a table of 100,000 rows": lambda: body("<table>" + "<tr><td>数<td>据</tr>" * 100_000 + "</table>"),
    "100,000 images": lambda: body("".join(f"<img src='https://e.example/{i}.png'>" for i in range(100_000))),
    "images for readers without scripts": lambda: body(
        "".join(f"<noscript><img src='https://e.example/{i}.png'></noscript>" for i in range(20_000))
    ),
    "images of megabytes as data": lambda: body(
        "<p>字</p>" + ("<img src='data:image/png;base64," + "A" * 4_000_000 + "'>") * 4
    ),
    "entities without end": lambda: body("<p>" + "&lt;&amp;&nbsp;&notanentity;" * 500_000 + "</p>"),
    "white space without end, in code": lambda: body("<pre><code>a" + " \n" * 500_000 + "b</code></pre>"),
    "spaces as entities": lambda: body("<p>a" + "&nbsp;" * 300_000 + "b&nbsp;</p>"),
    "line breaks between words": lambda: body("文字<br>" * 100_000),
    "tags that never end": lambda: body("<p>" + "<a" * 1_000_000),
    "sections of character data that never end": lambda: body("<p>" + "<![CDATA[" * 1_000_000),
    "plain text that never ends": lambda: body("<p>" + "<plaintext" * 1_000_000),
    "brackets for Markdown": lambda: front("").replace("<p>正文</p>", "[" * 100_000),
    "definitions in definitions for Markdown": lambda: front("").replace("<p>正文</p>", "x" + "a\n: b\n" * 900),
    "rules for Markdown": lambda: "---\n" * 4_000_000,
    "credits of a dozen roles": lambda: body("<p>正文</p>" + ("<p>" + "编辑 张三 作者 李四 " * 12 + "!</p>") * 500),
    "ligatures of eighteen letters": lambda: body("<p>" + "\ufdfa" * 2_000_000 + "</p>"),
    "addresses of spaces": lambda: body("<p>字</p><a href='https://e.example/" + "a " * 400_000 + "'>x</a>"),
    "front matter of aliases": lambda: front(
        "a0: &a0 [x, x]\n" + "\n".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}]" for i in range(1, 30))
    ),
    "front matter of brackets": lambda: front("x: " + "[" * 100_000 + "]" * 100_000),
    "front matter of question marks": lambda: front("? x\n" * 4_000_000),
    "front matter without an end": lambda: "title: x\n" + "k: v\n" * 3_000_000,
    "a million categories": lambda: front("categories: " + "a," * 1_000_000),
    "TOML of dots": lambda: "+++\ntitle = '标题'\n" + ".".join("a" * 200_000) + " = 1\n+++\n<p>正文</p>",
    "TOML of brackets": lambda: "+++\ntitle = '标题'\na = " + "[" * 100_000 + "\n+++\n<p>正文</p>",
    "a title of megabytes": lambda: front("").replace("标题", "_标_题" * 1_000_000),
    "a date of brackets": lambda: front("date: 2021 " + "(" * 1_000_000),
}  # fmt: skip


def cost_of(content: Path, name: str) -> tuple[Article | Diagnostic, float, float]:
    """What becomes of a file, and the seconds and megabytes that took, in a process that has loaded what it needs."""
    settings = Settings()
    config = BuildConfig(content, settings, ZoneInfo("Asia/Shanghai"), *rules_of(content, settings))
    _outcome(config, "ordinary.md")
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    outcome = _outcome(config, name)
    seconds = time.process_time() - began
    return outcome, seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def _outcome(config: BuildConfig, name: str) -> Article | Diagnostic:
    (cleaned,) = clean_files(config, [FileTask(FoundFile(str(config.content / name), name))])
    if cleaned.rejection:
        return cleaned.rejection
    (described,) = describe_articles(config, [DescribeTask(name, cleaned.cleaned, cleaned.fingerprints, b"")])
    return described.rejection or from_bytes(described.card, Article)


@pytest.mark.skipif(sys.platform != "linux", reason="measured by what Linux counts")
@pytest.mark.parametrize("name", ARTICLES)
def test_no_article_costs_more_than_is_promised(name: str, tmp_path: Path) -> None:
    (tmp_path / "ordinary.md").write_text(body("<p>正文</p>"), "utf-8")
    (tmp_path / "costly.md").write_text(ARTICLES[name](), "utf-8")

    # A process of its own, so that the memory of one is not counted for the next.
    with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as process:
        outcome, seconds, megabytes = process.submit(cost_of, tmp_path, "costly.md").result()

    assert seconds < MOST_SECONDS
    assert megabytes < MOST_MEGABYTES
    assert isinstance(outcome, Article) or outcome.code in {"too-large", "empty"}, outcome


def test_what_lies_beyond_the_bounds_is_left_out_with_a_warning_and_the_rest_is_kept(
    build: Callable[..., Built],
) -> None:
    built = build(f"-- long.md --\n{body(f'<p>第一段。{SENTENCE}</p>' * 40_000)}-- good.md --\n{body('<p>好的。</p>')}")

    row = built.ledger["long.md"]
    assert (row["status"], [warning["code"] for warning in row["warnings"]]) == ("published", ["too-long"])
    assert built.body("long.md").count("<p>") == 10_000
    assert built.ledger["good.md"]["status"] == "published"


@pytest.fixture
def endless_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BuildConfig:
    """Two articles, and a rule that never ends on the first."""
    monkeypatch.setattr(time_limits, "MAX_SECONDS", 0.2)
    (tmp_path / "rules").mkdir()
    rule = 'name = "无尽"\n[match]\nhtml = ["endless"]\n[[drop_if]]\nselect = "p"\ntext = "^(a+)+$"\n'
    (tmp_path / "rules/endless.toml").write_text(rule, "utf-8")
    (tmp_path / "endless.md").write_text(body(f"<p class=endless>{'a' * 60}!</p>"), "utf-8")
    (tmp_path / "good.md").write_text(body("<p>好的。</p>"), "utf-8")
    settings = Settings()
    return BuildConfig(tmp_path, settings, ZoneInfo("Asia/Shanghai"), *rules_of(tmp_path, settings))


def test_a_rule_whose_pattern_takes_for_ever_costs_the_article_and_not_the_build(endless_site: BuildConfig) -> None:
    endless, good = _outcome(endless_site, "endless.md"), _outcome(endless_site, "good.md")

    assert isinstance(endless, Diagnostic)
    assert endless.code == "too-costly"
    assert isinstance(good, Article)


def test_each_article_has_its_own_time_whatever_those_before_it_took(endless_site: BuildConfig) -> None:
    names = ["endless.md", "good.md", "endless.md", "good.md"]
    tasks = [FileTask(FoundFile(str(endless_site.content / name), name)) for name in names]

    outcomes = clean_files(endless_site, tasks)

    assert [each.rejection and each.rejection.code for each in outcomes] == ["too-costly", None] * 2


def test_checking_does_not_wait_for_it_either(endless_site: BuildConfig) -> None:
    count, findings = check_content(load_config({}, content=endless_site.content), WorkerPool("serial"))

    assert count == 2
    assert [(Path(each.path).name, each.diagnostic.code) for each in findings] == [("endless.md", "too-costly")]
