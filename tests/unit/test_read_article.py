"""One file becomes a raw article, or is rejected with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsarchive.diagnostics import Diagnostic, RejectedFile
from newsarchive.models import RawArticle
from newsarchive.read import read_article
from newsarchive.read.find import FoundFile

CRAWLED = "\n---\ntitle: '甲'\ncategories: \n - 财经\n - 晨报\nauthor: 晨报\n---\n\n<div>   \n<p>正文</p></div>  "


def read(tmp_path: Path, data: bytes, max_bytes: int = 1_000) -> RawArticle:
    """The article in a file of these bytes."""
    path = tmp_path / "a.md"
    path.write_bytes(data)
    return read_article(FoundFile(str(path), "财经/a.md"), max_bytes)


def test_a_crawled_file_is_read(tmp_path: Path) -> None:
    raw = read(tmp_path, CRAWLED.encode())

    assert (raw.source, raw.title, raw.categories, raw.text("author")) == ("财经/a.md", "甲", ("财经", "晨报"), "晨报")
    assert raw.body.strip() == "<div>   \n<p>正文</p></div>"
    assert raw.diagnostics == ()


def test_problems_of_the_bytes_and_of_the_front_matter_are_both_told(tmp_path: Path) -> None:
    raw = read(
        tmp_path, "---\ntitle: 北京要全力支持北交所做大做强\n\n<p>会议指出，今年重点任务。</p>".encode("gb18030")
    )

    assert [diagnostic.code for diagnostic in raw.diagnostics] == ["legacy-encoding", "front-matter"]
    assert raw.title == "北京要全力支持北交所做大做强"


def test_a_key_that_is_missing_is_empty(tmp_path: Path) -> None:
    raw = read(tmp_path, b"<p>x</p>")

    assert (raw.title, raw.categories, raw.text("date")) == ("", (), "")


def test_a_list_where_a_text_was_meant_is_its_words(tmp_path: Path) -> None:
    raw = read(tmp_path, "---\nauthor: [甲, 乙]\n---\n".encode())

    assert raw.text("author") == "甲 乙"


def test_one_category_is_a_path_of_one(tmp_path: Path) -> None:
    assert read(tmp_path, "---\ncategory: 财经\n---\n".encode()).categories == ("财经",)


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n "])
def test_an_empty_file_is_rejected(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(RejectedFile, match=r"^财经/a\.md: file is empty — delete it"):
        read(tmp_path, data)


def test_a_file_is_too_large_by_one_byte(tmp_path: Path) -> None:
    read(tmp_path, b"x" * 1_000)

    with pytest.raises(RejectedFile, match=r"larger than 1,000 bytes — raise NEWSARCHIVE_MAX_FILE_BYTES"):
        read(tmp_path, b"x" * 1_001)


def test_a_file_that_is_gone_by_now_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(RejectedFile, match=r"^a\.md: file cannot be read: No such file or directory — ") as rejection:
        read_article(FoundFile(str(tmp_path / "a.md"), "a.md"), 1_000)

    assert rejection.value.diagnostic.code == "unreadable"


def test_a_file_that_cannot_be_an_article_is_not_opened(tmp_path: Path) -> None:
    diagnostic = Diagnostic("not-an-article", "a.txt", "articles end in .md", "rename it")

    with pytest.raises(RejectedFile) as rejection:
        read_article(FoundFile(str(tmp_path / "a.txt"), "a.txt", diagnostic), 1_000)

    assert rejection.value.diagnostic is diagnostic
