from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.describe import keywords, word_segmentation
from newsarchive.describe.word_segmentation import is_whole_word

QUANTUM = (
    "中科院展示新的量子计算原型机",
    "中科院的团队展示了一台量子计算原型机。量子计算被认为是下一代技术，谷歌和 IBM 也在研究量子计算。"
    "记者了解到，这台原型机今年在合肥组装，公司表示量子计算的成本仍然很高。",
)

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=200)  # lone surrogates too
PIECES = "量子 计算 特斯拉 的 記者 臺灣 半導體 Windows 11 fonts font of 2.0 A股 猪"
MARKS = "《 》 “ ” 「 」 ， 。 · @ _ https:// \u0130 😀"
LIKE_NEWS = st.lists(st.sampled_from([*PIECES.split(), *MARKS.split(), " ", "  ", "\n", "\u202e"]), max_size=60).map(
    "".join
)

LEFTOVERS = """
2022年9月26日 9.26 1.5万人 100% 2022-09-26 10:30 我 龍 X NT$211 https://t.co/SzAJf3AcDv https___t.co_SzAJf3AcDv
www.example.com/a?b=c news@example.com example.com @undefined @大道无形我有型 &nbsp; …… ★★★★★ \u202e\u200b 😀 __
""".split()

HOSTILE = [
    *("", "好", "a", " ", "\n", "\x00\x01\x7f", "\ud800量子", "שלום עולם", "\u202eabc\u202c"),
    *("字" * 100_000, "x" * 100_000, "@" * 100_000, "a." * 50_000, "《" * 100_000, "👨‍👩‍👧‍👦" * 1000, "\u0130" * 1000),
]


def derive_keywords(title: str, text: str, limit: int) -> tuple[str, ...]:
    """Those of one article."""
    return keywords.derive_keywords([(title, text)], limit)[0]


# One article, one answer


@given(st.lists(st.tuples(LIKE_NEWS, st.one_of(ANYTHING, LIKE_NEWS)), max_size=3))
def test_an_article_has_the_keywords_it_would_have_alone(articles: list[tuple[str, str]]) -> None:
    assert keywords.derive_keywords(articles, 5) == [derive_keywords(*article, 5) for article in articles]


def test_an_article_keeps_its_keywords_whatever_else_is_in_the_archive() -> None:
    before = derive_keywords(*QUANTUM, 5)

    for number in range(50):
        derive_keywords(f"量子力学第{number}讲", "量子 计算 原型机 " * number, 5)

    assert derive_keywords(*QUANTUM, 5) == before


@pytest.mark.parametrize("seed", ["1", "2"])
def test_every_process_finds_the_same_keywords(seed: str) -> None:
    script = f"from newsarchive.describe.keywords import *; print(*derive_keywords([{QUANTUM!r}], 5)[0])"
    environment = os.environ | {
        "PYTHONHASHSEED": seed,
        "PYTHONIOENCODING": "utf-8",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }

    printed = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=True)

    assert tuple(printed.stdout.decode("utf-8").split()) == derive_keywords(*QUANTUM, 5)


def test_importing_the_module_loads_no_dictionary() -> None:
    script = "import sys, newsarchive.describe.keywords; print('rjieba' in sys.modules or 'opencc' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}

    printed = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, check=True, text=True
    )

    assert printed.stdout.strip() == "False"


# What becomes a keyword


def test_words_that_keep_standing_together_are_one_name() -> None:
    found = derive_keywords(*QUANTUM, 5)

    assert found[0] == "量子计算"
    assert not {"量子", "计算"} & set(found)


def test_a_word_that_hardly_stands_without_a_name_leaves_its_place_to_it() -> None:
    found = derive_keywords("", "量子计算是什么？量子计算很快，量子计算很贵。量子很小。", 5)

    assert found[0] == "量子计算"
    assert "量子" not in found


def test_a_word_that_stands_only_in_several_names_is_none() -> None:
    found = derive_keywords("科达制造、科达机电", "科达制造很大。科达机电很小。科达制造，科达机电。", 5)

    assert {"科达制造", "科达机电"} <= set(found)
    assert "科达" not in found


def test_the_verb_before_a_name_is_no_part_of_it() -> None:
    found = derive_keywords("受理轩竹生物", "日前受理轩竹生物的申请。", 5)

    assert "轩竹生物" in found


