"""Only what pages show is fetched: images of clean bodies, and lead images."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import write_files
from newsarchive.commands.main import main

PROSE = "这一段说了许多话，足够长，不会被当成多余的东西。"


def page(number: int, body: str, front: str = "") -> str:
    return (
        f"-- {number}.md --\n---\ntitle: 第{number}篇\ncategories:\n - 财经\n - 晨报\ndate: 2021-10-10\n{front}---\n\n"
        f"<div>\n<p>第 {number} 篇。{PROSE}</p>\n{body}\n<p>{PROSE * 2}第 {number} 篇的尾声。</p></div>\n"
    )


def would_fetch(content: Path, capsys: pytest.CaptureFixture[str]) -> set[str]:
    """Hosts of the images that would be fetched: in these tests each image has its own."""
    main(["images", str(content), "--dry-run"])
    return {line.split()[1] for line in capsys.readouterr().out.splitlines()[1:]}


def test_junk_hidden_and_inline_images_are_not_fetched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = (
        '<img src="https://shown.example/a.jpg"><img data-src="https://lazy.example/a.jpg" src="https://x.example/1x1.gif">'
        '<div style="display:none"><img src="https://hidden.example/a.jpg"></div>'
        '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><img src="http://192.168.1.1/a.jpg">'
    )
    content = write_files(tmp_path / "content", page(1, body))

    assert would_fetch(content, capsys) == {"shown.example", "lazy.example"}


def test_a_image_that_the_source_repeats_is_not_fetched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pages = (
        page(
            n, f'<img src="https://own{n}.example/a.jpg"><p>{PROSE}之 {n}</p><img src="https://all.example/follow.jpg">'
        )
        for n in range(5)
    )
    content = write_files(tmp_path / "content", "".join(pages))

    assert would_fetch(content, capsys) == {f"own{n}.example" for n in range(5)}


def test_the_image_of_the_front_matter_counts_where_the_body_has_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    front = "thumbnail: https://named{}.example/a.jpg\nheadimg: https://picsum.photos/400/300?random=1\n"
    shown = page(1, "", front.format(1)) + page(2, '<img src="https://body.example/a.jpg">', front.format(2))
    content = write_files(tmp_path / "content", shown)

    assert would_fetch(content, capsys) == {"named1.example", "body.example"}


def test_the_folder_of_images_holds_no_articles(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = write_files(tmp_path / "content", page(1, "").replace("1.md", "media/1.md", 1))

    assert would_fetch(content, capsys) == set()
    main(["check-content", str(content)])
    assert capsys.readouterr().out == "0 files: 0 errors, 0 warnings, 0 withheld\n"


def test_the_folder_of_images_may_lie_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = write_files(tmp_path / "content", page(1, ""))
    elsewhere = tmp_path / "elsewhere"
    write_files(elsewhere, '-- manifest.jsonl --\n{"address":"https://a.example/1.jpg"}\n')
    (tmp_path / "conf.py").write_text(f"NEWSARCHIVE_MEDIA_PATH = {str(elsewhere)!r}\n", "utf-8")

    status = main(["images", str(content), "--settings", str(tmp_path / "conf.py"), "--dry-run"])

    assert status == 1
    assert f"{elsewhere / 'manifest.jsonl'}:1: " in capsys.readouterr().err
