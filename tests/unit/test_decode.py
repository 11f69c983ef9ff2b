"""Bytes become text: what is known of the encoding decides, and what is torn is kept."""

from __future__ import annotations

import codecs
import random

import pytest

from newsarchive.diagnostics import RejectedFile
from newsarchive.read.decode import decode

CHINESE = (
    "北京“两区”建设发力全球跨境推介，入库境外企业已达256家。据介绍，近五十家高端服务企业有关负责人参加此次对接会。"
)
TAIWANESE = (
    "臺灣積體電路製造公司今日宣布，將在高雄興建新的晶圓廠，預計明年動工，後年開始量產。"
    "市府表示歡迎，並將協助處理用水的問題。"
)
JAPANESE = (
    "東京都は今日、新しい計画を発表しました。これにより、来年から電車の運賃が変わる予定です。"
    "カタカナのニュースもあります。"
)
KOREAN = "서울시는 오늘 새로운 계획을 발표했다. 내년부터 대중교통 요금이 바뀔 예정이다."
FRENCH = "---\ntitle: café\n---\nUne résumé naïf de l’été à Orléans, où “rien” n’est arrêté."


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_decides_the_encoding_and_is_no_part_of_the_text(mark: bytes, encoding: str) -> None:
    text, diagnostics = decode(mark + f"{CHINESE}👍".encode(encoding), "a.md")

    assert (text, diagnostics) == (f"{CHINESE}👍", [])


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CHINESE, "gb18030"),
        (TAIWANESE, "big5"),
        (JAPANESE, "shift_jis"),
        (KOREAN, "euc_kr"),
        (FRENCH, "cp1252"),
    ],
)
def test_a_legacy_encoding_is_recognised_and_said(text: str, encoding: str) -> None:
    found, diagnostics = decode(text.encode(encoding), "a.md")

    assert found == text
    assert [(diagnostic.code, diagnostic.location) for diagnostic in diagnostics] == [("legacy-encoding", "a.md")]


def test_gb18030_among_much_markup_is_recognised() -> None:
    page = "---\ntitle: t\n---\n<div>" + "<p>x</p>" * 200 + CHINESE + "</div>"

    assert decode(page.encode("gb18030"), "a.md")[0] == page


def test_a_character_torn_in_half_is_marked_and_the_rest_kept() -> None:
    torn = CHINESE.encode()[:-1]

    text, diagnostics = decode(torn, "a.md")

    assert text == CHINESE[:-1] + "\ufffd"
    assert [diagnostic.code for diagnostic in diagnostics] == ["damaged-text"]


def test_a_few_torn_characters_do_not_turn_a_short_text_into_another_encoding() -> None:
    torn = "北京要闻快讯".encode().replace("京".encode(), "京".encode()[:2]).replace("快".encode(), "快".encode()[:2])

    assert decode(torn, "a.md")[0] == "北\ufffd要闻\ufffd讯"


def test_a_surrogate_pair_in_three_bytes_each_is_no_reason_to_lose_the_article() -> None:
    cesu8 = (CHINESE + "\ud83d\ude00").encode("utf-8", "surrogatepass")

    text, diagnostics = decode(cesu8, "a.md")

    assert text.startswith(CHINESE)
    assert [diagnostic.code for diagnostic in diagnostics] == ["damaged-text"]


def test_a_text_full_of_such_pairs_is_kept_too() -> None:
    cesu8 = ("\ud83d\ude00" * 20 + CHINESE).encode("utf-8", "surrogatepass")

    assert decode(cesu8, "a.md")[0].endswith(CHINESE)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 8, id="png"),
        pytest.param(b"\xff\xd8\xff\xe0\0\x10JFIF\0" + random.Random(2).randbytes(3000), id="jpeg"),
        pytest.param(random.Random(1).randbytes(2000), id="noise"),
    ],
)
def test_what_is_no_text_is_rejected_with_a_repair(data: bytes) -> None:
    with pytest.raises(RejectedFile, match=r"^a\.md: not text in any known encoding — remove it") as rejection:
        decode(data, "a.md")

    assert rejection.value.diagnostic.code == "not-text"


def test_line_ends_of_every_system_become_one() -> None:
    assert decode(b"a\r\nb\rc\nd", "a.md") == ("a\nb\nc\nd", [])


def test_control_characters_and_what_unicode_calls_no_character_are_gone() -> None:
    found = "a\x00b\x07c\x1bd\x0be\tf\x7fg\x85h\ufdd0i\uffffj"

    assert decode(found.encode(), "a.md") == ("abcde\tfghij", [])
