"""What stands around a body is as hostile as the body: front matter with every escape that YAML knows, and file names.

Every file of the site, the ledger and all that commands print are looked at, and what machines read is parsed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conftest import Built, build_site

TEXTS = [
    "\x1b[31mred\x1b]0;title\x07 雨",
    "\x9b31m雨\x9d0;x\x9c",
    "雨\u2028alert(1)\u2029//",
    "\0root\0雨",
    "\u202egpj.exe\u202c \u2066雨",
    "</script><script>alert(1)</script>雨",
    "<!--<script>雨",
    "]]><script>alert(1)</script>雨",
    "=cmd|' /C calc'!A0 雨",
    "\\input{/etc/passwd}\\write18{x}%雨",
    "{{ 7 * 7 }}{% include 'x' %}雨",
    "%0d%0aSet-Cookie:%20x 雨",
    "\ufeff\ufffe\uffff\ufdd0雨",
    "../../../../etc/雨",
    "javascript:alert(1)//雨",
    "data:text/html,<script>alert(1)</script>雨",
    'https://e.example/a.png" onerror="alert(1)',
    "&lt;img src=x onerror=alert(1)&gt;雨",
    "&amp;lt;img src=x onerror=alert(1)&amp;gt;雨",
    "\\u003cscript\\u003e雨",
    "constructor",
    "__proto__",
    "CON",
    "..",
    "雨" * 400,
]

NAMES = [
    "换\n行.md", "%2e%2e#?&.md", "引'\"号.md", "\x1b[31m红.md", "\u202e反.md", "-rf.md", "::error::x.md", "反\\斜.md",
    "<b>粗.md", "\x9b控.md", "空 格 .md", "e\u0301.md", "CON.md", "'; DROP TABLE articles;--.md", "`id`$(id).md",
]  # fmt: skip

# What moves a cursor, or turns the direction of what stands around it.
MOVES = set("\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def odd_in(text: str, also: set[str] = MOVES) -> set[str]:
    return {hex(ord(c)) for c in text if (unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\t") or c in also}


def quote(text: str) -> str:
    """As YAML says what cannot be written."""
    return '"' + "".join(f"\\U{ord(char):08x}" for char in text) + '"'


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A site of articles whose every field is one of the texts, and of files with the names."""
    work = tmp_path_factory.mktemp("metadata")
    content = work / "content"
    content.mkdir()
    for number, text in enumerate(TEXTS):
        field = quote(text)
        entities = "".join(f"&#{ord(char)};" for char in text[:20])
        (content / f"{number:02}.md").write_text(
            f"---\ntitle: {field}\n"
            f"categories: [{quote('层' + text)}, {field}, {field}]\ntags: [{quote(text[:40])}, 共]\n"
            f"author: {field}\nthumbnail: {field}\nheadimg: {field}\nsource: {field}\ndate: 2021-10-10 10:{number:02}\n"
            f"---\n\n<div><p>原标题：{entities}</p><p>第{number}场雨，下了一天又一天。（记者 {entities}）</p>"
            f"<p>编辑：{entities}</p><p>来源：{entities}</p></div>\n",
            "utf-8",
        )
    for number, name in enumerate(NAMES):
        (content / name).write_text(f"---\ntitle: 名{number}\ndate: 昨日\n---\n\n<p>第{number}个名字。</p>\n", "utf-8")
    return build_site(content, work, "-e", 'SITEURL="https://site.example"')


def test_every_file_has_its_fate_and_the_site_is_fit_to_go_out(hostile: Built) -> None:
    verdict = newsarchive(hostile, "check-site", "output")

    assert hostile.exit_code == 0, hostile.said
    assert {row["status"] for row in hostile.ledger.values()} == {"published"}
    assert len(hostile.ledger) == len(TEXTS) + len(NAMES)
    assert "nothing wrong" in verdict


def test_no_file_of_the_site_holds_a_control_character_or_an_override(hostile: Built) -> None:
    odd = {
        path: found for path, data in hostile.tree().items() if (found := odd_in(data.decode(), set("\u202d\u202e")))
    }

    assert odd == {}
    assert all(re.fullmatch(r"[a-z0-9/._-]+", path) for path in hostile.tree())


def test_titles_stand_in_pages_as_text_once_decoded(hostile: Built) -> None:
    page = hostile.page("17.md")

    assert "<h1>&lt;img src=x onerror=alert(1)&gt;雨</h1>" in re.sub(r"<h1[^>]*>", "<h1>", page)
    assert "&amp;lt;img src=x" in hostile.page("18.md")


def test_what_machines_read_can_be_read_and_says_the_same(hostile: Built) -> None:
    titles = {row["url"]: row["title"] for row in hostile.ledger.values()}
    for url, title in titles.items():
        (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', (hostile.output / url).read_text())
        assert json.loads(data)["headline"] == title
        assert "<" not in data
    for path, data in hostile.tree().items():
        if path.endswith(".xml"):
            ElementTree.fromstring(data)
    catalogue = [json.loads(line) for line in (hostile.output / "catalog.jsonl").read_text("utf-8").split("\n")[:-1]]
    assert {row["url"]: row["title"] for row in catalogue} == titles
    assert json.loads((hostile.output / "feed.json").read_text("utf-8"))["items"]


def test_the_ledger_and_the_builds_own_words_move_no_cursor(hostile: Built) -> None:
    assert odd_in(hostile.said) == set()
    assert odd_in((hostile.cache / "ledger.jsonl").read_text("utf-8")) == set()


COMMANDS = [
    ["explain", "content/04.md"],
    ["explain", "content/换\n行.md"],
    ["explain", "content/\x1b[31m红.md"],
    ["explain", "content/\x1b[2Jnowhere.md"],
    ["check-content", "content"],
    ["check-content", "content", "--format", "github"],
    ["check-content", "content", "--format", "json"],
    ["clean-report", "content"],
    ["rules", "new", "层\x1b[31mred\x1b]0;title\x07 雨"],
    ["search", "output", "雨"],
    ["search", "output", "雨", "--json"],
    ["search", "output", "\x1b[31m\u202e"],
    ["search", "no\x1b[2Jwhere", "雨"],
    ["check-site", "output", "--json"],
    ["check-site", "no\x1b[2Jwhere"],
    ["summary", "content", "output"],
    ["import", "hexo", "\x1b[2J", "site"],
    ["\x1b[2J"],
    ["summary", "--\x1b[2J"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command).encode("unicode_escape").decode())
def test_no_command_prints_what_moves_a_cursor(hostile: Built, command: list[str]) -> None:
    said = newsarchive(hostile, *command)

    assert odd_in(said) == set()
    assert "Traceback" not in said
    if "json" in command[-1]:
        json.loads(said)


def newsarchive(built: Built, *command: str) -> str:
    """What a command prints, both ways."""
    program = Path(sys.executable).with_name("newsarchive")
    done = subprocess.run(
        [str(program), *command], cwd=built.output.parent, capture_output=True, check=False, env={**os.environ}
    )
    return (done.stdout + done.stderr).decode()
