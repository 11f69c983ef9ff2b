"""A summary is the first whole sentences, as long as is wanted; words are counted in every script."""

from __future__ import annotations

import pytest

from newsarchive.describe.summaries import count_words, reading_minutes, summarise


@pytest.mark.parametrize(
    ("text", "wanted", "summary"),
    [
        ("第一句。第二句！第三句？", 20, "第一句。第二句！第三句？"),
        ("第一句。第二句！第三句？", 8, "第一句。第二句！"),
        ("第一句。第二句！第三句？", 1, "第一句。"[:1] + "…"),
        ("他说：“好。”然后走了。", 5, "他说：“好。”"),
        ("It was 3.5 per cent. Then it fell.", 20, "It was 3.5 per cent."),
        ("First line, no stop\nSecond line here", 80, "First line, no stop Second line here"),
        (
            "第一行没有句号而且很长很长\n第二行也没有句号而且很长",
            80,
            "第一行没有句号而且很长很长第二行也没有句号而且很长",
        ),
        ("短", 50, "短"),
        ("", 50, ""),
        ("\n\n", 50, ""),
    ],
)
def test_a_summary_is_whole_sentences(text: str, wanted: int, summary: str) -> None:
    assert summarise(text, wanted) == summary


def test_a_place_or_a_date_at_the_head_is_no_summary() -> None:
    assert summarise("北京\n2021年10月\n新华社北京七月二十七日电。", 50) == "新华社北京七月二十七日电。"


def test_a_sentence_that_is_too_long_is_cut_at_a_comma() -> None:
    summary = summarise("今天的天气非常好，" * 40, 50)

    assert summary == ("今天的天气非常好，" * 8).rstrip("，") + "…"


def test_a_word_without_end_is_cut_anyhow() -> None:
    assert summarise("a" * 10_000, 20) == "a" * 30 + "…"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("北京市", 3),
        ("北京 hello world", 4),
        ("don't stop-it", 2),
        ("カタカナ", 4),
        ("한국어", 3),
        ("snake_case", 2),
        ("，。…— 。", 0),
        ("", 0),
    ],
)
def test_every_han_character_and_every_latin_word_counts(text: str, words: int) -> None:
    assert count_words(text) == words


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (390, 1), (780, 2), (3_900, 10)])
def test_reading_takes_a_minute_at_least(words: int, minutes: int) -> None:
    assert reading_minutes(words) == minutes