def test_a_latin_name_goes_before_a_common_noun() -> None:
    assert derive_keywords("", "kerning by Monotype, kerning by Monotype", 1) == ("Monotype",)


def test_a_name_that_stands_there_once_is_not_made_of_chance_neighbours() -> None:
    found = derive_keywords("", "特斯拉股价上涨。分析师看好特斯拉，投资者买进特斯拉。", 8)

    assert "特斯拉" in found
    assert not any("特斯拉" in keyword and keyword != "特斯拉" for keyword in found)


def test_what_the_title_says_once_goes_before_what_the_text_says_twice() -> None:
    assert derive_keywords("台湾", "香港，香港。", 2) == ("台湾", "香港")
    assert derive_keywords("香港", "台湾，台湾。", 2) == ("香港", "台湾")


def test_a_title_that_the_body_repeats_counts_once() -> None:
    title = "特斯拉人形机器人原型机亮相"

    assert derive_keywords(title, title, 5) == derive_keywords(title, "", 5)


def test_the_title_of_a_work_is_a_keyword_whole() -> None:
    assert derive_keywords("马云三刷《绿皮书》", "《绿皮书》今日公映。", 3)[0] == "绿皮书"
    assert derive_keywords("《純愛不協和音》收視報告", "", 3)[0] == "純愛不協和音"
    assert derive_keywords("《 男友降臨！ 》預告", "", 3)[0] == "男友降臨"


def test_a_title_with_a_hidden_character_in_it_is_no_keyword() -> None:
    found = derive_keywords("《純愛\u202e不協和音》收視報告", "", 3)

    assert all(keyword.isprintable() for keyword in found)


def test_a_new_coinage_in_quotation_marks_is_a_keyword_when_it_comes_back() -> None:
    text = "什么是“带押过户”？有关人士介绍，“带押过户”简化了二手房交易。"

    assert "带押过户" in derive_keywords("多地推行新政", text, 3)


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("科达制造：筹划分拆", "科达制造公告，拟分拆子公司。", "科达制造"),
        ("捷邦科技为宁德时代供货", "捷邦科技在平台表示，宁德时代已开始测试。", "宁德时代"),
        ("台積電擴建晶圓廠", "台積電表示，晶圓廠將於明年完工。台積電股價上漲。", "晶圓廠"),
        ("臺灣半導體產業", "半導體產業協會說，半導體需求回升。", "半導體"),
        ("How machines learn", "The neural networks learn. Neural networks are layers.", "neural networks"),
        ("The Turing Award", "Yoshua Bengio worked in Montreal. Yoshua Bengio taught there.", "Yoshua Bengio"),
        ("Game of War", "", "Game of War"),
        ("荣耀X40发布", "荣耀X40采用曲屏，荣耀X40今日开售。", "荣耀X40"),
        ("在 Mac 上安装 Windows 11", "Windows 11 已支持 ARM。", "Windows 11"),
        ("Café Müller 回到北京", "Café Müller 上演。", "Café Müller"),
        ("ＡＩ 写作", "用ＡＩ写作。", "ＡＩ"),
        ("XtraBackup 教程", "XtraBackup 可以备份 MySQL5.1 的数据。", "MySQL"),
    ],
)
def test_names_are_found_in_every_script(title: str, text: str, expected: str) -> None:
    assert expected in derive_keywords(title, text, 5)


def test_one_noun_in_singular_and_plural_is_one_keyword() -> None:
    found = derive_keywords("Fonts", "A font is not a typeface. Which fonts does a font family hold?", 5)

    assert [keyword.lower() for keyword in found].count("fonts") == 1
    assert "font" not in found


# What does not


@pytest.mark.parametrize(
    "word", ["记者", "公司", "今年", "表示", "记者了解到", "原文链接", "編輯", "the", "Today", "undefined"]
)
def test_words_that_say_nothing_are_never_keywords(word: str) -> None:
    found = derive_keywords(word, f"{word}，{word}。{word} {word}", 8)

    assert found == ()


@pytest.mark.parametrize("junk", LEFTOVERS)
def test_numbers_dates_single_characters_and_leftovers_are_never_keywords(junk: str) -> None:
    assert derive_keywords(junk, f"{junk}\n{junk}", 8) == ()


