"""The larger corpora beside the project, where they are at hand: seeds, broken files, the development corpus."""

from __future__ import annotations

import json
import re
import shutil
import tarfile
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import Built, build_site


@pytest.fixture(scope="module")
def broken(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """All broken files together with the five seeds, in one build."""
    work = tmp_path_factory.mktemp("broken")
    with tarfile.open(shared / "security/badinputs/files.tar.gz") as archive:
        archive.extractall(work, filter="fully_trusted")  # absolute links are part of what is tested
    content = work / "content"
    (work / "files").rename(content)
    for seed in (shared / "seeds").glob("*.md"):
        shutil.copy(seed, content)
    return build_site(content, work)


@pytest.fixture(scope="module")
def expected(shared: Path) -> list[dict[str, Any]]:
    """What must become of each broken file."""
    cases: list[dict[str, Any]] = json.loads((shared / "security/badinputs/expected.json").read_text("utf-8"))
    return cases


def test_every_broken_file_has_the_outcome_that_is_expected(broken: Built, expected: list[dict[str, Any]]) -> None:
    ledger = broken.ledger
    present = [case for case in expected if case["file"] in ledger]

    wrong = {
        case["file"]: (case["outcome"], ledger[case["file"]]["status"], ledger[case["file"]]["reason"])
        for case in present
        if (case["outcome"] == "publish" and ledger[case["file"]]["status"] == "rejected")
        or (case["outcome"] == "report" and ledger[case["file"]]["status"] != "rejected")
    }
    assert len(present) >= 112
    assert wrong == {}


def test_good_files_beside_broken_ones_are_published(broken: Built) -> None:
    seeds = [row for source, row in broken.ledger.items() if re.match(r"00\d_", source)]

    assert broken.exit_code == 0
    assert "Traceback" not in broken.said
    assert [row["status"] for row in seeds] == ["published"] * 5


def test_titles_come_out_as_expected(broken: Built, expected: list[dict[str, Any]]) -> None:
    wanted = {
        case["file"]: match[1]
        for case in expected
        if case["outcome"] == "publish" and (match := re.match(r"title == ([^;,]+)$", case["must"]))
    }

    titles = {file: broken.ledger[file]["title"] for file in wanted}
    assert len(wanted) > 5
    assert titles == wanted


TRUTHS: dict[str, Callable[[str, str], bool]] = {
    "a08_crlf.md": lambda page, body: "\r" not in page,
    "a18_nul_in_body.md": lambda page, body: "前后" in body or "前�后" in body,
    "a24_invalid_utf8_bytes.md": lambda page, body: "好的" in body and "还是好的" in body,
    "a38_title_hash.md": lambda page, body: "#热点 #编程</h1>" in page,
    "a44_title_octal.md": lambda page, body: ">0123</h1>" in page,
    "a46_title_no.md": lambda page, body: ">No</h1>" in page,
    "b02_rfc822_offset.md": lambda page, body: 'datetime="2022-07-27T10:31:25+08:00"' in page,
    "b04_iso_offset_ms.md": lambda page, body: 'datetime="2022-07-27T10:31:25+08:00"' in page,
    "b06_date_only.md": lambda page, body: 'datetime="2021-10-10T' in page,
    "b08_epoch.md": lambda page, body: 'datetime="2021-10-10T11:06:15+08:00"' in page,
    "b10_chinese.md": lambda page, body: 'datetime="2021-10-10T11:06:00+08:00"' in page,
    "b12_relative_minutes.md": lambda page, body: "未注明日期" in page,
    "b18_empty.md": lambda page, body: "未注明日期" in page,
    "b24_unix_date.md": lambda page, body: 'datetime="2021-10-10T11:06:15+08:00"' in page,
    "b26_date_missing.md": lambda page, body: "未注明日期" in page,
    "d10_rlo.md": lambda page, body: "\u202e" not in page,
    "d22_html_entities.md": lambda page, body: "AT&amp;T &lt;b&gt; &#39;引&#39;</h1>" in page,
    "d28_rtl.md": lambda page, body: '<h1 dir="auto">' in page,
    "e02_data.md": lambda page, body: "data:image/svg" not in page,
    "e06_http.md": lambda page, body: "http://e.com" not in page,
    "e10_unc.md": lambda page, body: "evil" not in page,
    "e14_metadata.md": lambda page, body: "169.254" not in page,
    "e20_html_entity.md": lambda page, body: 'src="https://e.com/a.png?x=1&amp;y=2"' in page,
    "g08_plaintext.md": lambda page, body: "后" in body and "<footer" in page,
    "g10_nested_10000.md": lambda page, body: "最深处的文字" in body,
    "g12_only_image.md": lambda page, body: "https://n.sinaimg.cn/only.jpg" in body,
    "g14_only_video.md": lambda page, body: 'href="https://e.com/a.mp4"' in body,
    "g16_escaped_html.md": lambda page, body: "&lt;p&gt;被转义的 HTML&lt;/p&gt;" in body,
    "g18_lazy_images.md": lambda page, body: all(f"/{name}.jpg" in body for name in ("real", "real2", "real3")),
    "g20_table.md": lambda page, body: "<table" in body,
    "g22_hexo_braces.md": lambda page, body: "color:red" not in page,
    "g24_nbsp_indent.md": lambda page, body: "<p>全角缩进</p>" in body,
    "g26_svg_icons.md": lambda page, body: "<svg" not in body and "分享" in body,
    "g30_base_meta.md": lambda page, body: "正文" in body and "evil.example" not in page,
    "g32_html_doc.md": lambda page, body: "整页正文" in body,
    "g36_empty_paragraphs.md": lambda page, body: body.count("<p>") == 2 and "https://e.com/a.jpg" in body,
}  # fmt: skip


@pytest.mark.parametrize("file", TRUTHS)
def test_the_page_of_a_broken_file_says_what_it_must(broken: Built, file: str) -> None:
    page, body = broken.page(file), broken.body(file)

    assert TRUTHS[file](page, body), body[:500]


def test_every_page_is_valid_utf8_without_control_characters_and_bidi_overrides(broken: Built) -> None:
    for path, data in broken.tree().items():
        text = data.decode("utf-8")

        odd = {char for char in text if unicodedata.category(char) == "Cc" and char != "\n"} | set(text) & set(
            "\u202a\u202d\u202e"
        )
        assert not odd, f"{path}: {odd}"


def test_nothing_is_written_outside_output_and_cache(broken: Built) -> None:
    beside = {path.name for path in broken.output.parent.iterdir()}

    assert beside == {"content", "output", "cache"}
    assert not list(Path("/tmp").glob("pwned*"))
    assert all(re.fullmatch(r"[a-z0-9/._-]+", path) for path in broken.tree())
    assert not [path for path in broken.tree() if any(part.startswith(".") for part in path.split("/"))]


def test_a_second_build_of_broken_files_is_the_same_to_the_byte(broken: Built, tmp_path: Path) -> None:
    again = build_site(broken.content, tmp_path)

    assert again.tree() == broken.tree()
    assert (again.cache / "ledger.jsonl").read_bytes() == (broken.cache / "ledger.jsonl").read_bytes()


def test_the_development_corpus_is_read_with_nothing_lost(shared: Path, tmp_path: Path) -> None:
    built = build_site(shared / "corpus/dev", tmp_path)

    rows = built.ledger.values()
    assert built.exit_code == 0
    assert len(rows) == 1120
    assert [row["reason"] for row in rows if row["status"] == "rejected"] == []
    assert len({row["url"] for row in rows if row["status"] == "published"}) == sum(
        r["status"] == "published" for r in rows
    )


def test_the_seeds_are_five_articles_without_any_of_their_junk(shared: Path, tmp_path: Path) -> None:
    built = build_site(shared / "seeds", tmp_path)

    assert built.exit_code == 0
    assert "5 files: 5 published, 0 merged, 0 rejected" in built.said
    for source in built.ledger:
        for junk in ("责任编辑", "海量资讯", "原标题", "开户", "维权", "realstock", "343233024"):
            assert junk not in built.body(source), source