def test_a_keyword_neither_contains_another_nor_begins_with_its_end() -> None:
    found = derive_keywords("化石能源与能源项目", "化石能源很贵。能源项目很多。化石能源，能源项目。", 8)

    assert sum("能源" in keyword for keyword in found) == 1


def test_weak_words_do_not_fill_up_the_list() -> None:
    text = "特斯拉" + "，特斯拉" * 20 + "。天色渐暗，院子里有人走过。"

    assert derive_keywords("特斯拉", text, 8) == ("特斯拉",)


# Bounds


@pytest.mark.parametrize("limit", [-1, 0, 1, 2, 3])
def test_no_more_keywords_than_asked_for(limit: int) -> None:
    found = derive_keywords("比亚迪、宁德时代、特斯拉、华为、小米", "", limit)

    assert len(found) == max(limit, 0)


def test_a_smaller_limit_gives_the_first_of_the_same_keywords() -> None:
    assert derive_keywords(*QUANTUM, 2) == derive_keywords(*QUANTUM, 5)[:2]


def test_what_stands_far_behind_in_a_long_text_changes_nothing() -> None:
    news = QUANTUM[1] + "天气晴朗。" * 200

    assert derive_keywords(QUANTUM[0], news + "特斯拉" * 100, 5) == derive_keywords(QUANTUM[0], news, 5)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_costs_little_and_raises_nothing(text: str) -> None:
    derive_keywords("预热", "", 1)
    start = time.process_time()

    found = derive_keywords(text, text, 8)

    assert len(found) <= 8
    assert time.process_time() - start < 0.25  # two hundred times the usual


@given(st.one_of(ANYTHING, LIKE_NEWS), st.one_of(ANYTHING, LIKE_NEWS), st.integers(-1, 9))
def test_every_keyword_stands_in_the_title_or_the_text(title: str, text: str, limit: int) -> None:
    found = derive_keywords(title, text, limit)

    assert len(found) <= max(limit, 0)
    assert len(set(found)) == len(found)
    for keyword in found:
        assert keyword in title or keyword in text
        assert keyword == keyword.strip()
        assert len(keyword) > 1
        assert keyword.isprintable()


# Whole words


@pytest.mark.parametrize(
    ("before", "word", "after", "whole"),
    [
        ("比重保持在6%左右，在国际创", "新城市", "中名列前位。", False),
        ("突破；", "招商银行", "北京分行", True),
        ("宣布与", "招商银行", "合作", True),
        ("国际创新", "城市", "中", True),
        ("國際創", "新城市", "中名列前位", False),
        ("引进战投", "赣锋锂业", "。", True),
        ("", "中国平安", "", True),
        ("MA", "IN", "", False),
        ("用 ", "AI", " 写作", True),
        ("一", "", "二", False),
        ("一" * 100_000, "北京", "二" * 100_000, True),
    ],
)
def test_a_word_is_whole_when_no_other_word_reaches_into_it(before: str, word: str, after: str, whole: bool) -> None:
    assert is_whole_word(word, before, after) is whole


@given(st.text(st.sampled_from("招商银行北京分新城市創國際灣一的"), min_size=1, max_size=8))
def test_what_stands_between_commas_is_whole(word: str) -> None:
    assert is_whole_word(word, "在突破，", "，北京")


@given(ANYTHING, ANYTHING, ANYTHING)
def test_no_context_raises(word: str, before: str, after: str) -> None:
    assert is_whole_word(word, before, after) in {True, False}


def test_the_speed_that_ten_thousand_articles_need() -> None:
    texts = [QUANTUM[1] + f"第{number}台" * 3 + "合肥、谷歌、芯片与晶圆厂。" * 100 for number in range(40)]
    derive_keywords(*QUANTUM, 5)
    start = time.process_time()

    for text in texts:
        derive_keywords(QUANTUM[0], text[:1500], 5)

    assert (time.process_time() - start) / len(texts) < 0.01  # about 0.001 on the machine where this was written


def test_the_words_that_say_nothing_are_written_as_the_segmenter_sees_them() -> None:
    word_lists = word_segmentation._word_lists()

    assert all(
        word == word.translate(word_segmentation._folding_table())
        for word in word_lists["stop_words"] | word_lists["generic_words"]
    )
    assert not word_lists["stop_words"] & word_lists["generic_words"]
